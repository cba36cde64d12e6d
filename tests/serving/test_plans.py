"""A plan says what the action would do, in every way that a service may be, and changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from core.resources import Resources, format_amount
from projects import admission
from projects.models import Environment, Quota, Role
from serving.models import ModelService, Rollout
from serving.plans import Expected, expected_after, lowest_serving, moving_pods, why_replaced
from serving.rules.lifecycle import Phase
from serving.rules.strategy import Replacement, Strategy
from tests import factories

GPU = "nvidia.com/gpu"
SMALL = Resources.parse({"cpu": "1", "memory": "1Gi"})

TIGHT = Resources.parse({"cpu": "2", "memory": "2Gi"})


@pytest.fixture
def environment() -> Environment:
    limits = Resources.parse({"cpu": "8", "memory": "32Gi", GPU: "4"})
    return factories.make_environment(limits=limits)


@pytest.fixture
def client(environment: Environment) -> Any:
    return factories.signed_in(factories.make_member(environment.project, Role.DEPLOYER))


def running(environment: Environment, replicas: int = 2) -> ModelService:
    """Make a service that runs its second revision, as the first was good too."""
    service = factories.make_service(environment, requests=SMALL, replicas=replicas)
    service.env = {"LOG": "debug"}
    now = timezone.now()
    good, current = factories.make_revision(service), factories.make_revision(service)
    good.succeeded_at, current.succeeded_at = now - timedelta(days=1), now
    good.save()
    current.save()
    ModelService.objects.filter(pk=service.pk).update(
        current_revision=current, desired_replicas=replicas
    )
    service.refresh_from_db()
    factories.hold_quota(service)
    return service


def ask(client: Any, service: ModelService, verb: str, /, **body: Any) -> Any:
    project, environment = service.project.name, service.environment.name
    path = f"/api/v1/projects/{project}/environments/{environment}/services/{service.name}/{verb}"
    return client.post(path, body, format="json")


def all_rows() -> dict[str, list[Any]]:
    """Return every row of every table that a start writes to."""
    written = ("serving", "projects", "audit", "registry")
    models = [m for m in apps.get_models() if m._meta.app_label in written]
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in models}


STATES = (
    "running",
    "busy",
    "over quota",
    "scaled for a while",
    "drafted",
    "stopped",
    "never deployed",
)
VERBS: dict[str, tuple[str, dict[str, Any]]] = {
    "a rollback": ("rollback", {}),
    "a rollback to a revision": ("rollback", {"revision": 1}),
    "a rollback to what runs": ("rollback", {"revision": 2}),
    "a rollback to none": ("rollback", {"revision": 9}),
    "one more": ("scale", {"replicas": 3}),
    "fewer": ("scale", {"replicas": 1}),
    "none": ("scale", {"replicas": 0}),
    "more than fit": ("scale", {"replicas": 40}),
    "more for a while": ("scale", {"replicas": 3, "expires_in": "1h"}),
    "far more for a while": ("scale", {"replicas": 40, "expires_in": "1h"}),
    "a restart": ("restart", {}),
    "a decommission": ("decommission", {}),
    "a deploy": ("rollouts", {"version": "next"}),
    "a deploy of more than fit": ("rollouts", {"version": "next", "replicas": 40}),
    "a deploy of what is not listed": (
        "rollouts",
        {"version": "next", "resources": {"requests": {"cpu": "1", "rdma/hca": "1"}}},
    ),
    "a canary": (
        "rollouts",
        {
            "version": "next",
            "strategy": {"type": "canary", "steps": [{"weight": 20}, {"pause": None}]},
        },
    ),
    "a canary of one": (
        "rollouts",
        {
            "version": "next",
            "replicas": 1,
            "strategy": {"type": "canary", "steps": [{"weight": 20}], "exact": True},
        },
    ),
    "blue-green": (
        "rollouts",
        {"version": "next", "strategy": {"type": "blue_green", "steps": [{"pause": "5m"}]}},
    ),
    "a deploy without an image": ("rollouts", {"version": "bare"}),
    "a deploy of nothing": ("rollouts", {"version": "none"}),
}


def in_state(state: str, environment: Environment) -> ModelService:
    if state == "never deployed":
        service = factories.make_service(environment, requests=SMALL, replicas=2)
    else:
        service = running(environment)
    change: dict[str, Any] = {
        "over quota": {},
        "scaled": {
            "temporary_replicas": 1,
            "temporary_expires_at": timezone.now() + timedelta(hours=1),
        },
        "drafted": {"draft": {"replicas": 3, "env": {"LOG": "info"}}},
        "stopped": {"desired_replicas": 0, "replicas": 0},
    }.get(state, {})
    if change:
        ModelService.objects.filter(pk=service.pk).update(**change)
    if state == "over quota":
        Quota.objects.filter(environment=environment).update(limits=TIGHT)
    if state == "busy":
        factories.make_rollout(service)
    service.refresh_from_db()
    factories.make_version(service.model, "next")
    factories.make_version(service.model, "bare", image="", artifact_uri="s3://models/bare")
    return service


@pytest.mark.django_db
@pytest.mark.parametrize("others", [0, 5], ids=["room", "hardly any room"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("verb", "body"), VERBS.values(), ids=VERBS)
def test_a_plan_says_what_the_action_does(client, environment, verb, body, state, others):
    if others:
        running(environment, others)
    service = in_state(state, environment)
    before = all_rows()
    planned = ask(client, service, verb, **body, dry_run=True)
    assert all_rows() == before, "a plan writes nothing"
    held = admission.reserved_by(service.pk).resources
    done = ask(client, service, verb, **body)
    if planned.status_code != 200:
        assert planned.status_code == done.status_code, (planned.content, done.content)
        told = ("reason", "detail", "errors")
        assert [planned.json().get(w) for w in told] == [done.json().get(w) for w in told]
        return
    plan = planned.json()
    if plan["fit"]["verdict"] == "cannot":
        refusal = done.json()
        assert done.status_code >= 400
        assert (plan["fit"]["reason"], plan["fit"]["message"]) == (
            refusal["reason"],
            refusal["detail"],
        )
        return
    assert done.status_code == 202, done.content
    rollout = Rollout.objects.get(pk=done.json()["id"])
    after = admission.reserved_by(service.pk).resources
    assert plan["kind"] == rollout.kind
    assert plan["desired_replicas"] == rollout.to_replicas
    assert plan["from_replicas"] == rollout.from_replicas
    assert plan["from_version"] == done.json()["from_version"]
    assert plan["to_version"] == done.json()["to_version"]
    if plan["strategy"]:
        assert plan["strategy"] == rollout.strategy
    assert plan["steps"] == done.json()["steps"]
    if verb != "decommission":
        needs = [need for need in plan["quota"] if not need["gpu_product"]]
        assert amounts(needs, "held") == written(held)
        assert amounts(needs, "peak") == written(after)


def amounts(needs: list[dict[str, Any]], fact: str) -> dict[str, str]:
    return {need["resource"]: need[fact] for need in needs if need[fact] != "0"}


def written(resources: Resources) -> dict[str, str]:
    return {name: format_amount(name, amount) for name, amount in resources.items() if amount}


@pytest.mark.django_db
def test_a_scale_names_the_highest_number_that_fits_and_starting_it_does(client, environment):
    admin = factories.make_member(environment.project, Role.ADMIN)
    running(environment, 3)
    service = running(environment, 2)
    plan = ask(client, service, "scale", replicas=40, dry_run=True).json()
    assert (plan["fit"]["verdict"], plan["highest_replicas"]) == ("cannot", 5)
    refused = ask(client, service, "scale", replicas=6)
    assert refused.status_code == 403
    assert "At most 5 replicas fit." in refused.json()["detail"]
    assert admin.username in refused.json()["detail"]
    assert refused.json()["details"]["highest_replicas"] == 5
    assert refused.json()["details"]["ask"] == [admin.username]
    assert ask(client, service, "scale", replicas=5).status_code == 202


@pytest.mark.django_db
def test_what_differs_is_named_as_settings_are(client, environment):
    service = running(environment)
    plan = ask(client, service, "scale", replicas=3, dry_run=True).json()
    assert plan["changes"] == [{"object": "", "field": "replicas", "from": 2, "to": 3}]
    assert ask(client, service, "restart", dry_run=True).json()["changes"] == []
    back = ask(client, service, "rollback", revision=1, dry_run=True).json()
    assert [c["field"] for c in back["changes"]] == ["version", "image"]
    assert (back["from_revision"], back["to_revision"]) == (2, 1)
    gone = ask(client, service, "decommission", dry_run=True).json()
    assert {c["field"]: c["to"] for c in gone["changes"]} == {
        "version": None,
        "image": None,
        "replicas": 0,
    }


@pytest.mark.django_db
def test_nodes_are_not_said_to_have_room_before_they_are_checked(client, environment):
    service = running(environment)
    more = ask(client, service, "scale", replicas=3, dry_run=True).json()["fit"]
    assert (more["verdict"], more["reason"]) == ("unknown", "NodesNotChecked")
    fewer = ask(client, service, "scale", replicas=1, dry_run=True).json()["fit"]
    assert fewer["verdict"] == "fits"
    assert ask(client, service, "decommission", dry_run=True).json()["fit"]["verdict"] == "fits"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "is_stale"),
    [
        pytest.param(lambda service: None, False, id="nothing"),
        pytest.param(
            lambda s: Quota.objects.filter(environment=s.environment).update(limits=TIGHT),
            True,
            id="the quota",
        ),
        pytest.param(
            lambda s: ModelService.objects.filter(pk=s.pk).update(desired_replicas=1),
            True,
            id="the number of pods",
        ),
        pytest.param(
            lambda s: ModelService.objects.filter(pk=s.pk).update(port=9999),
            True,
            id="the settings",
        ),
        pytest.param(
            lambda s: ModelService.objects.filter(pk=s.pk).update(
                current_revision=s.revisions.get(number=1)
            ),
            True,
            id="what runs",
        ),
    ],
)
@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("scale", {"replicas": 3, "expires_in": "1h"}),
        ("restart", {}),
        ("rollback", {"revision": 1}),
        ("decommission", {}),
        ("rollouts", {"version": "next"}),
    ],
)
def test_only_what_was_planned_is_started(client, environment, verb, body, change, is_stale):
    service = in_state("running", environment)
    token = ask(client, service, verb, **body, dry_run=True).json()["plan"]
    change(service)
    done = ask(client, service, verb, **body, plan=token)
    if not is_stale:
        assert done.status_code == 202, done.content
        return
    assert (done.status_code, done.json()["reason"]) == (409, "PlanStale")
    assert not Rollout.objects.exists()


@pytest.mark.django_db
def test_another_change_than_the_planned_is_not_started(client, environment):
    service = running(environment)
    token = ask(client, service, "scale", replicas=3, dry_run=True).json()["plan"]
    assert ask(client, service, "scale", replicas=4, plan=token).status_code == 409


@pytest.mark.django_db
def test_how_long_it_takes_is_told_by_those_before_it(client, environment):
    service = running(environment)
    now = timezone.now()
    for seconds in (10, 20, 60):
        rollout = factories.make_rollout(service, kind="restart", phase=Phase.SUCCEEDED)
        Rollout.objects.filter(pk=rollout.pk).update(
            created_at=now, finished_at=now + timedelta(seconds=seconds)
        )
    restart = ask(client, service, "restart", dry_run=True).json()
    assert restart["expected_seconds"] == {"median": 20, "p90": 60}
    assert (
        ask(client, service, "scale", replicas=3, dry_run=True).json()["expected_seconds"] is None
    )


@pytest.mark.django_db
def test_a_viewer_may_not_plan_what_he_may_not_start(environment):
    viewer = factories.signed_in(factories.make_member(environment.project, Role.VIEWER))
    assert ask(viewer, running(environment), "restart", dry_run=True).status_code == 403


@pytest.mark.parametrize(
    ("old", "new", "is_replaced", "expected"),
    [(2, 3, False, (0, 1)), (3, 1, False, (2, 0)), (2, 2, True, (2, 2)), (0, 2, False, (0, 2))],
)
def test_pods_stop_and_start(old, new, is_replaced, expected):
    assert moving_pods(old, new, is_replaced=is_replaced) == expected


@pytest.mark.parametrize(
    ("old", "new", "way", "expected"),
    [
        pytest.param(4, 2, None, 2, id="a scale"),
        pytest.param(3, 3, Replacement(max_surge=1), 3, id="extra pods"),
        pytest.param(3, 3, Replacement(max_unavailable=1), 2, id="one at a time"),
        pytest.param(1, 1, Replacement(max_unavailable=2), 0, id="none to spare"),
        pytest.param(3, 3, Replacement(type=Strategy.RECREATE), 0, id="all at once"),
        pytest.param(3, 0, None, 0, id="a decommission"),
    ],
)
def test_the_fewest_that_serve_meanwhile(old, new, way, expected):
    assert lowest_serving(old, new, way) == expected


@pytest.mark.parametrize(
    ("stated", "way", "expected"),
    [
        ({}, None, "No pod is replaced."),
        (
            {"type": "recreate"},
            Replacement(type=Strategy.RECREATE),
            "The service's settings say so.",
        ),
        ({"type": "rolling", "max_surge": 2}, Replacement(2), "The service's settings say so."),
        ({"type": "rolling"}, Replacement(1), "The quota has room for 1 extra pod."),
        (
            {"type": "rolling"},
            Replacement(0, 1),
            "The quota has no room for an extra pod.",
        ),
    ],
)
def test_why_pods_are_replaced_in_this_way(stated, way, expected):
    assert str(why_replaced(stated, way)) == expected


@pytest.mark.parametrize(
    ("took", "expected"),
    [([], None), ([1, 2], None), ([1, 2, 3], Expected(2, 3)), (range(1, 11), Expected(5, 9))],
)
def test_what_is_expected(took, expected):
    assert expected_after(list(took)) == expected
