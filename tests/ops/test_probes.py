"""Liveness, readiness and metrics, for machines."""

import gc
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from clusters.models import Cluster
from core import stream
from core.places import HELD_REQUESTS
from core.supervision import record_fault
from projects.models import Environment
from serving.models import Rollout
from serving.rules.lifecycle import Phase, RolloutKind
from tests import factories
from usage.models import MetricsStatus

pytestmark = pytest.mark.django_db
ROLLOUT = "api/v1/rollouts/<uuid:rollout>"
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def http() -> Client:
    return Client()


@pytest.fixture
def redis_is_away(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(settings, "REDIS_URL", AWAY)
    stream.connection.cache_clear()
    yield
    stream.connection.cache_clear()


def test_a_process_that_answers_is_alive(http: Client) -> None:
    response = http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_liveness_asks_nobody(http: Client) -> None:
    """A database that is away must not have every web process restarted."""
    with CaptureQueriesContext(connection) as queries:
        http.get("/healthz")
    assert len(queries) == 0


def test_all_parts_there_is_ready(http: Client) -> None:
    response = http.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": {"database": "ok", "redis": "ok"}}


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_we_are_degraded_and_ready(http: Client) -> None:
    response = http.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["parts"]["redis"] == "unreachable"


def test_a_pending_migration_is_not_ready(http: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'serving'")
    response = http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["database"] == "migrations pending"


def test_a_cluster_that_is_away_changes_nothing(http: Client) -> None:
    """Nor does it cost the time of asking it: the address of these clusters answers nobody."""
    factories.make_cluster(is_heard=False)
    assert http.get("/readyz").json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_read_only(http: Client, path: str) -> None:
    assert http.post(path).status_code == 405


def scraped(http: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Return samples by metric and label values."""
    response = http.get("/metrics")
    assert response.status_code == 200
    return {
        family.name: {tuple(s.labels.values()): s.value for s in family.samples}
        for family in text_string_to_metric_families(response.content.decode())
    }


def test_metrics_count_what_the_database_holds(http: Client) -> None:
    environment = factories.make_environment()
    for phase in (Phase.PROGRESSING, Phase.PROGRESSING, Phase.PAUSED, Phase.SUCCEEDED):
        factories.make_rollout(factories.make_service(environment), phase=phase)
    metrics = scraped(http)
    assert metrics["slipway_rollouts_unfinished"] == {("Progressing",): 2, ("Paused",): 1}
    assert metrics["slipway_services"] == {("Stopped",): 4}
    assert metrics["slipway_environments"] == {("Ready",): 1}


def test_an_empty_installation_can_be_scraped(http: Client) -> None:
    assert scraped(http)["slipway_services"] == {}


def test_the_age_of_a_mirror_is_told_and_that_of_none_is_not(http: Client) -> None:
    old, never = factories.make_cluster("old"), factories.make_cluster("never", is_heard=False)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Cluster.objects.filter(pk=old.pk).update(mirrored_at=an_hour_ago, is_reachable=False)
    metrics = scraped(http)
    assert metrics["slipway_mirror_age_seconds"][("old",)] == pytest.approx(3600, abs=30)
    assert (never.name,) not in metrics["slipway_mirror_age_seconds"]
    assert metrics["slipway_cluster_reachable"] == {("old",): 0}


def test_an_informer_that_never_came_is_as_late_as_the_cluster_is_old(http: Client) -> None:
    held, free = factories.make_cluster("held"), factories.make_cluster("free")
    now = timezone.now()
    Cluster.objects.filter(pk=held.pk).update(
        informer_lease_until=now + timedelta(seconds=5), probed_at=now - timedelta(minutes=2)
    )
    Cluster.objects.filter(pk=free.pk).update(created_at=now - timedelta(hours=1))
    metrics = scraped(http)
    informed, probed = metrics["slipway_informer_age_seconds"], metrics["slipway_probe_age_seconds"]
    # A lease of 15 s that ends in 5 s was renewed 10 s ago.
    assert informed[("held",)] == pytest.approx(10, abs=5)
    assert probed[("held",)] == pytest.approx(120, abs=5)
    assert informed[("free",)] == probed[("free",)] == pytest.approx(3600, abs=5)


def test_what_waits_for_a_worker_is_told_with_its_age(http: Client) -> None:
    now = timezone.now()
    for seconds, fields in (
        (90, {}),
        (30, {}),
        (600, {"lease_until": now + timedelta(minutes=1)}),
        (600, {"phase": Phase.SUCCEEDED}),
    ):
        factories.make_rollout(next_run_at=now - timedelta(seconds=seconds), **fields)
    waiting, held, *_ = Environment.objects.all()
    for environment, lease_until in ((waiting, None), (held, now + timedelta(minutes=1))):
        rows = Environment.objects.filter(pk=environment.pk)
        rows.update(next_run_at=now - timedelta(seconds=60), lease_until=lease_until)
    metrics = scraped(http)
    assert metrics["slipway_due_rows"] == {("rollout",): 2, ("environment",): 1}
    assert metrics["slipway_due_age_seconds"] == {
        ("rollout",): pytest.approx(90, abs=5),
        ("environment",): pytest.approx(60, abs=5),
    }


@pytest.mark.parametrize(
    ("fields", "is_overdue"),
    [
        pytest.param({"progressed": 700}, True, id="past its deadline"),
        pytest.param({"progressed": 500}, False, id="in time"),
        pytest.param({"created": 700}, True, id="never begun"),
        pytest.param({"progressed": 700, "phase": Phase.PAUSED}, False, id="paused by a person"),
        pytest.param({"progressed": 700, "phase": Phase.FAILED}, False, id="finished"),
        pytest.param({"progressed": 700, "deadline": 900}, False, id="its own deadline"),
        pytest.param(
            {"progressed": 700, "deadline": 900, "phase": Phase.ROLLING_BACK}, True, id="going back"
        ),
    ],
)
def test_a_rollout_past_its_deadline_is_told(
    http: Client, fields: dict[str, Any], is_overdue: bool
) -> None:
    """The deadline is 600 s, or what the revision says that the rollout leads to."""
    phase, now = fields.get("phase", Phase.PROGRESSING), timezone.now()
    service = factories.make_service()
    before, after = factories.make_revision(service), factories.make_revision(service)
    after.spec["progress_deadline_seconds"] = fields.get("deadline", 600)
    after.save()
    rollout = factories.make_rollout(service, phase=phase, from_revision=before, to_revision=after)
    ages = {name: fields[name] for name in ("progressed", "created") if name in fields}
    Rollout.objects.filter(pk=rollout.pk).update(
        **{f"{name}_at": now - timedelta(seconds=age) for name, age in ages.items()}
    )
    assert scraped(http)["slipway_rollouts_overdue"] == {(): int(is_overdue)}


def test_a_removal_has_its_services_deadline(http: Client) -> None:
    rollout = factories.make_rollout(kind=RolloutKind.DECOMMISSION)
    assert scraped(http)["slipway_rollouts_overdue"] == {(): 0}
    Rollout.objects.filter(pk=rollout.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert scraped(http)["slipway_rollouts_overdue"] == {(): 1}


def test_a_prometheus_that_is_away_is_told_and_one_that_is_not_wanted_is_not(http: Client) -> None:
    now = timezone.now()
    for name, url, reason in (
        ("away", "http://127.0.0.1:1", "PrometheusUnavailable"),
        ("there", "http://127.0.0.1:1", ""),
        ("none", "", "PrometheusUnavailable"),
    ):
        cluster = factories.make_cluster(name)
        Cluster.objects.filter(pk=cluster.pk).update(prometheus_url=url)
        MetricsStatus.objects.create(
            cluster=cluster, tried_at=now, observed_at=now - timedelta(minutes=1), reason=reason
        )
    metrics = scraped(http)
    assert metrics["slipway_prometheus_reachable"] == {("away",): 0, ("there",): 1}
    assert metrics["slipway_usage_age_seconds"][("away",)] == pytest.approx(60, abs=5)


def samples(http: Client, name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of one name, by label values in the labels' order."""
    families = text_string_to_metric_families(http.get("/metrics").content.decode())
    found = (sample for family in families for sample in family.samples if sample.name == name)
    return {tuple(sample.labels.values()): sample.value for sample in found}


def test_requests_are_counted_by_route_and_status(http: Client) -> None:
    before = samples(http, "slipway_http_requests_total")
    for path in ("/api/v1/projects/a", "/api/v1/projects/b", "/api/no/such", "/api/nor/this"):
        http.get(path)
    after = samples(http, "slipway_http_requests_total")
    grown = {key: n - before.get(key, 0) for key, n in after.items() if n != before.get(key)}
    assert grown.pop(("200", "metrics")) == 1
    assert grown.pop(("404", "")) == 2
    [((code, route), count)] = grown.items()
    assert (code, count, route.startswith("api/v1/projects/")) == ("401", 2, True)


def test_what_loops_met_is_counted_by_loop_and_cluster(http: Client) -> None:
    for _ in range(2):
        record_fault(ValueError("odd"), loop="reader", cluster="east")
        assert http.get("/metrics").status_code == 200
    record_fault(KeyError("x"), loop="hub")
    assert samples(http, "slipway_loop_faults_total") == {("east", "reader"): 2, ("", "hub"): 1}


def test_who_asks_to_wait_is_not_slow(http: Client) -> None:
    rollout = factories.make_rollout()
    admin: Any = factories.signed_in(factories.make_user(is_platform_admin=True))
    path = f"/api/v1/rollouts/{rollout.pk}"
    name = "slipway_http_request_duration_seconds_count"
    before = samples(http, name)
    admin.get(f"{path}?wait=30s")
    assert samples(http, name).get((ROLLOUT,), 0) == before.get((ROLLOUT,), 0)
    admin.get(path)
    assert samples(http, name)[(ROLLOUT,)] == before.get((ROLLOUT,), 0) + 1


def test_who_waits_is_counted_with_how_many_may(http: Client) -> None:
    # Places of others are given back when they are forgotten.
    gc.collect()
    with HELD_REQUESTS.take(1):
        waiting = samples(http, "slipway_waiting")
    assert waiting == {("stream",): 0, ("log",): 0, ("wait",): 1, ("export",): 0}
    assert samples(http, "slipway_waiting_limit")[("wait", "user")] == HELD_REQUESTS.most_per_user
    assert samples(http, "slipway_waiting")[("wait",)] == 0


def test_who_is_refused_a_place_is_counted(http: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HELD_REQUESTS, "most", 0)
    before = samples(http, "slipway_waiting_refused_total")[("wait",)]
    rollout = factories.make_rollout()
    admin: Any = factories.signed_in(factories.make_user(is_platform_admin=True))
    refused = admin.get(f"/api/v1/rollouts/{rollout.pk}?wait=30s")
    assert (refused.status_code, refused.json()["reason"]) == (429, "TooManyRequests")
    assert int(refused["Retry-After"]) > 0
    assert samples(http, "slipway_waiting_refused_total")[("wait",)] == before + 1


def test_a_scrape_costs_the_same_whatever_there_is(http: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        scraped(http)
    for _ in range(10):
        cluster = factories.make_rollout().service.cluster
        MetricsStatus.objects.create(cluster=cluster, tried_at=timezone.now())
    Cluster.objects.update(prometheus_url="http://127.0.0.1:1")
    with CaptureQueriesContext(connection) as many:
        scraped(http)
    assert len(many) == len(few)
