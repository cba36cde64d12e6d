"""Changes by steps as they are asked for: what is refused, what is kept, and who may go on."""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from core.reasons import Reason
from core.resources import Resources
from projects.models import Environment, Role
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from tests import factories

CANARY = {"type": "canary", "steps": [{"weight": 25}, {"pause": None}, {"weight": 50}]}
SMALL = Resources.parse({"cpu": "1", "memory": "1Gi"})

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment() -> Environment:
    return factories.make_environment(limits=Resources.parse({"cpu": "16", "memory": "64Gi"}))


@pytest.fixture
def client(environment: Environment) -> Any:
    return factories.signed_in(factories.make_member(environment.project, Role.DEPLOYER))


@pytest.fixture
def service(environment: Environment) -> ModelService:
    """A service that runs four pods of its second revision; the first was good, too."""
    service = factories.make_service(environment, requests=SMALL, replicas=4)
    service.env = {"LOG": "debug"}
    good, current = factories.make_revision(service), factories.make_revision(service)
    for revision in (good, current):
        revision.succeeded_at = timezone.now()
        revision.save()
    ModelService.objects.filter(pk=service.pk).update(current_revision=current, desired_replicas=4)
    service.refresh_from_db()
    factories.hold_quota(service)
    factories.make_version(service.model, "next")
    return service


def ask(client: Any, service: ModelService, verb: str, /, **body: Any) -> Any:
    environment = service.environment
    place = f"projects/{environment.project.name}/environments/{environment.name}"
    return client.post(f"/api/v1/{place}/services/{service.name}/{verb}", body, format="json")


def steer(client: Any, rollout: Rollout, verb: str, /, **body: Any) -> Any:
    return client.post(f"/api/v1/rollouts/{rollout.pk}/{verb}", body, format="json")


def started(client: Any, service: ModelService, **at: Any) -> Rollout:
    """Start a canary, and put it where it would be after a while."""
    answer = ask(client, service, "rollouts", version="next", strategy=CANARY)
    assert answer.status_code == 202, answer.content
    Rollout.objects.filter(pk=answer.json()["id"]).update(**at)
    return Rollout.objects.get(pk=answer.json()["id"])


WAITING = {"phase": Phase.PAUSED, "reason": Reason.AWAITING_PROMOTION, "step": 1}


@pytest.mark.parametrize(
    ("strategy", "pointer"),
    [
        ({"type": "linear"}, "/strategy/type"),
        ({"type": "canary"}, "/strategy/steps"),
        ({"type": "canary", "steps": [{"weight": "many"}]}, "/strategy/steps/0/weight"),
        ({"type": "canary", "steps": [{"weight": 9}, {"weight": 5}]}, "/strategy/steps/1/weight"),
        ({"type": "canary", "steps": [{"weight": 9}, {"pause": "5"}]}, "/strategy/steps/1/pause"),
        ({"type": "canary", "steps": [{"weight": 9}] * 21}, "/strategy/steps"),
        ({"type": "blue_green", "steps": [{"weight": 9}]}, "/strategy/steps/0/weight"),
        ({**CANARY, "exact": True, "steps": [{"weight": 10}]}, "/strategy/steps/0/weight"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False], ids=["planned", "started"])
def test_steps_that_cannot_be_taken_are_refused_at_the_place(
    client, service, strategy, pointer, dry_run
):
    answer = ask(client, service, "rollouts", version="next", strategy=strategy, dry_run=dry_run)
    assert answer.status_code == 400, answer.content
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Rollout.objects.exists()


def test_the_strategy_is_kept_once_it_has_succeeded_and_only_deploys_go_by_its_steps(
    client, service
):
    ModelService.objects.filter(pk=service.pk).update(strategy=CANARY)
    for verb, body in (("rollback", {}), ("restart", {})):
        plan = ask(client, service, verb, **body, dry_run=True).json()
        assert plan["steps"] == []
        assert plan["strategy"]["type"] == "rolling"
        assert plan["strategy_reason"] == "Only the deploy of a new revision goes by steps."
    assert ask(client, service, "rollouts", version="next", dry_run=True).json()["steps"]


def test_the_first_deploy_has_nothing_to_stand_beside(client, environment):
    service = factories.make_service(environment, "new", requests=SMALL, replicas=4)
    factories.make_version(service.model, "next")
    answer = ask(client, service, "rollouts", version="next", strategy=CANARY)
    assert answer.status_code == 202, answer.content
    assert answer.json()["steps"] == []


def test_a_person_promotes_to_the_next_step_and_that_is_on_record(client, service):
    rollout = started(client, service, **WAITING)
    shown = steer(client, rollout, "promote").json()
    assert (shown["phase"], shown["reason"], shown["step"]) == ("Progressing", "PromotedByUser", 2)
    assert shown["timeline"][-1]["reason"] == "PromotedByUser"
    assert AuditEvent.objects.filter(action="rollout.promote").count() == 1


@pytest.mark.parametrize("at", [{"phase": Phase.PROGRESSING, "step": 0}, WAITING])
def test_a_full_promotion_goes_past_all_steps(client, service, at):
    rollout = started(client, service, **at)
    shown = steer(client, rollout, "promote", full=True).json()
    assert (shown["phase"], shown["step"]) == ("Progressing", 3)
    again = steer(client, rollout, "promote", full=True)
    assert (again.status_code, again.json()["reason"]) == (409, "IllegalTransition")


def test_a_step_that_is_not_reached_is_not_skipped_by_mistake(client, service):
    rollout = started(client, service, phase=Phase.PROGRESSING)
    refused = steer(client, rollout, "promote")
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("It is on its way to step 1.")
    assert "promote" in refused.json()["details"]["legal"]
    rollout.refresh_from_db()
    assert rollout.step == 0


def test_what_waits_for_a_promotion_is_not_resumed(client, service):
    rollout = started(client, service, **WAITING)
    refused = steer(client, rollout, "resume")
    assert (refused.status_code, refused.json()["reason"]) == (409, "IllegalTransition")
    assert "promote" in refused.json()["details"]["legal"]
    said = {
        one["verb"]: one for one in client.get(f"/api/v1/rollouts/{rollout.pk}").json()["actions"]
    }
    assert said["promote"]["allowed"]
    assert said["resume"]["message"] == refused.json()["detail"]


def test_what_does_not_go_by_steps_is_not_promoted(client, service):
    answer = ask(client, service, "restart")
    rollout = Rollout.objects.get(pk=answer.json()["id"])
    refused = steer(client, rollout, "promote")
    assert refused.status_code == 409
    assert "promote" not in refused.json()["details"]["legal"]


@pytest.mark.parametrize("body", [{"full": "perhaps"}, {"fully": True}])
def test_how_far_to_promote_is_not_guessed(client, service, body):
    rollout = started(client, service, **WAITING)
    assert steer(client, rollout, "promote", **body).status_code == 400
    rollout.refresh_from_db()
    assert rollout.step == 1


def test_who_may_not_steer_may_not_promote(environment, client, service):
    rollout = started(client, service, **WAITING)
    viewer = factories.signed_in(factories.make_member(environment.project, Role.VIEWER))
    assert steer(viewer, rollout, "promote").status_code == 403
