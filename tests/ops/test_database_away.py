"""A database that is frozen, or takes no writes, is told of at once."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from core.database import KNOCK_SECONDS
from core.supervision import FAULTS, record_fault
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
IN_TIME_SECONDS = KNOCK_SECONDS + 3


@contextmanager
def frozen_database() -> Iterator[None]:
    """Stop the server as a machine does that hangs: connections stay, nobody answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('data_directory')")
        backend, folder = cursor.fetchone()
    with open(f"{folder}/postmaster.pid") as file:
        pids = [int(file.readline()), backend]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def read_only_database() -> Iterator[None]:
    """Let the database take no writes, as a standby does or an operator wants."""
    name = connection.settings_dict["NAME"]
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    parameters.pop("pool", None)
    said = f'ALTER DATABASE "{name}" SET default_transaction_read_only'
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute(f"{said} = on")
        connection.close()
        connection.close_pool()
        try:
            yield
        finally:
            admin.execute(f"{said} = off")
            connection.close()
            connection.close_pool()


def timed(http: Client, path: str) -> tuple[Any, float]:
    began = time.monotonic()
    return http.get(path), time.monotonic() - began


def test_probes_answer_in_time_while_the_database_is_frozen() -> None:
    http = Client()
    with frozen_database():
        ready, seconds = timed(http, "/readyz")
        assert (ready.status_code, seconds < IN_TIME_SECONDS) == (503, True)
        assert ready.json()["parts"] == {"database": "unreachable", "redis": "ok"}
        scrape, seconds = timed(http, "/metrics")
        assert (scrape.status_code, seconds < IN_TIME_SECONDS) == (200, True)
        assert b"slipway_database_reachable 0.0" in scrape.content
        assert b"slipway_http_requests_total" in scrape.content
    assert http.get("/readyz").status_code == 200
    assert b"slipway_database_reachable 1.0" in http.get("/metrics").content


def test_a_read_only_database_is_named_and_writes_are_refused_with_a_reason() -> None:
    project = factories.make_project()
    api = factories.signed_in(factories.make_user(is_platform_admin=True))
    with read_only_database():
        ready = Client().get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["parts"]["database"] == "read only"
        assert b"slipway_database_writable 0.0" in Client().get("/metrics").content
        record_fault(ValueError("odd"), loop="hub")
        assert api.get("/api/v1/platform").status_code == 200
        assert api.get(f"/api/v1/projects/{project.name}").status_code == 200
        answer = api.post("/api/v1/projects", {"name": "other"}, format="json")
        assert answer.status_code == 503, answer.content
        assert answer.json()["reason"] == "DatabaseReadOnly"
        assert answer["Retry-After"]
    assert [fault.loop for fault in FAULTS.take()] == ["hub"], "kept until it can be written"
