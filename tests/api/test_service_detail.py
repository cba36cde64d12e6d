"""What one look at a service explains and offers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from clusters.models import Workload
from projects.models import Reservation
from serving.models import ModelService, Revision
from serving.rules.lifecycle import Phase, RolloutKind
from tests import factories
from tests.api.matrix import SERVICE
from tests.api.world import ADMIN, DEPLOYER, VIEWER, World

ROUTES = {
    "roll_out": ("rollouts", {"version": "2"}),
    "roll_back": ("rollback", {}),
    "scale": ("scale", {"replicas": 3}),
    "restart": ("restart", {}),
    "decommission": ("decommission", {}),
    "restore": ("restore", {}),
    "take_over": ("take-over", {}),
}


def scorer(world: World) -> ModelService:
    return ModelService.objects.get(name="scorer", environment__project=world.project)


def shown(world: World, caller: str = VIEWER) -> Any:
    response: Any = world.clients[caller].get(world.path(SERVICE))
    assert response.status_code == 200
    return response.json()


def as_it_is(service: ModelService) -> None:
    """Leave a service that runs its first revision."""


def with_a_good_past(service: ModelService) -> None:
    """Let another revision have succeeded before."""
    earlier = factories.make_revision(service)
    Revision.objects.filter(pk=earlier.pk).update(succeeded_at=timezone.now())


def never_deployed(service: ModelService) -> None:
    """Take back that it ever ran."""
    decommissioned(service)
    service.revisions.update(succeeded_at=None)


def decommissioned(service: ModelService) -> None:
    """Let nothing of it run any more."""
    ModelService.objects.filter(pk=service.pk).update(current_revision=None, desired_replicas=0)
    Reservation.objects.filter(service_id=service.pk).delete()


def changing(service: ModelService) -> None:
    """Let a rollout be under way."""
    with_a_good_past(service)
    factories.make_rollout(service, phase=Phase.PROGRESSING)


def failed_at_first(service: ModelService) -> None:
    """Let the first rollout have failed; what failed stays to be looked at."""
    ModelService.objects.filter(pk=service.pk).update(current_revision=None)
    service.revisions.update(succeeded_at=None)


def without_an_image(service: ModelService) -> None:
    """Leave no version that could be served."""
    service.model.versions.update(image="", artifact_uri="s3://models/m")


def drifted(service: ModelService) -> None:
    """Let somebody else have changed the number of its pods."""
    factories.drift(service)


STATES = (
    as_it_is,
    drifted,
    with_a_good_past,
    never_deployed,
    decommissioned,
    changing,
    failed_at_first,
    without_an_image,
)


@pytest.mark.parametrize("caller", [VIEWER, DEPLOYER, ADMIN])
@pytest.mark.parametrize("verb", ROUTES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_what_is_offered_is_exactly_what_is_let_through(
    world: World, state: Callable[[ModelService], None], verb: str, caller: str
) -> None:
    state(scorer(world))
    (offer,) = [offer for offer in shown(world, caller)["actions"] if offer["verb"] == verb]
    route, body = ROUTES[verb]
    response: Any = world.clients[caller].post(f"{world.path(SERVICE)}/{route}", body)
    assert offer["allowed"] == (response.status_code == 202), response.content
    if not offer["allowed"]:
        assert offer["reason"] == response.json()["reason"]
        assert offer["message"]


def test_a_role_that_does_not_reach_the_environment_is_offered_nothing(world: World) -> None:
    staging = world.project.environments.filter(name="staging")
    robot = factories.make_robot(world.project, factories.Role.ADMIN, staging)
    world.clients["robot"] = factories.signed_in(robot)
    assert {offer["allowed"] for offer in shown(world, "robot")["actions"]} == {False}


def test_a_crash_is_explained_down_to_the_container_and_its_log(world: World) -> None:
    service = scorer(world)
    service.rollouts.all().delete()
    rollout = factories.make_rollout(
        service, phase=Phase.PROGRESSING, kind=RolloutKind.RESTART, reason="WaitingForPods"
    )
    container = {"name": "model", "state": "waiting", "reason": "CrashLoopBackOff", "restarts": 3}
    pod = factories.make_pod(service, containers=[{**container, "last_exit_code": 1}])
    Workload.objects.filter(kind="Deployment", name=service.name).update(
        conditions=[{"type": "Available", "status": "False", "reason": "r", "message": "m"}]
    )
    factories.make_cluster_event(
        service, involved_uid=pod.uid, type="Warning", event_reason="BackOff"
    )
    body = shown(world)
    assert [(cause["kind"], cause["reason"]) for cause in body["causes"]] == [
        ("Rollout", "WaitingForPods"),
        ("Deployment", "r"),
        ("Pod", "CrashLoopBackOff"),
        ("Container", "CrashLoopBackOff"),
        ("Event", "BackOff"),
    ]
    assert body["causes"][0]["name"] == str(rollout.pk)
    assert (body["causes"][3]["exit_code"], body["causes"][3]["restarts"]) == (1, 3)
    assert body["log_hint"] == {"pod": pod.name, "container": "model", "previous": True}


def test_a_service_that_is_well_has_nothing_to_explain(world: World) -> None:
    service = scorer(world)
    factories.Pod.objects.filter(name__startswith=f"{service.name}-").update(is_ready=True)
    body = shown(world)
    assert (body["causes"], body["log_hint"]) == ([], None)


def test_events_of_a_service_whose_name_begins_alike_are_not_shown(world: World) -> None:
    service = scorer(world)
    alike = factories.make_deployed_service(service.environment, name=f"{service.name}-b")
    own = factories.make_cluster_event(service)
    factories.make_cluster_event(alike)
    factories.make_cluster_event(alike, involved_name=alike.name)
    response: Any = world.clients[VIEWER].get(f"{world.path(SERVICE)}/events")
    shown_names = {event["object_name"] for event in response.json()["results"]}
    assert own.involved_name in shown_names
    assert not [name for name in shown_names if name.startswith(alike.name)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("object_name=OLD", ["pod-old"]),
        ("type=Warning", ["pod-new"]),
        ("reason=BackOff&object_name=pod", ["pod-new"]),
        ("search=restarting", ["pod-new"]),
        ("object_name=none", []),
    ],
)
def test_events_are_filtered_by_what_they_are_about(
    world: World, query: str, expected: list[str]
) -> None:
    service = scorer(world)
    factories.make_cluster_event(service, involved_name="pod-old")
    said = {"type": "Warning", "event_reason": "BackOff", "message": "Back-off restarting it"}
    factories.make_cluster_event(service, involved_name="pod-new", **said)
    response: Any = world.clients[VIEWER].get(f"{world.path(SERVICE)}/events?{query}")
    names = [event["object_name"] for event in response.json()["results"]]
    assert [name for name in names if name.startswith("pod-")] == expected


def test_what_admission_promised_it_is_shown(world: World) -> None:
    service = scorer(world)
    reservation = Reservation.objects.get(service_id=service.pk)
    assert shown(world)["reserved"] == reservation.resources.canonical() != {}
    decommissioned(service)
    assert shown(world)["reserved"] == {}


def test_a_rollout_may_state_requests_alone_and_why(world: World) -> None:
    decommissioned(scorer(world))
    wish = {"version": "2", "resources": {"requests": {"cpu": "100m"}}, "reason": "peak tonight"}
    response: Any = world.clients[DEPLOYER].post(
        f"{world.path(SERVICE)}/rollouts", wish, content_type="application/json"
    )
    assert response.status_code == 202, response.content
    assert response.json()["note"] == "peak tonight"
    revision = Revision.objects.get(rollouts=response.json()["id"])
    assert revision.spec["requests"]["cpu"] == "100m"
