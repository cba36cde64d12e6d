"""What one look at a rollout and at a service's pods shows."""

from typing import Any

import pytest
from django.utils import timezone

from core.messages import Message
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind, Verb
from tests import factories
from tests.api.matrix import ROLLOUT, SERVICE
from tests.api.world import ADMIN, DEPLOYER, VIEWER, World

VERBS = [verb.name.lower() for verb in Verb]


def shown(world: World, caller: str = VIEWER) -> Any:
    response: Any = world.clients[caller].get(world.path(ROLLOUT))
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize("caller", [VIEWER, DEPLOYER, ADMIN])
@pytest.mark.parametrize("kind", [RolloutKind.DEPLOY, RolloutKind.DECOMMISSION])
@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in FINISHED])
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_offered_is_exactly_what_is_let_through(
    world: World, verb: str, phase: Phase, kind: RolloutKind, caller: str
) -> None:
    Rollout.objects.filter(pk=world.parameters["rollout"]).update(phase=phase, kind=kind)
    (offer,) = [offer for offer in shown(world, caller)["actions"] if offer["verb"] == verb]
    response: Any = world.clients[caller].post(f"{world.path(ROLLOUT)}/{verb}")
    assert offer["allowed"] == (response.status_code == 200), response.content
    if not offer["allowed"]:
        assert offer["reason"] == response.json()["reason"]


@pytest.mark.parametrize("caller", [VIEWER, DEPLOYER])
@pytest.mark.parametrize("phase", [Phase.PROGRESSING, Phase.SUCCEEDED, Phase.FAILED])
def test_a_retry_is_offered_exactly_where_its_plan_is_made(
    world: World, phase: Phase, caller: str
) -> None:
    ended = timezone.now() if phase in FINISHED else None
    rollout = Rollout.objects.filter(pk=world.parameters["rollout"])
    revision = factories.make_revision(rollout.get().service)
    rollout.update(phase=phase, finished_at=ended, to_revision=revision)
    (offer,) = [offer for offer in shown(world, caller)["actions"] if offer["verb"] == "retry"]
    response: Any = world.clients[caller].post(
        f"{world.path(ROLLOUT)}/retry", {"dry_run": True}, format="json"
    )
    assert offer["allowed"] == (response.status_code == 200), response.content
    if offer["allowed"]:
        assert response.json()["to_revision"] == revision.number
    else:
        assert offer["reason"] == response.json()["reason"]


def test_the_pods_of_both_sides_are_shown_and_told_apart(world: World) -> None:
    service = ModelService.objects.get(name="ranker", environment__project=world.project)
    before, after = service.current_revision, factories.make_revision(service)
    Rollout.objects.filter(pk=world.parameters["rollout"]).update(
        from_revision=before, to_revision=after
    )
    assert before is not None
    old = factories.make_pod(service, revision=before.number, is_ready=True, is_terminating=True)
    waiting = {"name": "model", "state": "waiting", "reason": "ErrImagePull", "message": "no tag"}
    new = factories.make_pod(service, revision=after.number, node_name="n", containers=[waiting])
    factories.make_pod(service, revision=after.number + 1)
    factories.make_pod(ModelService.objects.get(name="scorer"), revision=after.number)
    common = {"is_new": True, "terminating": False, "ready": False}
    assert shown(world)["pods"] == [
        {
            **common,
            "name": new.name,
            "node": "n",
            "revision": after.number,
            "reason": "ImagePullFailed",
            "message": f"{new.name}: no tag",
        },
        {
            "name": old.name,
            "node": "",
            "ready": True,
            "terminating": True,
            "revision": before.number,
            "is_new": False,
            "reason": "",
            "message": "",
        },
    ]


def test_it_says_what_it_waits_for(world: World) -> None:
    Rollout.objects.filter(pk=world.parameters["rollout"]).update(
        reason="WaitingForPods",
        message=Message("%(ready)s of %(wanted)s new pods are ready.", ready=1, wanted=2),
    )
    assert shown(world)["explanation"].startswith("It waits for the new pods to be ready: 1 of 2")


def test_a_pod_shows_its_version_its_cards_and_its_containers(world: World) -> None:
    service = ModelService.objects.get(name="scorer", environment__project=world.project)
    asked = {"cpu": "1", "nvidia.com/gpu": "2", "nvidia.com/gpumem": "3000"}
    requests = factories.Resources.parse(asked)
    # A row that was mirrored before containers had all of these fields.
    container = {"name": "model", "state": "running", "ready": True, "restarts": 1}
    revision = service.current_revision
    assert revision is not None
    pod = factories.make_pod(
        service, requests=requests, revision=revision.number, containers=[container]
    )
    response: Any = world.clients[VIEWER].get(f"{world.path(SERVICE)}/pods")
    row = next(row for row in response.json()["results"] if row["name"] == pod.name)
    assert (row["version"], row["gpus"]) == (revision.version.version, 2)
    assert row["containers"][0]["exit_code"] is None
    assert row["containers"][0] | container == row["containers"][0]
