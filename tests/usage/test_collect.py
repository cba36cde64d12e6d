"""Collecting: a total is of every ready pod or of none, from a real Prometheus."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from clusters.models import Cluster
from core.messages import Message
from core.resources import Resources
from projects.models import Role
from prometheus.client import Prometheus
from serving.models import ModelService
from tests import factories
from tests.factories import make_pod
from usage import collect
from usage.cards import GPU
from usage.models import PRESENT_FOR, MetricsStatus, UsageWindow
from usage.pods import read_use_of_pods

pytestmark = pytest.mark.django_db
ASKED = Resources({"cpu": 1000, "memory": 200, GPU: 1})


@pytest.fixture
def service(server: Prometheus) -> ModelService:
    """A service in the namespace that the exporter tells of; which pods it has, a test says."""
    environment = factories.make_environment(factories.make_project("fraud"))
    Cluster.objects.update(prometheus_url=server.connection.url)
    return factories.make_deployed_service(environment)


def add_pod(service: ModelService, name: str, **fields: Any) -> None:
    make_pod(service, name=name, **{"is_ready": True, "requests": ASKED, **fields})


def collected(service: ModelService, resource: str) -> UsageWindow | None:
    """Collect once; return the environment's fine window, which has to be the service's too."""
    collect.collect_cluster(Cluster.objects.get())
    windows = UsageWindow.objects.filter(resource=resource, window_seconds=collect.FINE_SECONDS)
    whole, own = windows.filter(service_id=None).first(), windows.filter(service_id=service.pk)
    assert (whole and whole.used_total) == (own.first() and own.get().used_total)
    return whole


def numbers(window: UsageWindow | None) -> tuple[float | None, int, int]:
    """Return the use, the pods that there were to measure, and those that were."""
    assert window is not None
    used = window.used_total if window.used_count else None
    return used, window.pods_expected, window.pods_measured


def shown(service: ModelService, resource: str) -> Any:
    """Return a resource of the environment as the API shows it."""
    viewer = factories.make_member(service.project, Role.VIEWER)
    summary = factories.signed_in(viewer).get("/api/v1/projects/fraud/summary").json()
    lines = summary["environments"][0]["resources"]
    return next(line for line in lines if line["resource"] == resource)


def test_every_ready_pod_measured_is_a_total(service):
    add_pod(service, "a")
    add_pod(service, "b")
    assert numbers(collected(service, "memory")) == (150.0, 2, 2)
    line = shown(service, "memory")
    assert (line["used"], line["idle"], line["coverage"], line["reason"]) == ("150", "250", 1.0, "")


def test_a_ready_pod_without_a_sample_makes_the_total_unknown_and_says_so(service):
    add_pod(service, "a")
    add_pod(service, "c")
    assert numbers(collected(service, "memory")) == (None, 2, 1)
    line = shown(service, "memory")
    assert (line["used"], line["idle"], line["window"]["used_average"]) == (None, None, None)
    assert (line["coverage"], line["reason"], line["stale"]) == (0.5, "PartialData", False)


@pytest.mark.parametrize("fields", [{"is_ready": False}, {"is_terminating": True}])
def test_a_pod_that_starts_or_ends_need_not_be_measured(service, fields):
    add_pod(service, "a")
    add_pod(service, "c", **fields)
    assert numbers(collected(service, "memory")) == (100.0, 1, 1)


def test_a_pod_that_starts_counts_for_what_it_uses(service):
    add_pod(service, "a")
    add_pod(service, "b", is_ready=False)
    assert numbers(collected(service, "memory")) == (150.0, 1, 1)


def test_only_pods_that_start_and_have_no_sample_are_unknown_and_not_zero(service):
    add_pod(service, "c", is_ready=False)
    assert numbers(collected(service, "memory")) == (None, 0, 0)


def test_a_complete_collection_within_the_minute_is_shown(service):
    factories.make_pod(service)
    now = timezone.now()
    for measure in (collect.Measure(400, None, 2, 1), collect.Measure(400, 150, 2, 2)):
        collect.add_to_windows({((service.environment_id, None), "memory"): measure}, now=now)
    collect.record_status(service.cluster, now=now, is_observed=True, reason="", message=Message())
    line = shown(service, "memory")
    assert (line["used"], line["coverage"], line["reason"]) == ("150", 0.75, "")


def test_a_look_is_announced_when_it_finds_something_else_or_the_last_was_long_ago(
    service, django_capture_on_commit_callbacks
):
    now = timezone.now()

    def announced(reason: str, *, at: datetime) -> int:
        with django_capture_on_commit_callbacks() as announcements:
            collect.record_status(
                service.cluster, now=at, is_observed=True, reason=reason, message=Message()
            )
        return len(announcements)

    later = now + timedelta(hours=1)
    looks = [("", now), ("", now), ("NoData", now), ("NoData", now), ("NoData", later)]
    assert [announced(reason, at=at) for reason, at in looks] == [1, 0, 1, 0, 1]


def test_an_environment_that_went_meanwhile_costs_no_other_its_measures(service):
    gone, now = factories.make_environment(), timezone.now()
    measure = collect.Measure(400, 150, 2, 2)
    measures = {((pk, None), "memory"): measure for pk in (gone.pk, service.environment_id)}
    gone.quota.delete()
    gone.delete()
    collect.add_to_windows(measures, now=now)
    kept = set(UsageWindow.objects.values_list("environment_id", flat=True))
    assert kept == {service.environment_id}


def test_a_card_without_a_number_is_unknown_while_memory_is_known(service):
    add_pod(service, "a")
    add_pod(service, "b")
    assert numbers(collected(service, GPU)) == (None, 2, 1)
    assert shown(service, "memory")["used"] == "150"
    assert shown(service, GPU)["used"] is None


def test_a_pod_that_holds_no_card_has_no_card_to_measure(service):
    add_pod(service, "a")
    add_pod(service, "b", requests=Resources({"cpu": 1000, "example.com/nic": 1}))
    assert numbers(collected(service, GPU)) == (0.5, 1, 1)


def test_a_free_card_is_not_its_exporters(service):
    add_pod(service, "a")
    make_pod(service, name="exporter", requests=Resources({"cpu": 100}))
    assert numbers(collected(service, GPU)) == (0.5, 1, 1)


def test_a_stale_mirror_knows_nobodys_pods_so_nothing_is_collected(service):
    add_pod(service, "a")
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(minutes=5))
    collect.collect_cluster(Cluster.objects.get())
    assert not UsageWindow.objects.exists()
    status = MetricsStatus.objects.get()
    assert (status.reason, status.observed_at) == ("Stale", None)


def test_samples_of_no_pod_of_ours_are_no_data(service):
    add_pod(service, "c")
    collect.collect_cluster(Cluster.objects.get())
    assert MetricsStatus.objects.get().reason == "NoData"


def use_of_pods(service: ModelService) -> Any:
    """Return what the service's pods use now, as the API shows it."""
    viewer = factories.make_member(service.project, Role.VIEWER)
    place = f"fraud/environments/{service.environment.name}/services/{service.name}"
    return factories.signed_in(viewer).get(f"/api/v1/projects/{place}/usage").json()["now"]


