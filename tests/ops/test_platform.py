"""Whether Slipway's parts live, told truthfully: late and unknown are never ok, nor left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clusters.heartbeat import LATE_AFTER, Pulse
from clusters.models import Cluster, Heartbeat, LoopFault
from core.supervision import FAULTS, record_fault
from ops.components import database_part
from ops.heartbeats import KEPT_FOR, unreplaced
from ops.tasks import remove_expired_rows
from tests import factories
from usage.models import PRESENT_FOR, MetricsStatus

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def read(**user: Any) -> Any:
    response: Any = factories.signed_in(factories.make_user(**user)).get("/api/v1/platform")
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
    [(LATE_AFTER - SECOND, "ok"), (LATE_AFTER + SECOND, "late"), (KEPT_FOR - SECOND, "late")],
)
def test_a_missed_heartbeat_is_late_and_stays_in_sight(
    now: datetime, age: timedelta, state: str
) -> None:
    Heartbeat.objects.create(part="worker", instance="celery@a", at=now - age)
    remove_expired_rows()
    assert part("worker", "celery@a")["state"] == state


def beat(instance: str, started: int, heard: int, part: str = "informer") -> Heartbeat:
    """Make a process that started and was last heard of so many seconds after noon."""
    return Heartbeat.objects.create(
        part=part, instance=instance, started_at=NOON + started * SECOND, at=NOON + heard * SECOND
    )


def shown_at(seconds: int) -> list[str]:
    rows = unreplaced(Heartbeat.objects.all(), now=NOON + seconds * SECOND)
    return [row.instance for row in rows]


def test_who_was_killed_and_started_again_several_times_is_there_once() -> None:
    for n in range(4):
        beat(f"host-{n}", started=n * 60, heard=n * 60 + 50)
    assert shown_at(231) == ["host-3"]
    assert shown_at(400) == ["host-3"], "and is missed once when it is killed for good"


def test_one_that_comes_takes_the_place_of_one_that_is_gone() -> None:
    for name in ("a", "b", "c"):
        beat(name, started=0, heard=100)
    beat("d", started=200, heard=400)
    beat("e", started=210, heard=400)
    assert shown_at(401) == ["c", "d", "e"], "one of three is missing"


def test_who_was_there_before_takes_nobodys_place() -> None:
    beat("old", started=0, heard=400)
    beat("killed", started=10, heard=300)
    assert shown_at(401) == ["old", "killed"]


def test_another_part_takes_nobodys_place() -> None:
    beat("informer", started=0, heard=100)
    beat("worker", started=200, heard=400, part="worker")
    assert shown_at(401) == ["informer", "worker"]


def test_a_process_that_was_frozen_and_wakes_is_there_again() -> None:
    frozen = beat("frozen", started=0, heard=100)
    beat("new", started=200, heard=400)
    assert shown_at(401) == ["new"]
    frozen.at = NOON + 400 * SECOND
    frozen.save()
    assert shown_at(401) == ["frozen", "new"]


def test_a_process_of_a_fixed_name_is_the_one_that_started_last() -> None:
    for _ in range(3):
        Pulse(Heartbeat.Part.WORKER, "celery@a").beat()
    assert part("worker", "celery@a")["state"] == "ok"
    assert Heartbeat.objects.count() == 1


def test_a_killed_process_is_missed_for_a_day(now: datetime) -> None:
    Heartbeat.objects.create(part="worker", instance="celery@a", at=now - KEPT_FOR - SECOND)
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
    assert part("beat")["message"] == "No beat is known to run. Start one."


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
        ("http://prometheus", (PRESENT_FOR + SECOND, ""), "late"),
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


def test_what_loops_met_is_told_and_its_objects_only_to_platform_admins() -> None:
    for _ in range(3):
        record_fault(ValueError("odd"), loop="reader", cluster="east", about="Pod n/a")
    record_fault(KeyError("x"), loop="hub")
    fault = next(f for f in read(is_platform_admin=True)["faults"] if f["loop"] == "reader")
    assert (fault["cluster"], fault["count"], fault["last_object"]) == ("east", 3, "Pod n/a")
    assert fault["last_error"] == "ValueError: odd"
    assert {(f["count"], f["last_object"], f["last_error"]) for f in read()["faults"]} == {
        (3, "", ""),
        (1, "", ""),
    }


def test_faults_of_processes_add_up_and_come_with_their_signs_of_life() -> None:
    for _ in range(2):
        record_fault(ValueError("odd"), loop="reader", cluster="east")
        Pulse(Heartbeat.Part.INFORMER, "host-1").beat()
    assert LoopFault.objects.get().count == 2
    assert FAULTS.take() == []


def test_faults_go_after_a_day_without_news(now: datetime) -> None:
    for loop, age in (("old", KEPT_FOR + SECOND), ("new", KEPT_FOR - SECOND)):
        LoopFault.objects.create(loop=loop, count=1, last_at=now - age)
    remove_expired_rows()
    assert LoopFault.objects.get().loop == "new"


def test_a_database_that_takes_no_writes_is_a_part_that_does_not_work() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    database = database_part(timezone.now())
    assert (database.state, database.reason) == ("unreachable", "DatabaseReadOnly")


def test_simulated_nodes_are_said_to_be(now: datetime) -> None:
    assert read()["simulated"] is False
    factories.make_node(is_simulated=True)
    assert read()["simulated"] is True
