"""Secrets on a real control plane: written with their revision, returned to, and removed."""

from base64 import b64decode
from typing import Any

import orjson
import pytest

from clusters.mirror import ALL_MIRRORED
from serving.models import ModelService
from serving.secrets.reconcile import remove_released
from tests.api.test_secrets import dump_of, tables
from tests.contract.caller import Caller
from tests.contract.kubectl import Kubectl
from tests.contract.test_truth import deployed, healthy, soon

pytestmark = pytest.mark.django_db(transaction=True)
VARIABLE = {"secret": "database", "key": "password", "env": "PASSWORD"}
FILES = {"secret": "database", "path": "/etc/database"}
LOGIN = {"server": "r.example.com", "username": "ci", "password": "login-canary"}


def put(caller: Caller, path: str, body: dict[str, Any], expect: int) -> Any:
    answer: Any = caller.http.put(f"{caller.environment}/{path}", body, format="json")
    assert answer.status_code == expect, answer.content
    return answer.json()


def keep(caller: Caller, password: str, expect: int = 200) -> Any:
    return put(caller, "secrets/database", {"values": {"password": password}}, expect)


def secrets_in(kubectl: Kubectl) -> dict[str, Any]:
    """Return the Secrets of the namespace by name."""
    items = orjson.loads(kubectl("get", "secrets", "-o", "json"))["items"]
    return {item["metadata"]["name"]: item for item in items}


def pods_of(kubectl: Kubectl) -> Any:
    deployment = orjson.loads(kubectl("get", "deploy", "scorer", "-o", "json"))
    return deployment["spec"]["template"]["spec"]


def password(kubectl: Kubectl) -> str:
    """Return what a new pod would have in its variable, and in its file."""
    pods, known = pods_of(kubectl), secrets_in(kubectl)
    [variable] = pods["containers"][0]["env"]
    reference = variable["valueFrom"]["secretKeyRef"]
    assert pods["volumes"][0]["secret"]["secretName"] == reference["name"]
    return b64decode(known[reference["name"]]["data"][reference["key"]]).decode()


def test_pods_have_the_values_of_their_revision_and_leave_none_behind(
    mirror: Any, caller: Caller, kubectl: Kubectl, service: ModelService
) -> None:
    keep(caller, "value-canary-1", 201)
    put(caller, "pull-credentials/registry", LOGIN, 201)
    deployed(caller, secrets=[VARIABLE, FILES])
    assert password(kubectl) == "value-canary-1"
    [pull] = pods_of(kubectl)["imagePullSecrets"]
    login = secrets_in(kubectl)[pull["name"]]
    assert login["type"] == "kubernetes.io/dockerconfigjson"
    config = orjson.loads(b64decode(login["data"][".dockerconfigjson"]))
    assert config["auths"]["r.example.com"]["password"] == "login-canary"
    assert all(one["immutable"] for one in secrets_in(kubectl).values())

    keep(caller, "value-canary-2")
    assert password(kubectl) == "value-canary-1"
    deployed(caller)
    assert password(kubectl) == "value-canary-2"
    returned = caller.end(caller.post(f"{caller.service}/rollback", {}))
    assert returned["phase"] == "Succeeded"
    assert password(kubectl) == "value-canary-1"
    shown = soon(caller, healthy)
    assert shown["drift"] == []

    leaks = [table for table in tables() if b"-canary-" in dump_of(table)]
    assert (leaks, "Secret" in {what.kind.name for what in ALL_MIRRORED}) == ([], False)

    gone = caller.end(caller.post(f"{caller.service}/decommission", {}))
    assert gone["phase"] == "Succeeded"
    remove_released(service.environment_id)
    assert secrets_in(kubectl) == {}


def test_a_secret_that_somebody_removed_is_there_again_with_the_next_pods(
    mirror: Any, caller: Caller, kubectl: Kubectl
) -> None:
    keep(caller, "value-canary-1", 201)
    deployed(caller, secrets=[VARIABLE, FILES])
    kubectl("delete", "secrets", "--all")
    ended = caller.end(caller.post(f"{caller.service}/restart", {}))
    assert ended["phase"] == "Succeeded"
    assert password(kubectl) == "value-canary-1"
