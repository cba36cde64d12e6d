"""What needs somebody is named once, counted whole, and only to those who may see it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from clusters.models import Cluster
from core.messages import Message
from core.resources import Resources
from overview.attention import FEWEST_COLLECTIONS, MOST_NAMED
from projects.models import Environment, Quota, Reservation, Role
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from tests import factories
from usage.collect import COARSE_SECONDS
from usage.models import MetricsStatus, UsageWindow

pytestmark = pytest.mark.django_db
GPU = "nvidia.com/gpu"


@pytest.fixture
def environment() -> Environment:
    return factories.make_environment(cluster=factories.make_cluster("west"))


@pytest.fixture
def viewer(environment: Environment) -> APIClient:
    return factories.signed_in(factories.make_member(environment.project, Role.VIEWER))


def needs(client: APIClient) -> dict[str, Any]:
    found: Any = client.get("/api/v1/attention")
    assert found.status_code == 200, found.content
    return {one["kind"]: one for one in found.json()["results"]}


def names(client: APIClient, kind: str) -> list[str]:
    return [concern["name"] for concern in needs(client)[kind]["concerns"]]


def made(environment: Environment, name: str, **changes: Any) -> ModelService:
    service = factories.make_service(environment, name)
    ModelService.objects.filter(pk=service.pk).update(**changes)
    return service


def test_where_all_is_well_nobody_is_needed(viewer, environment):
    made(environment, "scorer", health="Healthy")
    assert needs(viewer) == {}


def test_services_that_fail_are_counted_whole_and_named_first(viewer, environment):
    for number in range(MOST_NAMED + 2):
        made(environment, f"s{number}", health="Degraded", reason="CrashLoopBackOff")
    made(environment, "fine", health="Healthy")
    found = needs(viewer)["failing"]
    assert found["count"] == MOST_NAMED + 2
    assert len(found["concerns"]) == MOST_NAMED
    first = found["concerns"][0]
    assert (first["object"], first["service"], first["reason"]) == (
        "service",
        "s0",
        "CrashLoopBackOff",
    )
    assert first["project"] == environment.project.name


def test_only_the_readers_own_projects_are_told_of(viewer, environment):
    other = factories.make_environment(cluster=environment.cluster)
    made(other, "theirs", health="Degraded", reason="CrashLoopBackOff")
    factories.make_cluster("silent", is_heard=False)
    assert needs(viewer) == {}
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    assert names(admin, "failing") == ["theirs"]
    assert names(admin, "stale") == ["silent"]


def test_a_silent_cluster_is_named_and_its_services_do_not_fail(viewer, environment):
    made(environment, "scorer", health="Degraded", reason="CrashLoopBackOff")
    long_ago = timezone.now() - timedelta(minutes=10)
    Cluster.objects.update(is_reachable=True, version="v1.33.0", mirrored_at=long_ago)
    found = needs(viewer)
    assert set(found) == {"stale"}
    (concern,) = found["stale"]["concerns"]
    assert (concern["name"], concern["reason"]) == ("west", "Stale")
    assert concern["since"] is not None


def test_a_cluster_whose_use_is_not_looked_at_is_a_stale_source(viewer, environment):
    Cluster.objects.update(is_reachable=True, version="v1.33.0", missing_permissions=[])
    tried_at = timezone.now() - timedelta(minutes=10)
    MetricsStatus.objects.create(cluster=environment.cluster, tried_at=tried_at)
    (concern,) = needs(viewer)["stale"]["concerns"]
    assert (concern["name"], concern["reason"]) == ("west", "Stale")


def test_what_others_changed_is_told_with_since_when(viewer, environment):
    factories.make_drifted_service(environment, "scorer")
    (concern,) = needs(viewer)["drifted"]["concerns"]
    assert concern["service"] == "scorer"
    assert concern["reason"] == "Drifted"
    assert concern["since"] is not None
    ModelService.objects.update(desired_replicas=3, ready_replicas=1)
    (concern,) = needs(viewer)["drifted"]["concerns"]
    assert concern["message"].startswith("1 of 3 pods are ready. It differs")
    ModelService.objects.update(ready_replicas=3)
    (concern,) = needs(viewer)["drifted"]["concerns"]
    assert concern["message"].startswith("It differs")


def test_a_paused_rollout_waits_for_a_person_and_one_that_moves_does_not(viewer, environment):
    paused = factories.make_rollout(factories.make_service(environment), phase=Phase.PAUSED)
    moving = factories.make_rollout(factories.make_service(environment), phase=Phase.PROGRESSING)
    Rollout.objects.filter(pk=moving.pk).update(progressed_at=timezone.now())
    assert names(viewer, "waiting") == [str(paused.pk)]
    assert "held_up" not in needs(viewer)
    Rollout.objects.filter(pk=moving.pk).update(progressed_at=timezone.now() - timedelta(minutes=5))
    assert names(viewer, "held_up") == [str(moving.pk)]


def test_an_environment_that_is_not_set_up_is_held_up(viewer, environment):
    Environment.objects.update(
        phase="Pending",
        reason="ClusterForbidden",
        message=Message("No."),
        updated_at=timezone.now() - timedelta(minutes=5),
    )
    (concern,) = needs(viewer)["held_up"]["concerns"]
    assert (concern["object"], concern["reason"]) == ("environment", "ClusterForbidden")


def test_more_than_the_quota_is_told_by_resource_and_by_model_of_card(viewer, environment):
    quota = Quota.objects.filter(environment=environment)
    quota.update(
        limits=Resources.parse({"cpu": "1"}),
        reserved=Resources.parse({"cpu": "2", "memory": "1Gi", GPU: "1"}),
        gpu_products={"NVIDIA-A10": 1},
        reserved_gpu_products={"NVIDIA-A10": 2},
    )
    (concern,) = needs(viewer)["over_quota"]["concerns"]
    for name in ("cpu", GPU, "NVIDIA-A10"):
        assert name in concern["message"]
    assert "memory" not in concern["message"], "what is not limited cannot be exceeded"
    quota.update(limits=Resources.parse({"cpu": "2", GPU: "1"}), gpu_products={"NVIDIA-A10": 2})
    assert "over_quota" not in needs(viewer)


def used(service: ModelService, *, resource: str = GPU, of: float = 2, **fields: Any) -> None:
    Reservation.objects.update_or_create(
        service_id=service.pk,
        defaults={
            "quota": service.environment.quota,
            "resources": Resources.parse({"cpu": "1", GPU: "2"}),
        },
    )
    counts = {"used_count": FEWEST_COLLECTIONS, "requested_count": FEWEST_COLLECTIONS, **fields}
    UsageWindow.objects.create(
        environment=service.environment,
        service_id=service.pk,
        resource=resource,
        window_seconds=COARSE_SECONDS,
        starts_at=timezone.now() - timedelta(minutes=70),
        requested_total=of * counts["requested_count"],
        **counts,
    )


def test_cards_that_hardly_work_are_idle_and_what_is_not_known_is_not(viewer, environment):
    now = timezone.now()
    MetricsStatus.objects.create(cluster=environment.cluster, observed_at=now, tried_at=now)
    idle, busy, new, unknown = (
        factories.make_service(environment, name) for name in ("idle", "busy", "new", "unknown")
    )
    used(idle, used_total=0.5)
    used(busy, used_total=100)
    used(new, used_total=0, used_count=FEWEST_COLLECTIONS - 1)
    used(unknown, used_total=0, used_count=0)
    used(idle, resource="cpu", used_total=0)
    (concern,) = needs(viewer)["idle"]["concerns"]
    assert concern["service"] == "idle"
    assert f"2 × {GPU}" in concern["message"]
    MetricsStatus.objects.update(observed_at=now - timedelta(minutes=10))
    assert "idle" not in needs(viewer), "figures of before say nothing of now"


def test_it_takes_the_same_statements_for_many(viewer, environment, django_assert_max_num_queries):
    for number in range(3):
        made(environment, f"s{number}", health="Degraded", reason="CrashLoopBackOff")
        factories.make_drifted_service(environment, f"d{number}")
    needs(viewer)
    with django_assert_max_num_queries(14):
        needs(viewer)
