"""Migrations on a database that is in use."""

import threading
import time

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ops.management.commands import migrate

TABLE = "serving_modelservice"


def held(seconds: float) -> threading.Thread:
    """Hold a writer's lock of a table in another session for some time."""
    ready = threading.Event()
    parameters = connection.get_connection_params()
    address = {
        name: parameters[name]
        for name in ("dbname", "user", "host", "port", "password")
        if parameters.get(name)
    }

    def hold() -> None:
        with psycopg.connect(**address) as session:
            session.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
            ready.set()
            time.sleep(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(10)
    return thread


@pytest.fixture
def one_back(transactional_db):
    """Be one migration behind, and up to date afterwards."""
    call_command("migrate", "serving", "0007", verbosity=0)
    yield
    call_command("migrate", verbosity=0)


def test_a_migration_waits_for_a_lock_a_little_and_again(one_back, monkeypatch, capsys):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.1)
    writer = held(1.0)
    call_command("migrate", verbosity=0)
    writer.join()
    assert "trying again" in capsys.readouterr().err


def test_a_lock_that_is_never_given_up_is_said(one_back, monkeypatch):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    writer = held(1.5)
    with pytest.raises(CommandError, match="lock was held"):
        call_command("migrate", verbosity=0)
    writer.join()
