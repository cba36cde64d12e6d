"""The rules in deploy/prometheus, loaded by a real Prometheus as `make demo` loads them."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from clusters.models import Cluster
from core.devices import mig_resource
from core.resources import Resources
from core.supervision import record_fault
from core.waiting import wait_until
from embedded.prometheus import RULES
from ops.metrics import exposition
from prometheus.client import Prometheus
from prometheus.queries import CARDS, QUERIES
from serving.models import Rollout
from tests import factories
from tests.prometheus.exporter import SLIPWAY
from usage.cards import GPU, GPU_MEMORY, attribute, parts_of
from usage.models import MetricsStatus

RECORDED = {
    "cpu": "namespace_pod:cpu_used_cores:sum",
    "memory": "namespace_pod:memory_used_bytes:sum",
    GPU: "namespace_pod:gpu_used_cards:sum",
    GPU_MEMORY: "namespace_pod:gpu_memory_used_bytes:sum",
}
ABSENT = "SlipwayAbsent"
# They look back five minutes, and so at the scenes of other tests.
OF_TRAFFIC = {"SlipwayErrors", "SlipwaySlow"}


def rules(server: Prometheus) -> list[dict[str, Any]]:
    """Return every rule as the server sees it."""
    answer = requests.get(f"{server.connection.url}/api/v1/rules", timeout=10).json()
    return [rule for group in answer["data"]["groups"] for rule in group["rules"]]


def alerts(server: Prometheus) -> dict[str, dict[str, Any]]:
    """Return our own alerts by name."""
    ours = (rule for rule in rules(server) if rule["name"].startswith("Slipway"))
    return {rule["name"]: rule for rule in ours}


def burning(server: Prometheus) -> set[str]:
    """Return the alerts whose expression holds, for however short a time."""
    return {name for name, rule in alerts(server).items() if rule["state"] != "inactive"}


def reaches(server: Prometheus, wanted: set[str], *, apart_from: set[str] = OF_TRAFFIC) -> bool:
    """Wait until exactly these alerts burn."""
    return bool(
        wait_until(
            lambda: burning(server) - apart_from == wanted - apart_from or None, timeout_seconds=30
        )
    )


def test_every_rule_evaluates(server):
    evaluated = wait_until(
        lambda: all(rule["health"] != "unknown" for rule in rules(server)) or None,
        timeout_seconds=30,
    )
    assert evaluated
    assert {rule["name"]: rule.get("lastError", "") for rule in rules(server)} == {
        rule["name"]: "" for rule in rules(server)
    }
    assert len(rules(server)) == sum(
        len(re.findall(r"^  - (?:record|alert):", file.read_text(), re.M))
        for file in RULES.glob("*.yml")
    )


Recorded = dict[tuple[str | None, ...], float]


@pytest.mark.parametrize("resource", RECORDED)
def test_what_is_recorded_is_what_slipway_shows(server, resource):
    def recorded() -> Recorded:
        samples = server.query(RECORDED[resource])
        names = "namespace", "pod", "GPU_I_PROFILE"
        return {tuple(s.labels.get(name, "") for name in names): s.value for s in samples}

    def agree() -> bool | None:
        ours, theirs = shown(server, resource), recorded()
        return (theirs == pytest.approx(ours, rel=0.2) and len(ours) > 0) or None

    assert wait_until(agree, timeout_seconds=30), (shown(server, resource), recorded())


def shown(server: Prometheus, resource: str) -> Recorded:
    """Return what Slipway would show of a resource, by namespace, pod and MIG profile."""
    if resource in (GPU, GPU_MEMORY):
        return shown_of_cards(server, resource)
    query = next(query for query in QUERIES if query.resource == resource)
    factor = 1 if resource == "cpu" else query.factor
    return {
        (s.labels.get("namespace"), s.labels["pod"], ""): s.value * factor
        for s in server.query(query.promql)
        if "pod" in s.labels
    }


def shown_of_cards(server: Prometheus, resource: str) -> Recorded:
    """Return what pods use of cards if each holds what it is told to have."""
    parts = parts_of((sample.labels, sample.value) for sample in server.query_all(CARDS))
    held: dict[Any, Resources] = defaultdict(Resources)
    profiles = {mig_resource(part.card.profile): part.card.profile for part in parts}
    for part in parts:
        name = mig_resource(part.card.profile) if part.card.profile else GPU
        held[part.holder] += Resources({name: 1})
    return {
        (*pod, profiles.get(name, "")): its.value
        for (pod, name), its in attribute(parts, held).amounts.items()
        if its.value is not None and (name == GPU_MEMORY) == (resource == GPU_MEMORY)
    }


def test_a_namespace_with_a_pod_that_has_no_number_has_none(server):
    def found() -> float | None:
        answer = server.connection.custom_query('namespace:gpu_used_cards:sum{namespace="ns"}')
        return float(answer[0]["value"][1]) if answer else None

    value = wait_until(found, timeout_seconds=30)
    assert value is not None
    assert math.isnan(value)


@pytest.fixture
def page() -> Iterator[dict[str, Any]]:
    """What Slipway says of itself; nothing until a test says what."""
    yield SLIPWAY
    SLIPWAY.clear()


def traffic(*, per_second: int, code: str, seconds: str) -> str:
    """Requests of one kind, more with every scrape."""
    count = int(time.time() % 100_000 * per_second)
    name, route = "slipway_http_request", 'route="api/v1/clusters"'
    return (
        f'{name}s_total{{{route},code="{code}"}} {count}\n'
        f'{name}_duration_seconds_bucket{{{route},le="{seconds}"}} {count}\n'
        f'{name}_duration_seconds_bucket{{{route},le="+Inf"}} {count}\n'
    )


def without_traffic() -> str:
    """Return what /metrics says now, but for the requests of other tests."""
    lines = exposition().decode().splitlines(keepends=True)
    return "".join(line for line in lines if "slipway_http_request" not in line)


@pytest.mark.django_db
def test_alerts_name_only_metrics_that_there_are(server):
    known = set(re.findall(r"^# TYPE (\w+)", exposition().decode(), re.M))
    known |= {f"{name}_bucket" for name in known}
    named = set(re.findall(r"slipway_\w+", " ".join(a["query"] for a in alerts(server).values())))
    assert named - known == set()


@pytest.mark.django_db
def test_alerts_tell_absence_then_nothing_of_a_healthy_installation_then_all_that_is_wrong(
    server, page
):
    assert reaches(server, {ABSENT}), burning(server)

    now = timezone.now()
    factories.make_rollout(next_run_at=now + timedelta(seconds=15))
    Cluster.objects.update(
        mirrored_at=now,
        probed_at=now,
        informer_lease_until=now + timedelta(seconds=30),
        prometheus_url="http://127.0.0.1:1",
    )
    for cluster in Cluster.objects.all():
        MetricsStatus.objects.create(cluster=cluster, tried_at=now, observed_at=now)
    said = without_traffic()
    page["page"] = lambda: said + traffic(per_second=10, code="200", seconds="0.1")
    assert reaches(server, set(), apart_from=set()), burning(server)

    before = now - timedelta(hours=1)
    Rollout.objects.update(created_at=before, next_run_at=before)
    Cluster.objects.update(mirrored_at=before, probed_at=before, informer_lease_until=before)
    MetricsStatus.objects.update(observed_at=before, reason="PrometheusUnavailable")
    record_fault(ValueError("odd"), loop="reader", cluster="east")
    wrong = without_traffic().replace("database_writable 1.0", "database_writable 0.0")
    page["page"] = lambda: wrong + traffic(per_second=10, code="503", seconds="10")
    everything = set(alerts(server)) - {ABSENT}
    assert reaches(server, everything, apart_from=set()), everything ^ burning(server)


@pytest.mark.django_db
def test_a_mirror_that_was_never_filled_is_stale(server, page):
    now = timezone.now()
    factories.make_cluster(is_heard=False)
    Cluster.objects.update(probed_at=now, informer_lease_until=now + timedelta(seconds=30))
    said = without_traffic()
    page["page"] = lambda: said
    assert reaches(server, {"SlipwayMirrorStale"}), burning(server)
