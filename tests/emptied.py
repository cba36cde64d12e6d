"""Lets the tests that commit be followed by an empty audit, which the database refuses."""

from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

TABLES = ("audit_auditevent", "audit_auditlink")


@pytest.fixture(scope="session", autouse=True)
def audit_is_emptied_between_tests(monkeypatch_session: pytest.MonkeyPatch) -> None:
    """Switch our triggers off for as long as Django empties all tables."""
    flushed = DatabaseOperations.sql_flush

    def sql_flush(*args: Any, **options: Any) -> list[str]:
        off, on = (
            [f"ALTER TABLE {table} {verb} TRIGGER USER" for table in TABLES]
            for verb in ("DISABLE", "ENABLE")
        )
        return [*off, *flushed(*args, **options), *on]

    monkeypatch_session.setattr(DatabaseOperations, "sql_flush", sql_flush)
