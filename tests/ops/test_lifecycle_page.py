"""The page of phases and verbs is the table in the code."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ops.management.commands.lifecycle import working_verbs
from serving.rules.lifecycle import Phase, RolloutKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"


def test_the_page_is_as_the_code_says() -> None:
    out = StringIO()
    call_command("lifecycle", stdout=out)
    assert PAGE.read_text() == out.getvalue(), "manage.py lifecycle > docs/lifecycle.md"


@pytest.mark.parametrize(
    ("kind", "phase", "expected"),
    [
        (RolloutKind.DEPLOY, Phase.PROGRESSING, ["pause", "abort", "promote"]),
        (RolloutKind.DEPLOY, Phase.PAUSED, ["resume", "abort", "promote"]),
        (RolloutKind.SCALE, Phase.PROGRESSING, ["abort"]),
        (RolloutKind.DECOMMISSION, Phase.PROGRESSING, []),
        (RolloutKind.ROLLBACK, Phase.ROLLING_BACK, []),
        (RolloutKind.RESTART, Phase.ABORTED, ["retry"]),
        (RolloutKind.DEPLOY, Phase.SUCCEEDED, []),
    ],
)
def test_verbs_work_where_the_rules_let_them(
    kind: RolloutKind, phase: Phase, expected: list[str]
) -> None:
    assert list(working_verbs(kind, phase)) == expected
