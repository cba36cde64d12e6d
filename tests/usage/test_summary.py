"""The summary's rules: unknown is never zero, and every number has its unit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from clusters.models import Cluster
from clusters.staleness import STALE_AFTER
from core.api.renderers import JSONRenderer
from core.api.windows import parse_until, parse_window
from core.errors import Invalid
from core.resources import Resources
from usage.cards import GPU, GPU_MEMORY
from usage.models import PRESENT_FOR, MetricsStatus
from usage.reading import freshness_of, span_of
from usage.serializers import shown_line
from usage.summary import (
    Allotment,
    Freshness,
    Holding,
    Line,
    OverWindow,
    UseNow,
    line_of,
    lines_of,
    quantity,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FRESH = Freshness(NOW, is_stale=False)
MOMENT = timedelta(microseconds=1)
MIG = "nvidia.com/mig-1g.5gb"


@pytest.mark.parametrize(
    ("requested", "used", "idle"),
    [
        pytest.param(4, 1.0, 3.0, id="the rest is idle"),
        pytest.param(1, 4.0, 0.0, id="bursting beyond the request is not negative"),
        pytest.param(None, 1.0, None, id="unknown request"),
        pytest.param(4, None, None, id="unknown use is not idle"),
        pytest.param(0, 0.0, 0.0, id="nothing asked for, nothing idle"),
    ],
)
def test_idle_is_known_only_where_both_sides_are(requested, used, idle):
    assert Line("cpu", FRESH, requested=requested, now=UseNow(used)).idle == idle


@pytest.mark.parametrize(
    ("requested", "resource", "expected"),
    [
        pytest.param(Resources({"cpu": 500}), "cpu", 500, id="asked for"),
        pytest.param(Resources({"cpu": 500}), "memory", 0, id="all pods known, none asks for it"),
        pytest.param(Resources(), "cpu", 0, id="no pod, and that is known"),
        pytest.param(None, "cpu", None, id="old mirror"),
        pytest.param(Resources({"cpu": 500}), GPU_MEMORY, None, id="what nobody can ask for"),
    ],
)
def test_what_is_asked_for_is_nothing_only_where_all_pods_are_known(requested, resource, expected):
    holding = Holding(FRESH, requested, over_window={resource: OverWindow()})
    assert line_of(holding, resource).requested == expected


LIMITS, PROMISED = Resources({"cpu": 4000, "pods": 100}), Resources({"cpu": 1000})


@pytest.mark.parametrize(
    ("resource", "quota", "reserved", "cluster_free"),
    [
        pytest.param("cpu", 4000, 1000, 64_000, id="limited"),
        pytest.param("memory", None, 0, None, id="not limited, and free on no node that is known"),
        pytest.param(GPU, 0, 0, 8, id="only some nodes have it, so it is not allowed unlisted"),
        pytest.param(MIG, 0, 0, 0, id="no node has it"),
        pytest.param("pods", 100, 0, None, id="how many more pods nodes take is not known"),
        pytest.param(GPU_MEMORY, None, None, None, id="only its use is measured"),
    ],
)
def test_what_an_environment_may_have(resource, quota, reserved, cluster_free):
    free = {"cpu": 64_000, "memory": None, GPU: 8, "pods": 110, GPU_MEMORY: 1}
    found = line_of(Holding(FRESH, allowance=Allotment(LIMITS, PROMISED, free)), resource)
    assert (found.quota, found.reserved, found.cluster_free) == (quota, reserved, cluster_free)


def test_an_old_mirror_knows_of_nothing_that_is_free_and_of_every_promise():
    holding = Holding(FRESH, allowance=Allotment(LIMITS, PROMISED, None))
    (cpu, _) = lines_of(holding)
    assert (cpu.quota, cpu.reserved, cpu.cluster_free) == (4000, 1000, None)


def test_a_service_has_no_quota_of_its_own():
    found = line_of(Holding(FRESH, Resources({"cpu": 1})), "cpu")
    assert (found.quota, found.reserved, found.cluster_free) == (None, None, None)


def test_there_is_a_line_for_whatever_anything_is_known_of():
    holding = Holding(
        FRESH,
        requested=Resources({"pods": 1}),
        now={GPU: UseNow(0.5)},
        over_window={GPU_MEMORY: OverWindow(used_peak=1.0)},
        allowance=Allotment(Resources({"memory": 1}), Resources({"cpu": 1}), {MIG: 7}),
    )
    resources = [line.resource for line in lines_of(holding)]
    assert resources == ["cpu", "memory", GPU, GPU_MEMORY, "pods"]


@pytest.mark.parametrize(
    ("freshness", "now", "reason"),
    [
        pytest.param(FRESH, UseNow(1.0, 1.0), "", id="all known"),
        pytest.param(FRESH, UseNow(None, 0.5), "PartialData", id="some pods not measured"),
        pytest.param(FRESH, UseNow(1.0, 0.5), "", id="a total was known within the minute"),
        pytest.param(FRESH, UseNow(), "", id="nothing to measure"),
        pytest.param(Freshness(None, True, "NoData"), UseNow(None, 0.5), "NoData", id="no data"),
    ],
)
def test_a_line_says_why_it_does_not_know(freshness, now, reason):
    assert Line("cpu", freshness, now=now).reason == reason


def ago(age: timedelta | None) -> datetime | None:
    return None if age is None else NOW - age


NEW, AWAY = timedelta(0), "PrometheusUnavailable"


@pytest.mark.parametrize(
    ("observed", "mirrored", "noted", "expected"),
    [
        pytest.param(NEW, NEW, "", (False, ""), id="new"),
        pytest.param(PRESENT_FOR, NEW, "", (False, ""), id="as old as may be"),
        pytest.param(PRESENT_FOR + MOMENT, NEW, "", (True, "Stale"), id="a moment older"),
        pytest.param(None, NEW, "NoData", (True, "NoData"), id="never any numbers"),
        pytest.param(NEW, NEW, AWAY, (False, AWAY), id="away, named before its numbers are old"),
        pytest.param(PRESENT_FOR + MOMENT, NEW, AWAY, (True, AWAY), id="away for long"),
        pytest.param(NEW, NEW, "NoData", (False, ""), id="a look without numbers is no outage"),
        pytest.param(NEW, STALE_AFTER, "", (False, ""), id="mirror as old as may be"),
        pytest.param(NEW, STALE_AFTER + MOMENT, "", (True, "Stale"), id="mirror a moment older"),
        pytest.param(NEW, None, "", (True, "Stale"), id="not mirrored"),
    ],
)
def test_numbers_are_the_present_while_both_metrics_and_mirror_are(
    observed, mirrored, noted, expected
):
    cluster = Cluster(mirrored_at=ago(mirrored))
    status = MetricsStatus(observed_at=ago(observed), tried_at=NOW, reason=noted)
    found = freshness_of(cluster, status, now=NOW)
    assert (found.observed_at, (found.is_stale, found.reason)) == (ago(observed), expected)


def test_where_nobody_ever_looked_there_is_no_data():
    found = freshness_of(Cluster(mirrored_at=NOW), None, now=NOW)
    assert found == Freshness(None, is_stale=True, reason="NoData")


@pytest.mark.parametrize(("age", "is_late"), [(PRESENT_FOR, False), (PRESENT_FOR + MOMENT, True)])
def test_a_look_is_late_whatever_was_found(age, is_late):
    for observed_at in (None, NOW):
        status = MetricsStatus(tried_at=NOW - age, observed_at=observed_at)
        assert status.is_late(now=NOW) is is_late


@pytest.mark.parametrize(
    ("resource", "value", "text"),
    [
        ("cpu", 1500.4, "1500m"),
        ("cpu", 4000, "4"),
        ("memory", float(8 << 30), "8Gi"),
        ("memory", 1024.6, "1025"),
        ("nvidia.com/gpu", 2, "2"),
        ("nvidia.com/gpu", 0.37, "370m"),
        ("nvidia.com/gpu.memory", float(1 << 30), "1Gi"),
        ("cpu", 0.0, "0"),
        ("cpu", None, None),
    ],
)
def test_numbers_leave_as_kubernetes_writes_them(resource, value, text):
    assert quantity(resource, value) == text


def shown(line: Line) -> dict[str, Any]:
    return orjson.loads(JSONRenderer().render(shown_line(line)))


def test_every_number_leaves_once_as_the_quantity_that_the_contract_names():
    line = Line(
        GPU,
        FRESH,
        quota=8,
        reserved=7,
        requested=6,
        cluster_free=5,
        now=UseNow(4.5, 1.0),
        over_window=OverWindow(3.0, 2.5, 2.25, is_shared=True),
    )
    assert shown(line) == {
        "resource": GPU,
        "unit": "devices",
        "quota": "8",
        "reserved": "7",
        "requested": "6",
        "used": "4500m",
        "idle": "1500m",
        "cluster_free": "5",
        "window": {"requested_average": "3", "used_average": "2500m", "used_peak": "2250m"},
        "coverage": 1.0,
        "shared": True,
        "observed_at": "2026-11-30T12:00:00Z",
        "stale": False,
        "reason": "",
    }


def test_what_is_not_known_leaves_as_null_and_what_is_nothing_as_zero():
    found = shown(Line("cpu", FRESH, quota=0, requested=0))
    assert (found["quota"], found["requested"]) == ("0", "0")
    unknown = ("reserved", "used", "idle", "cluster_free", "coverage")
    assert [found[name] for name in unknown] == [None] * 5
    assert set(found["window"].values()) == {None}


@pytest.mark.parametrize(("text", "minutes"), [("5m", 5), ("1h", 60), ("7d", 10_080)])
def test_a_window_is_read(text, minutes):
    assert parse_window(text).total_seconds() == minutes * 60


@pytest.mark.parametrize(
    "text", ["", "1", "h", "0m", "4m", "91d", "-1h", "1w", "1h ", "١h", "99999d"]
)
def test_what_is_no_window_is_refused(text):
    with pytest.raises(Invalid):
        parse_window(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-30",
        "2026-11-30T12:00:00",
        "2026-13-30T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
    ],
)
def test_what_is_no_end_of_a_window_is_refused(text):
    with pytest.raises(Invalid, match="until"):
        parse_until(text)


@pytest.mark.parametrize(
    ("window", "ended_ago", "seconds"),
    [
        pytest.param(timedelta(hours=1), timedelta(0), 60, id="fine"),
        pytest.param(timedelta(days=7), timedelta(0), 3600, id="too long for fine windows"),
        pytest.param(timedelta(hours=1), timedelta(days=2), 3600, id="too long ago for fine ones"),
        pytest.param(timedelta(hours=1), timedelta(hours=24), 60, id="still kept"),
    ],
)
def test_a_window_may_end_earlier_and_is_read_from_what_is_kept_of_it(window, ended_ago, seconds):
    until = parse_until((NOW - ended_ago).isoformat())
    span = span_of(window, until=until, now=NOW)
    assert (span.until, span.until - span.since) == (NOW - ended_ago, window)
    assert span.seconds == seconds
    assert (window.total_seconds() / span.step_seconds) <= 150


def test_a_window_does_not_end_after_now():
    assert span_of(timedelta(hours=1), until=NOW + timedelta(days=1), now=NOW).until == NOW
