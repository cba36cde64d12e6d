"""Migrations on a database that is in use."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ops.management.commands import migrate
from tests import factories

TABLE = "serving_modelservice"


@contextmanager
def held() -> Iterator[threading.Event]:
    """Hold a writer's lock of a table in another session until what is yielded is set."""
    parameters = connection.get_connection_params()
    address = {
        name: parameters[name]
        for name in ("dbname", "user", "host", "port", "password")
        if parameters.get(name)
    }
    ready, stop = threading.Event(), threading.Event()

    def hold() -> None:
        with psycopg.connect(**address) as session:
            session.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
            ready.set()
            assert stop.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert ready.wait(10)
        yield stop
    finally:
        stop.set()
        thread.join()


class Listener(StringIO):
    """Where a command says what it waits for; whoever holds it up hears that."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop

    def write(self, text: str) -> int:
        self.stop.set()
        return super().write(text)


@pytest.fixture
def one_back(transactional_db):
    """Be one migration behind, and up to date afterwards."""
    call_command("migrate", "serving", "0007", verbosity=0)
    yield
    call_command("migrate", verbosity=0)


def test_a_migration_waits_for_a_lock_a_little_and_again(one_back, monkeypatch):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.1)
    with held() as stop:
        said = Listener(stop)
        call_command("migrate", verbosity=0, stderr=said)
    assert "trying again" in said.getvalue()


def test_a_lock_that_is_never_given_up_is_said(one_back, monkeypatch):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    with held(), pytest.raises(CommandError, match="lock was held"):
        call_command("migrate", verbosity=0)


def test_a_database_in_which_services_have_run_is_upgraded(transactional_db):
    service = factories.make_deployed_service(factories.make_environment())
    call_command("migrate", "serving", "0011", verbosity=0)
    call_command("migrate", verbosity=0)
    assert service.rollouts.count() == 1
