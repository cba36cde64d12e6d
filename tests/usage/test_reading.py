"""The resource summary through the API, from rows that were collected."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clusters.models import Cluster, Node, Pod
from core.messages import Message
from core.resources import Resources
from projects.models import Environment, Role
from serving.models import ModelService
from tests.factories import (
    make_cluster,
    make_deployed_service,
    make_environment,
    make_member,
    make_node,
    make_pod,
    make_project,
    signed_in,
)
from usage import collect
from usage.models import MetricsStatus, UsageWindow

pytestmark = pytest.mark.django_db
GPU = "nvidia.com/gpu"
ASKED = Resources({"cpu": 2000, "memory": 1 << 30, GPU: 1})


@pytest.fixture
def service() -> ModelService:
    """A service with two pods on a node of eight cards."""
    service = make_deployed_service()
    cluster = service.cluster
    make_node(
        cluster, name="n1", allocatable=Resources({"cpu": 64_000, "memory": 64 << 30, GPU: 8})
    )
    for name in ("a", "b"):
        make_pod(service, name=name, node_name="n1", requests=ASKED)
    return service


def collected(
    service: ModelService, used: dict[str, float], *, ago: timedelta = timedelta(0)
) -> None:
    """Write one collection as the worker does."""
    now = timezone.now() - ago
    holders = ((service.environment_id, None), (service.environment_id, service.pk))
    measures = {
        (holder, resource): collect.Measure(requested=value * 2, used=value)
        for holder in holders
        for resource, value in used.items()
    }
    collect.add_to_windows(measures, now=now)
    collect.record_status(service.cluster, now=now, is_observed=True, reason="", message=Message())


def read(service: ModelService, window: str = "1h") -> Any:
    viewer = make_member(service.project, Role.VIEWER)
    response = signed_in(viewer).get(
        f"/api/v1/projects/{service.project.name}/summary?window={window}"
    )
    assert response.status_code == 200, response.content
    return response.json()


def line(summary: Any, resource: str) -> Any:
    resources = summary["environments"][0]["resources"]
    return next(one for one in resources if one["resource"] == resource)


def test_summary_joins_quota_requests_use_and_what_the_cluster_has_left(service):
    collected(service, {"cpu": 500.0, GPU: 0.5})
    summary = read(service)
    cpu, gpu = line(summary, "cpu"), line(summary, GPU)
    assert (cpu["requested"], cpu["used"], cpu["idle"]) == ("4", "500m", "3500m")
    assert (gpu["requested"], gpu["used"], gpu["cluster_free"]) == ("2", "500m", "6")
    assert (cpu["stale"], cpu["reason"]) == (False, "")
    assert [point["used"] for point in cpu["series"]] == [500.0]
    own = next(s for s in summary["services"] if s["service"] == service.name)
    assert {r["resource"]: r["used"] for r in own["resources"]}["cpu"] == "500m"


def test_a_node_that_has_less_than_its_pods_ask_for_takes_nothing_from_the_others(service):
    make_node(service.cluster, name="n2", allocatable=Resources({"cpu": 0, GPU: 0}))
    make_pod(service, name="c", node_name="n2", requests=Resources({"cpu": 9_000, GPU: 5}))
    collected(service, {"cpu": 500.0, GPU: 0.5})
    summary = read(service)
    assert (line(summary, "cpu")["cluster_free"], line(summary, GPU)["cluster_free"]) == ("60", "6")


def test_what_no_silent_node_would_say_is_not_known_to_be_free(service):
    other = make_node(service.cluster, allocatable=Resources({"cpu": 1000}), is_ready=None)
    summary = read(service)
    assert (line(summary, "cpu")["cluster_free"], line(summary, GPU)["cluster_free"]) == ("60", "6")
    Node.objects.exclude(pk=other.pk).update(is_ready=None)
    summary = read(service)
    assert (line(summary, "cpu")["cluster_free"], line(summary, GPU)["cluster_free"]) == (
        None,
        None,
    )


def test_a_service_whose_pods_are_gone_asks_for_nothing_and_that_is_known(service):
    collected(service, {"cpu": 500.0}, ago=timedelta(minutes=20))
    Pod.objects.all().delete()
    (own,) = read(service)["services"]
    (cpu,) = own["resources"]
    assert (cpu["requested"], cpu["window"]["used_average"]) == ("0", "500m")
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(minutes=5))
    (own,) = read(service)["services"]
    assert own["resources"][0]["requested"] is None


def test_what_pods_used_that_are_gone_is_not_used_now(service):
    collected(service, {"cpu": 500.0})
    Pod.objects.all().delete()
    summary = read(service)
    (own,) = summary["services"]
    (cpu,) = own["resources"]
    assert (cpu["requested"], cpu["used"], cpu["idle"]) == ("0", None, None)
    assert line(summary, "cpu")["used"] is None
    assert cpu["window"]["used_average"] == "500m"


def test_nothing_collected_is_unknown_and_not_zero(service):
    cpu = line(read(service), "cpu")
    assert (cpu["used"], cpu["idle"], cpu["stale"], cpu["reason"]) == (None, None, True, "NoData")
    assert cpu["requested"] == "4"
    assert cpu["series"] == []


def test_a_prometheus_that_went_away_is_told_of_before_its_numbers_are_old(service):
    collected(service, {"cpu": 500.0})
    MetricsStatus.objects.update(reason="PrometheusUnavailable", tried_at=timezone.now())
    cpu = line(read(service), "cpu")
    assert (cpu["used"], cpu["stale"], cpu["reason"]) == ("500m", False, "PrometheusUnavailable")


def test_an_absent_prometheus_leaves_the_age_of_the_last_numbers(service):
    collected(service, {"cpu": 500.0}, ago=timedelta(minutes=20))
    MetricsStatus.objects.update(reason="PrometheusUnavailable", tried_at=timezone.now())
    cpu = line(read(service), "cpu")
    assert (cpu["used"], cpu["stale"], cpu["reason"]) == (None, True, "PrometheusUnavailable")
    assert cpu["observed_at"] is not None
    assert cpu["window"]["used_average"] == "500m"


def test_a_stale_mirror_makes_requests_and_use_unknown(service):
    collected(service, {"cpu": 500.0})
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(minutes=5))
    cpu = line(read(service), "cpu")
    assert (cpu["requested"], cpu["idle"], cpu["cluster_free"]) == (None, None, None)
    # Whose pods there are is not known, so neither is who uses what was measured.
    assert (cpu["used"], cpu["stale"], cpu["window"]["used_peak"]) == (None, True, "500m")


def test_a_cluster_without_a_node_has_nothing_free_while_its_mirror_is_new(service):
    Node.objects.all().delete()
    assert line(read(service), "cpu")["cluster_free"] == "0"
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(minutes=5))
    assert line(read(service), "cpu")["cluster_free"] is None


def test_a_gap_stays_a_gap(service):
    for minutes in (1, 30):
        collected(service, {"cpu": 500.0}, ago=timedelta(minutes=minutes))
    points = line(read(service), "cpu")["series"]
    assert len(points) == 2


def test_collecting_adds_up_within_a_window(service):
    for used in (100.0, 300.0):
        collected(service, {"cpu": used})
    window = UsageWindow.objects.get(service_id=None, resource="cpu", window_seconds=3600)
    assert (window.used_total, window.used_count, window.used_peak) == (400.0, 2, 300.0)
    assert line(read(service), "cpu")["window"]["used_average"] == "200m"


def test_a_measure_that_is_not_known_adds_nothing(service):
    holder = (service.environment_id, None)
    measures = {(holder, "cpu"): collect.Measure(requested=1000.0)}
    collect.add_to_windows(measures, now=timezone.now())
    window = UsageWindow.objects.filter(resource="cpu").first()
    assert window is not None
    assert (window.requested_count, window.used_count, window.used_peak) == (1, 0, None)
    over_window = {"requested_average": "1", "used_average": None, "used_peak": None}
    assert line(read(service), "cpu")["window"] == over_window


def test_a_strangers_summary_does_not_exist(service):
    stranger = make_member(make_project(), Role.ADMIN)
    path = f"/api/v1/projects/{service.project.name}/summary"
    assert signed_in(stranger).get(path).status_code == 404


def test_a_dead_prometheus_is_noted_and_keeps_the_requests(service):
    Cluster.objects.update(prometheus_url="http://127.0.0.1:1")
    collect.collect_cluster(Cluster.objects.get())
    status = MetricsStatus.objects.get()
    assert (status.reason, status.observed_at) == ("PrometheusUnavailable", None)
    cpu = UsageWindow.objects.filter(service_id=None, resource="cpu").first()
    assert cpu is not None
    assert (cpu.requested_total, cpu.used_count) == (4000.0, 0)
    assert Environment.objects.count() == 1


def test_environments_of_one_namespace_name_on_two_clusters_are_kept_apart(service):
    elsewhere = make_environment(service.project, "staging", cluster=make_cluster())
    elsewhere.namespace = service.environment.namespace
    elsewhere.save()
    make_pod(make_deployed_service(elsewhere), name="c", requests=ASKED)
    summary = read(service)
    requested = [
        next(line for line in environment["resources"] if line["resource"] == GPU)["requested"]
        for environment in summary["environments"]
    ]
    assert sorted(requested) == ["1", "2"]


def test_a_service_has_a_course_of_its_own_and_gaps_stay_gaps(service):
    other = make_deployed_service(service.environment)
    collected(service, {"cpu": 500.0}, ago=timedelta(minutes=10))
    collected(service, {"cpu": 1500.0})
    collected(other, {"cpu": 9000.0})
    viewer = signed_in(make_member(service.project, Role.VIEWER))
    place = f"{service.project.name}/environments/{service.environment.name}"
    answer = viewer.get(f"/api/v1/projects/{place}/services/{service.name}/usage?window=1h")
    assert answer.status_code == 200, answer.content
    (cpu,) = answer.json()["resources"]
    assert (cpu["resource"], cpu["unit"]) == ("cpu", "millicores")
    assert [(p["requested"], p["used"]) for p in cpu["points"]] == [(1000, 500), (3000, 1500)]
    assert answer.json()["step_seconds"] == 60


def test_a_service_that_was_never_measured_has_no_course(service):
    viewer = signed_in(make_member(service.project, Role.VIEWER))
    place = f"{service.project.name}/environments/{service.environment.name}"
    answer = viewer.get(f"/api/v1/projects/{place}/services/{service.name}/usage")
    assert answer.json()["resources"] == []
