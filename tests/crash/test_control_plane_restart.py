"""The API server is killed during watches and a rollout: nothing is lost, the rows are right."""

from typing import Any

import orjson
import pytest

from clusters.client import ClusterClient
from clusters.kinds import NODE, POD, ObjectKind
from clusters.kubeconfig import parse_kubeconfig
from core.waiting import wait_until
from embedded.demo import Demo
from tests.crash.nemesis import Nemesis
from tests.e2e.api import Api, image

NAMESPACE = "restart-production"
ENVIRONMENT = "projects/restart/environments/production"
SERVICE = f"{ENVIRONMENT}/services/scorer"


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A service that runs the first of two versions."""
    api = Api(stack)
    api.post("projects", {"name": "restart"})
    quota = {"limits": {"cpu": "16", "memory": "64Gi"}}
    api.post(
        "projects/restart/environments",
        {"name": "production", "cluster": "embedded", "quota": quota},
    )
    api.post("projects/restart/models", {"name": "scorer"})
    for version in ("1", "2"):
        content = {"version": version, "image": image("scorer", version)}
        api.post("projects/restart/models/scorer/versions", content)
    resources = {"requests": {"cpu": "250m", "memory": "256Mi"}}
    wish = {"name": "scorer", "model": "scorer", "replicas": 4, "resources": resources}
    api.post(f"{ENVIRONMENT}/services", wish)
    first = api.wait(api.post(f"{SERVICE}/rollouts", {"version": "1"}, expect=202))
    assert first["phase"] == "Succeeded", first
    return api


@pytest.fixture
def client(stack: Demo) -> ClusterClient:
    return ClusterClient(parse_kubeconfig(stack.kubeconfig.read_text()))


def live(client: ClusterClient, kind: ObjectKind, namespace: str | None = None) -> set[str]:
    items = orjson.loads(client.list(kind, namespace))["items"]
    return {item["metadata"]["name"] for item in items}


def kill_api_server(stack: Demo) -> None:
    """Kill it without warning, and wait until another has started; it does not answer yet."""

    def pid() -> int:
        process: dict[str, Any] = stack.supervisor.control.getProcessInfo("slipway:apiserver")
        return int(process["pid"])

    before = pid()
    Nemesis(stack, (), every_seconds=0).kill("apiserver")
    assert wait_until(lambda: pid() not in (0, before) or None, timeout_seconds=30)


def test_a_rollout_and_the_mirror_survive_the_death_of_the_api_server(api, stack, client):
    before = api.get("clusters/embedded")["status"]["mirrored_at"]
    upgrade = api.post(f"{SERVICE}/rollouts", {"version": "2"}, expect=202)
    kill_api_server(stack)
    assert api.get(f"rollouts/{upgrade['id']}")["finished"] is False
    assert wait_until(lambda: stack.plane.answers_ready() or None, timeout_seconds=60)
    kill_api_server(stack)
    assert wait_until(lambda: stack.plane.answers_ready() or None, timeout_seconds=60)
    ended = api.wait(upgrade)
    assert ended["phase"] == "Succeeded", ended
    assert (ended["ready_replicas"], ended["updated_replicas"]) == (4, 4)

    # Something that only a watch that goes on can tell of.
    victim = min(live(client, POD, NAMESPACE))
    client.delete(POD, NAMESPACE, victim)

    def mirror_is_right() -> Any:
        pods = {pod["name"] for pod in api.get(f"{SERVICE}/pods")["results"]}
        nodes = {node["name"] for node in api.get("fleet/nodes")["results"]}
        is_equal = (pods, nodes) == (live(client, POD, NAMESPACE), live(client, NODE))
        return True if is_equal and victim not in pods else None

    assert wait_until(mirror_is_right, timeout_seconds=60), api.get(f"{SERVICE}/pods")

    def healthy() -> Any:
        shown = api.get(SERVICE)
        return shown if shown["health"] == "Healthy" and not shown["stale"] else None

    shown = wait_until(healthy, timeout_seconds=30)
    assert shown is not None, api.get(SERVICE)
    assert (shown["current_version"], shown["ready_replicas"]) == ("2", 4)

    def reachable() -> Any:
        status = api.get("clusters/embedded")["status"]
        return status if status["reachable"] and status["mirrored_at"] > before else None

    status = wait_until(reachable, timeout_seconds=60)
    assert status is not None, api.get("clusters/embedded")
    assert (status["reason"], status["stale"]) == ("", False)
