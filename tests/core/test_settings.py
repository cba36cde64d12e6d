"""What an operator can set: a value that cannot work stops the start, with one line."""

import ast
import os
import re
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from django.db import connection

from embedded.home import CHECKOUT
from slipway.settings import Variables, read_variables

KEY = urlsafe_b64encode(bytes(range(32))).decode()
SECRET = "a secret of an operator's own, which is long enough for it"
PRODUCTION = {
    "SLIPWAY_ENV": "production",
    "SLIPWAY_SECRET_KEY": SECRET,
    "SLIPWAY_ENCRYPTION_KEY": KEY,
    "SLIPWAY_PUBLIC_URL": "https://slipway.example.com",
    "SLIPWAY_ALLOWED_HOSTS": "slipway.example.com,web",
    "DATABASE_URL": "postgresql://slipway:a%20word@postgres/slipway",
    "REDIS_URL": "redis://redis:6379/0",
}
WRONG = {
    "an encryption key of 3 bytes": ("SLIPWAY_ENCRYPTION_KEY", "AAAA"),
    "an encryption key of 16 bytes": ("SLIPWAY_ENCRYPTION_KEY", b64encode(b"a" * 16).decode()),
    "an encryption key of 33 bytes": ("SLIPWAY_ENCRYPTION_KEY", b64encode(b"a" * 33).decode()),
    "an encryption key that is cut": ("SLIPWAY_ENCRYPTION_KEY", KEY[:-1]),
    "an encryption key that is no base64": ("SLIPWAY_ENCRYPTION_KEY", "correct horse battery"),
    "an empty encryption key": ("SLIPWAY_ENCRYPTION_KEY", ""),
    "the published encryption key": (
        "SLIPWAY_ENCRYPTION_KEY",
        urlsafe_b64encode(bytes(32)).decode(),
    ),
    "a short secret": ("SLIPWAY_SECRET_KEY", "short"),
    "the published secret": (
        "SLIPWAY_SECRET_KEY",
        "development-only-secret-that-production-refuses-to-use",
    ),
    "an environment that there is not": ("SLIPWAY_ENV", "prod"),
    "a database that is a file": ("DATABASE_URL", "sqlite:///db"),
    "a database without a scheme": ("DATABASE_URL", "postgres/slipway"),
    "a database at no port": ("DATABASE_URL", "postgresql://postgres:five/slipway"),
    "a Redis over HTTP": ("REDIS_URL", "http://redis"),
    "a public URL without a scheme": ("SLIPWAY_PUBLIC_URL", "slipway.example.com"),
    "a public URL with a path": ("SLIPWAY_PUBLIC_URL", "https://example.com/slipway"),
    "hosts with a scheme": ("SLIPWAY_ALLOWED_HOSTS", "https://slipway.example.com"),
    "hosts between spaces": ("SLIPWAY_ALLOWED_HOSTS", "slipway.example.com web"),
    "a registry with a path": ("SLIPWAY_IMAGE_REGISTRIES", "registry.example.com/models"),
    "a format of logs": ("SLIPWAY_LOG_FORMAT", "xml"),
}


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what the start says of an environment before it stops; nothing where it goes on."""

    def start(**variables: str) -> str:
        for name in Variables.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        try:
            read_variables()
        except SystemExit as stop:
            return str(stop)
        return ""

    return start


def test_what_can_work_starts(stopped: Callable[..., str]) -> None:
    assert stopped(**PRODUCTION) == ""
    assert stopped() == ""


@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG)
def test_what_cannot_work_stops_the_start_with_one_line(
    stopped: Callable[..., str], name: str, value: str
) -> None:
    said = stopped(**{**PRODUCTION, name: value})
    assert re.fullmatch(rf"{name}\b.+", said)
    assert value not in said or "SECRET" not in name


@pytest.mark.parametrize("name", ["SLIPWAY_SECRET_KEY", "SLIPWAY_ENCRYPTION_KEY"])
def test_production_does_not_start_without_secrets_of_its_own(
    stopped: Callable[..., str], name: str
) -> None:
    said = stopped(**{k: v for k, v in PRODUCTION.items() if k != name})
    assert said == f"{name} is not set; production refuses the default."


def test_what_the_address_of_the_database_asks_for_is_kept() -> None:
    """Such as who has to be at the other end."""
    said = "import slipway.settings as s; print(s.DATABASES['default']['OPTIONS'])"
    address = "postgresql://db/slipway?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    env = {**os.environ, "DATABASE_URL": address, "PYTHONPATH": "platform"}
    ended = subprocess.run([sys.executable, "-c", said], env=env, cwd=CHECKOUT, capture_output=True)
    options = ast.literal_eval(ended.stdout.decode())
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/etc/ca.pem"
    assert options["pool"]


@pytest.mark.django_db
def test_who_falls_silent_in_a_transaction_loses_its_locks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",)


def test_a_process_that_stops_so_says_one_line_and_no_more() -> None:
    command = [sys.executable, "-c", "import slipway.settings"]
    wrong = {"SLIPWAY_ENCRYPTION_KEY": "AAAA", "PYTHONPATH": "platform"}
    ended = subprocess.run(command, env={**os.environ, **wrong}, cwd=CHECKOUT, capture_output=True)
    assert ended.returncode == 1
    assert ended.stderr.count(b"\n") == 1
    assert ended.stderr.startswith(b"SLIPWAY_ENCRYPTION_KEY: ")


def test_the_image_and_compose_are_production_unless_somebody_says_otherwise() -> None:
    image = (CHECKOUT / "deploy" / "Dockerfile").read_text()
    *_, last_stage = image.split("\nFROM ")
    assert re.search(r"^ENV [^#]*\bSLIPWAY_ENV=production\b", last_stage, re.MULTILINE)
    assert "SLIPWAY_ENV: production" in (CHECKOUT / "docker-compose.yml").read_text()
