"""No secret leaves through any read, and none lies readable in the database."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from clusters.credentials import encrypt_access
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from tests.api.matrix import CREDENTIALS, KUBECONFIG, OPERATIONS, READS, SECRETS, Operation
from tests.api.world import CALLERS, PLATFORM_ADMIN, World

CANARY = "kubeconfig-canary"
TOKENS = "/projects/{project}/tokens"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_no_read_shows_a_secret_to_anybody(world: World, operation: Operation, caller: str) -> None:
    plant()
    response: Any = operation.call(world, caller)
    text = b"".join(response) if response.streaming else response.content
    assert b"canary" not in text


def plant() -> None:
    """Put a canary wherever a secret is kept."""
    User.objects.update(password="password-canary")
    access = ClusterAccess(server="https://127.0.0.1:1", token=CANARY)
    for cluster in Cluster.objects.all():
        cluster.credentials = encrypt_access(access, cluster=cluster.name)
        cluster.save()


@pytest.mark.parametrize(
    "change",
    [
        {"kubeconfig": KUBECONFIG.replace("token:", "exec:")},
        {"kubeconfig": KUBECONFIG, "odd": 1},
        {"kubeconfig": KUBECONFIG, "display_name": "x" * 1000},
        {"kubeconfig": [KUBECONFIG]},
    ],
    ids=["refused", "with an unknown field", "with another error", "of another type"],
)
def test_a_refusal_does_not_repeat_the_secret(world: World, change: dict[str, Any]) -> None:
    client = world.clients[PLATFORM_ADMIN]
    response: Any = client.post("/api/v1/clusters", {"name": "west", **change})
    assert response.status_code == 400
    assert CANARY not in response.content.decode()


# These carry a secret in or out.
SECRET = [
    o
    for o in OPERATIONS
    if o.name in ("POST /clusters", f"POST {TOKENS}")
    or (o.template.startswith((SECRETS, CREDENTIALS)) and o.body)
]


@pytest.mark.parametrize("operation", SECRET, ids=lambda operation: operation.name)
def test_no_table_holds_a_usable_secret(world: World, operation: Operation) -> None:
    """Not even the answer that is kept for a repeated request."""
    response: Any = operation.call(world, PLATFORM_ADMIN, HTTP_IDEMPOTENCY_KEY="once")
    assert response.status_code in (200, 201)
    secret = response.json().get("secret", CANARY)
    assert operation.template == TOKENS or CANARY not in response.content.decode()
    assert [table for table in tables() if secret.encode() in dump_of(table)] == []


def tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_models(include_auto_created=True)]


def dump_of(table: str) -> bytes:
    """Return a table as a backup would hold it, bytes unpacked."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        values = [value for row in cursor.fetchall() for value in row]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)
