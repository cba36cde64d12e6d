"""Liveness, readiness and metrics, for machines."""

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
from serving.lifecycle import Phase
from tests import factories

pytestmark = pytest.mark.django_db
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


def test_a_scrape_costs_the_same_whatever_there_is(http: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        scraped(http)
    for _ in range(10):
        factories.make_rollout()
    with CaptureQueriesContext(connection) as many:
        scraped(http)
    assert len(many) == len(few)
