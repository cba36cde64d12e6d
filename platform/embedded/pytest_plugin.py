"""Starts PostgreSQL and Redis before Django's settings are read, for the length of a test run."""

import os
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path

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
    if HELP_ONLY & set(args):
        return
    folder = Path(
        STARTED.enter_context(
            tempfile.TemporaryDirectory(prefix="slipway-test-", ignore_cleanup_errors=True)
        )
    )
    folder.chmod(0o755)
    logs = folder / "logs"
    if "DATABASE_URL" not in os.environ:
        port = free_port(())
        STARTED.enter_context(running(postgres(folder / "pg", port, durable=False), logs=logs))
        os.environ["DATABASE_URL"] = postgres_url(port)
    if "REDIS_URL" not in os.environ:
        port, password = free_port(()), secrets.token_hex(20)
        STARTED.enter_context(running(redis_server(folder / "redis", port, password), logs=logs))
        os.environ["REDIS_URL"] = redis_url(port, password)


def pytest_unconfigure() -> None:
    """Stop what was started."""
    STARTED.close()
