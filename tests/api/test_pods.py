"""What a service's pods show of themselves, and whose log is read."""

from typing import Any

import pytest
from django.utils import timezone

from clusters.models import Pod
from serving.models import ModelService
from tests import factories
from tests.api.matrix import SERVICE
from tests.api.world import VIEWER, World
from tests.log_route import api_server

SETUP = {"name": "setup", "kind": "init", "state": "waiting", "reason": "CrashLoopBackOff"}
WAITING = {"name": "model", "kind": "container", "state": "waiting", "reason": "PodInitializing"}
READY = WAITING | {"state": "running", "reason": "", "ready": True}
PROXY = READY | {"name": "proxy", "kind": "sidecar"}


@pytest.fixture
def service(world: World) -> ModelService:
    return ModelService.objects.get(name="scorer", environment__project=world.project)


def shown(world: World, pod: Pod) -> Any:
    response: Any = world.clients[VIEWER].get(f"{world.path(SERVICE)}/pods")
    assert response.status_code == 200, response.content
    return next(row for row in response.json()["results"] if row["name"] == pod.name)


def test_a_pod_says_why_it_is_not_ready_and_which_container_to_look_at(
    world: World, service: ModelService
) -> None:
    pod = factories.make_pod(service, containers=[SETUP | {"restarts": 3}, WAITING])
    row = shown(world, pod)
    assert row["cause"] == {
        "reason": "CrashLoopBackOff",
        "message": f"{pod.name}/setup keeps crashing: 3 restarts.",
        "container": "setup",
    }
    assert [container["kind"] for container in row["containers"]] == ["init", "container"]


def test_a_ready_pod_has_no_cause_and_an_older_row_is_of_main_containers(
    world: World, service: ModelService
) -> None:
    row = shown(
        world,
        factories.make_pod(
            service, is_ready=True, containers=[{"state": "running", "name": "model"}]
        ),
    )
    assert row["cause"] is None
    assert row["containers"][0]["kind"] == "container"
    assert (row["finalizers"], row["deletion_due_at"], row["conditions"]) == ([], None, [])


def test_what_its_node_and_its_events_say_of_a_pod_is_told_with_it(
    world: World, service: ModelService
) -> None:
    unprepared = {
        "type": "PodReadyToStartContainers",
        "status": "False",
        "reason": "",
        "message": "",
    }
    pod = factories.make_pod(service, containers=[WAITING], conditions=[unprepared])
    said = {"involved_uid": pod.uid, "type": "Warning"}
    factories.make_cluster_event(service, **said, event_reason="FailedMount", message="late")
    factories.make_cluster_event(
        service, **said, event_reason="BackOff", last_seen_at=timezone.now()
    )
    elsewhere = factories.make_deployed_service()
    factories.make_cluster_event(elsewhere, **said, event_reason="FailedMount", message="not ours")
    assert shown(world, pod)["cause"]["message"].endswith("volumes or devices. late")
    factories.make_node(service.cluster, name="t4-77", is_ready=None)
    factories.make_node(name="t4-78", is_ready=None)
    Pod.objects.filter(pk=pod.pk).update(node_name="t4-78")
    assert shown(world, pod)["cause"]["reason"] == "PodSetupFailed"
    Pod.objects.filter(pk=pod.pk).update(node_name="t4-77")
    assert shown(world, pod)["cause"]["reason"] == "NodeLost"


@pytest.mark.parametrize(
    ("pod", "asked", "read"),
    [
        pytest.param({"containers": [SETUP, WAITING]}, "", "setup", id="the failing one"),
        pytest.param({"containers": [PROXY, READY], "is_ready": True}, "", "model", id="the model"),
        pytest.param({"containers": []}, "", "model", id="none known yet"),
        pytest.param({"containers": [SETUP, WAITING]}, "debugger", "debugger", id="any, if asked"),
    ],
)
def test_the_log_is_that_of_the_container_that_is_asked_for_or_fails(
    world: World, service: ModelService, pod: dict[str, Any], asked: str, read: str
) -> None:
    made = factories.make_pod(service, **pod)
    query = {"pod": made.name, **({"container": asked} if asked else {})}
    with api_server(b"its words") as (url, questions):
        factories.be_at(service.cluster, url)
        response: Any = world.clients[VIEWER].get(f"{world.path(SERVICE)}/logs", query)
    assert (response.status_code, response.content) == (200, b"its words")
    ((_, parameters),) = questions
    assert parameters["container"] == [read]
