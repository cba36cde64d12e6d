"""Whether Slipway's parts live, told truthfully: late and unknown are never ok, nor left out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clusters.heartbeat import KEPT, LATE_AFTER, Pulse
from clusters.models import Cluster, Heartbeat
from notify.tasks import remove_expired_rows
from tests import factories
from usage.models import MetricsStatus
from usage.reading import FRESH

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def read() -> Any:
    response: Any = factories.signed_in(factories.make_user()).get("/api/v1/platform")
    assert response.status_code == 200, response.content
    return response.json()


def part(name: str, instance: str = "") -> Any:
    (found,) = [p for p in read()["parts"] if (p["name"], p["instance"]) == (name, instance)]
    return found


def test_the_stores_are_asked() -> None:
    assert part("postgresql")["state"] == "ok"
    assert part("postgresql")["version"]
    assert part("redis")["state"] == "ok"


def test_a_process_that_was_never_heard_of_is_unknown() -> None:
    for name in Heartbeat.Part.values:
        assert part(name)["state"] == "unknown"
        assert part(name)["message"]


@pytest.mark.parametrize(
    ("age", "state"),
    [(LATE_AFTER - SECOND, "ok"), (LATE_AFTER + SECOND, "late"), (KEPT - SECOND, "late")],
)
def test_a_missed_heartbeat_is_late_and_stays_in_sight(
    now: datetime, age: timedelta, state: str
) -> None:
    Heartbeat.objects.create(part="worker", instance="celery@a", at=now - age)
    remove_expired_rows()
    assert part("worker", "celery@a")["state"] == state


def test_a_killed_process_is_missed_for_a_day(now: datetime) -> None:
    Heartbeat.objects.create(part="worker", instance="celery@a", at=now - KEPT - SECOND)
    remove_expired_rows()
    assert part("worker")["state"] == "unknown"


def test_a_heartbeat_is_one_statement_and_not_more_often_than_needed(
    django_assert_num_queries: Any,
) -> None:
    pulse = Pulse(Heartbeat.Part.INFORMER, "host-1")
    with django_assert_num_queries(1):
        pulse.beat()
        pulse.beat()
    with django_assert_num_queries(1):
        Pulse(Heartbeat.Part.INFORMER, "host-1").beat()
    assert Heartbeat.objects.count() == 1
    assert part("informer", "host-1")["state"] == "ok"


def test_who_says_goodbye_is_not_missed() -> None:
    pulse = Pulse(Heartbeat.Part.BEAT, "host")
    pulse.beat()
    pulse.end()
    pulse.last = None
    pulse.beat()
    assert part("beat")["state"] == "unknown"


@pytest.mark.parametrize(
    ("probe", "state", "reason"),
    [
        ({}, "unknown", "NoData"),
        ({"age": 0, "is_reachable": True}, "ok", ""),
        (
            {"age": 0, "is_reachable": False, "reason": "ClusterUnavailable"},
            "unreachable",
            "ClusterUnavailable",
        ),
        ({"age": 90, "is_reachable": True}, "late", "Stale"),
    ],
)
def test_a_cluster_is_as_its_last_probe_found_it(
    now: datetime, probe: dict[str, Any], state: str, reason: str
) -> None:
    factories.make_cluster("east")
    age = probe.pop("age", None)
    probed_at = None if age is None else now - age * SECOND
    Cluster.objects.update(probed_at=probed_at, version="v1.36.3", **probe)
    found = part("cluster", "east")
    assert (found["state"], found["reason"], found["version"]) == (state, reason, "v1.36.3")


@pytest.mark.parametrize(("age", "state"), [(None, "unknown"), (0, "ok"), (61, "late")])
def test_a_mirror_is_as_old_as_its_last_word(now: datetime, age: int | None, state: str) -> None:
    factories.make_cluster("east")
    Cluster.objects.update(mirrored_at=None if age is None else now - age * SECOND)
    assert part("mirror", "east")["state"] == state


@pytest.mark.parametrize(
    ("url", "status", "state"),
    [
        ("", None, "unknown"),
        ("http://prometheus", None, "unknown"),
        ("http://prometheus", (timedelta(0), ""), "ok"),
        ("http://prometheus", (timedelta(0), "NoData"), "ok"),
        ("http://prometheus", (timedelta(0), "PrometheusUnavailable"), "unreachable"),
        ("http://prometheus", (FRESH + SECOND, ""), "late"),
    ],
)
def test_prometheus_is_as_the_last_collection_found_it(
    now: datetime, url: str, status: tuple[timedelta, str] | None, state: str
) -> None:
    cluster = factories.make_cluster("east")
    Cluster.objects.update(prometheus_url=url)
    if status is not None:
        age, reason = status
        MetricsStatus.objects.create(cluster=cluster, tried_at=now - age, reason=reason)
    assert part("prometheus", "east")["state"] == state


def test_simulated_nodes_are_said_to_be(now: datetime) -> None:
    assert read()["simulated"] is False
    factories.make_node(is_simulated=True)
    assert read()["simulated"] is True