def test_each_pod_has_a_use_of_its_own_and_one_without_a_sample_has_none(service):
    add_pod(service, "a")
    add_pod(service, "c")
    assert use_of_pods(service) is None
    collect.collect_cluster(Cluster.objects.get())
    measured, silent = use_of_pods(service)["pods"]
    assert (measured["pod"], measured["used"]["memory"]) == ("a", "100")
    assert (silent["pod"], silent["used"]["memory"]) == ("c", None)


def test_the_use_of_pods_is_forgotten_when_it_is_not_the_present_any_more(service):
    add_pod(service, "a")
    collect.collect_cluster(Cluster.objects.get())
    later = timezone.now() + PRESENT_FOR
    assert read_use_of_pods(service.pk, now=later - timedelta(seconds=5)) is not None
    assert read_use_of_pods(service.pk, now=later + timedelta(seconds=5)) is None


def test_a_cache_that_is_away_makes_the_use_of_pods_unknown_and_keeps_the_sums(
    service, monkeypatch
):
    def away(*args: Any, **options: Any) -> Any:
        raise RedisConnectionError("no route")

    add_pod(service, "a")
    monkeypatch.setattr(cache, "set_many", away)
    assert numbers(collected(service, "memory")) == (100.0, 1, 1)
    monkeypatch.setattr(cache, "get", away)
    assert read_use_of_pods(service.pk, now=timezone.now()) is None
