"""Starts PostgreSQL and Redis before Django's settings are read, for the length of a test run."""

import os
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from embedded.ports import free_port
from embedded.postgres import postgres
from embedded.postgres import url_of as postgres_url
from embedded.process import running
from embedded.redis import redis_server
from embedded.redis import url_of as redis_url

STARTED = ExitStack()
HELP_ONLY = {"--help", "-h", "--version", "-V", "--fixtures", "--markers"}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Point the environment at embedded parts, unless the caller brought their own."""
    os.environ.setdefault("SLIPWAY_ENV", "test")
    if not HELP_ONLY & set(args):
        os.environ.update(start({"DATABASE_URL", "REDIS_URL"} - set(os.environ)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Give each further test process parts of its own; the first one uses ours."""
    for spec in specs[1:]:
        spec.env.update(start({"DATABASE_URL", "REDIS_URL"}))


def start(wanted: set[str]) -> dict[str, str]:
    """Start the wanted parts, and return their addresses by environment variable."""
    temporary = tempfile.TemporaryDirectory(prefix="slipway-test-", ignore_cleanup_errors=True)
    folder = Path(STARTED.enter_context(temporary))
    folder.chmod(0o755)
    logs = folder / "logs"
    addresses = {}
    if "DATABASE_URL" in wanted:
        port = free_port(())
        STARTED.enter_context(running(postgres(folder / "pg", port, durable=False), logs=logs))
        addresses["DATABASE_URL"] = postgres_url(port)
    if "REDIS_URL" in wanted:
        port, password = free_port(()), secrets.token_hex(20)
        STARTED.enter_context(running(redis_server(folder / "redis", port, password), logs=logs))
        addresses["REDIS_URL"] = redis_url(port, password)
    return addresses


def pytest_unconfigure() -> None:
    """Stop what was started."""
    STARTED.close()
