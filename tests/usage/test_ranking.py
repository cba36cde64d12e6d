"""Which services a summary shows first, through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clusters.models import Cluster
from core.messages import Message
from core.resources import Resources, total
from projects.models import Environment, Role
from serving.diagnosis.read import belongings
from serving.models import ModelService
from tests import factories
from usage import collect
from usage.ranking import RankBy, rank_services

pytestmark = pytest.mark.django_db
GPU = "nvidia.com/gpu"


@pytest.fixture
def environment() -> Environment:
    return factories.make_environment()


def add(environment: Environment, name: str, pods: int, **requests: int) -> ModelService:
    """Add a service with pods that request so many cards, or so much CPU."""
    service = factories.make_deployed_service(environment, name)
    for _ in range(pods):
        amounts = {GPU if key == "gpu" else key: amount for key, amount in requests.items()}
        factories.make_pod(service, requests=Resources(amounts))
    return service


def measure(service: ModelService, **used: float) -> None:
    """Let a service use so many cards, or so much CPU."""
    now = timezone.now()
    measures = {
        ((service.environment_id, service.pk), GPU if key == "gpu" else key): collect.Measure(
            requested=1, used=amount
        )
        for key, amount in used.items()
    }
    collect.add_to_windows(measures, now=now)
    collect.record_status(service.cluster, now=now, is_observed=True, reason="", message=Message())


def read(environment: Environment, /, **query: Any) -> Any:
    viewer = factories.make_member(environment.project, Role.VIEWER)
    path = f"/api/v1/projects/{environment.project.name}/summary"
    response = factories.signed_in(viewer).get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def names(summary: Any) -> list[str]:
    return [one["service"] for one in summary["services"]]


def test_those_first_that_request_the_most(environment):
    for name, pods in (("few", 1), ("none", 0), ("many", 3), ("also-many", 3)):
        add(environment, name, pods, cpu=1_000)
    summary = read(environment)
    assert names(summary) == ["also-many", "many", "few", "none"]
    assert summary["ranking"] == {"resource": "cpu", "rank": "requested", "total": 4, "next": None}


def test_by_the_first_device_where_one_is_requested(environment):
    add(environment, "cards", 1, cpu=1, gpu=2)
    add(environment, "cpu-only", 3, cpu=9_000)
    assert names(read(environment)) == ["cards", "cpu-only"]
    assert read(environment)["ranking"]["resource"] == GPU
    assert names(read(environment, resource="cpu")) == ["cpu-only", "cards"]


def test_by_what_is_idle_and_unknown_before_nothing(environment):
    for name, used in (("busy", 2_000.0), ("idle", 100.0)):
        measure(add(environment, name, 2, cpu=1_000), cpu=used)
    add(environment, "silent", 2, cpu=1_000)
    assert names(read(environment, resource="cpu", rank="idle")) == ["idle", "silent", "busy"]


def test_of_a_stale_mirror_nothing_is_known(environment):
    add(environment, "a", 1, cpu=1_000)
    add(environment, "b", 3, cpu=1_000)
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(minutes=10))
    assert names(read(environment)) == ["a", "b"]
    (line, *_) = read(environment)["services"][0]["resources"] or [{"requested": None}]
    assert line["requested"] is None


def test_in_pieces_that_together_are_all(environment):
    other = factories.make_environment(environment.project, "staging")
    for number in range(3):
        add(environment, f"s{number}", number, cpu=1_000)
    add(other, "elsewhere", 1, cpu=500)
    viewer = factories.signed_in(factories.make_member(environment.project, Role.VIEWER))
    page = viewer.get(f"/api/v1/projects/{environment.project.name}/summary", {"limit": 3}).json()
    assert (names(page), page["ranking"]["total"]) == (["s2", "s1", "elsewhere"], 4)
    rest = viewer.get(page["ranking"]["next"]).json()
    assert (names(rest), rest["ranking"]["next"]) == (["s0"], None)
    assert names(read(environment, environment="staging")) == ["elsewhere"]
    assert read(environment, environment="nowhere")["ranking"]["total"] == 0


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"rank": "used"}, "/rank"), ({"cursor": "3"}, "/cursor"), ({"limit": "0"}, "/limit")],
)
def test_what_nobody_can_rank_by_is_refused(environment, query, pointer):
    viewer = factories.signed_in(factories.make_member(environment.project, Role.VIEWER))
    refused = viewer.get(f"/api/v1/projects/{environment.project.name}/summary", query)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_a_service_requests_what_its_own_live_pods_do(environment):
    """The ranking counts pods by itself; whose they are is decided elsewhere."""
    service = add(environment, "scorer", 2, cpu=1_000, gpu=1)
    factories.make_pod(service, phase="Succeeded", requests=Resources({"cpu": 9_000}))
    factories.make_pod(service, is_terminating=True, requests=Resources({"cpu": 500}))
    factories.make_pod(service, owner_uid="of-nobody", requests=Resources({"cpu": 7_000}))
    (found,) = rank_services(
        [environment.pk],
        known=[environment.pk],
        by=(RankBy.REQUESTED, "cpu"),
        piece=slice(0, 9),
        now=timezone.now(),
    )
    live = [pod for pod in belongings(service).pods if not pod.is_over]
    assert found.requested == total(pod.requests for pod in live)
    assert dict(found.requested) == {"cpu": 2_500, GPU: 2}
