"""Collects usage: a constant number of queries per cluster, whatever the number of projects."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from clusters.models import Cluster, Pod
from core.reasons import Reason
from projects.models import Environment
from usage.models import MetricsStatus, UsageWindow
from usage.prometheus import Prometheus, PrometheusUnavailable
from usage.promql import GPU, GPU_MEMORY, QUERIES

# Fine windows for the last day, coarse ones for the rest.
FINE_SECONDS, COARSE_SECONDS = 60, 3600
KEPT = {FINE_SECONDS: timedelta(hours=26), COARSE_SECONDS: timedelta(days=400)}

# An environment, and one of its services or the whole.
Holder = tuple[int, UUID | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """What one holder asked for and used of one resource; None is not known."""

    requested: float | None = None
    used: float | None = None


def collect_cluster(cluster: Cluster) -> None:
    """Look once at a cluster's mirror and Prometheus, and add it to the windows."""
    now = timezone.now()
    pods = pods_of_environments(cluster)
    requested = requested_by(pods)
    try:
        used = used_by(cluster, pods)
        reason, message = Reason.NO_DATA if not used else "", ""
    except PrometheusUnavailable as error:
        used, reason, message = {}, Reason.PROMETHEUS_UNAVAILABLE, str(error)
    if cluster.is_stale(now=now):
        requested = {}
    add_to_windows(merged(requested, used), now=now)
    note_status(cluster, now=now, is_observed=bool(used), reason=reason, message=message)


def pods_of_environments(cluster: Cluster) -> list[tuple[int, Pod]]:
    """Return the live pods in our namespaces, each with its environment's id."""
    namespaces = dict(Environment.objects.filter(cluster=cluster).values_list("namespace", "pk"))
    pods = Pod.objects.live().filter(cluster=cluster, namespace__in=namespaces)
    pods = pods.only("namespace", "name", "service_id", "requests")
    return [(namespaces[pod.namespace], pod) for pod in pods]


def holders(environment: int, pod: Pod) -> Iterator[Holder]:
    """Yield whom a pod counts for: its environment, and its service."""
    yield environment, None
    if pod.service_id is not None:
        yield environment, pod.service_id


def requested_by(pods: list[tuple[int, Pod]]) -> dict[tuple[Holder, str], float]:
    """Add up what live pods ask for."""
    sums: dict[tuple[Holder, str], float] = defaultdict(float)
    for environment, pod in pods:
        for holder in holders(environment, pod):
            for resource, amount in pod.requests.items():
                sums[holder, resource] += amount
    return sums


def used_by(cluster: Cluster, pods: list[tuple[int, Pod]]) -> dict[tuple[Holder, str], float]:
    """Add up what live pods use, as far as Prometheus knows.

    Raises:
        PrometheusUnavailable: none is configured, or it gives no answer.
    """
    if not cluster.prometheus_url:
        raise PrometheusUnavailable("The cluster has no Prometheus. Set its prometheus_url.")
    prometheus = Prometheus(cluster.prometheus_url)
    known = {(pod.namespace, pod.name): (environment, pod) for environment, pod in pods}
    sums: dict[tuple[Holder, str], float] = defaultdict(float)
    for query in QUERIES:
        for sample in prometheus.query(query.promql):
            name = sample.labels.get(query.namespace_label), sample.labels.get(query.pod_label)
            environment, pod = known.get(name, (0, None))  # type: ignore[arg-type]
            if pod is None or not counts_for(pod, query.resource):
                continue
            for holder in holders(environment, pod):
                sums[holder, query.resource] += sample.value * query.factor
    return sums


def counts_for(pod: Pod, resource: str) -> bool:
    """Leave out GPU series of pods that hold no GPU."""
    return resource not in (GPU, GPU_MEMORY) or bool(pod.requests.extended)


def merged(
    requested: dict[tuple[Holder, str], float], used: dict[tuple[Holder, str], float]
) -> dict[tuple[Holder, str], Measure]:
    """Put both sides of each resource together."""
    return {key: Measure(requested.get(key), used.get(key)) for key in {*requested, *used}}


def add_to_windows(measures: dict[tuple[Holder, str], Measure], *, now: datetime) -> None:
    """Add one collection to the fine and the coarse window of every measure."""
    rows = [
        (environment, service, resource, seconds, window_start(now, seconds), *sums_of(measure))
        for ((environment, service), resource), measure in measures.items()
        for seconds in KEPT
    ]
    table = UsageWindow._meta.db_table
    statement = (
        f"INSERT INTO {table} (environment_id, service_id, resource, window_seconds, starts_at,"  # noqa: S608
        " requested_total, requested_count, used_total, used_count, used_peak)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (environment_id, window_seconds, starts_at, service_id, resource)"
        f" DO UPDATE SET requested_total = {table}.requested_total + EXCLUDED.requested_total,"
        f" requested_count = {table}.requested_count + EXCLUDED.requested_count,"
        f" used_total = {table}.used_total + EXCLUDED.used_total,"
        f" used_count = {table}.used_count + EXCLUDED.used_count,"
        f" used_peak = GREATEST({table}.used_peak, EXCLUDED.used_peak)"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def sums_of(measure: Measure) -> tuple[Any, ...]:
    """Return one measure as what it adds to a window; what is not known adds nothing."""
    is_requested, is_used = measure.requested is not None, measure.used is not None
    return (
        measure.requested or 0,
        int(is_requested),
        measure.used or 0,
        int(is_used),
        measure.used,
    )


def window_start(now: datetime, seconds: int) -> datetime:
    """Return the start of the window that a time falls into."""
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def note_status(
    cluster: Cluster, *, now: datetime, is_observed: bool, reason: str, message: str
) -> None:
    """Keep how the look went; the time of the last numbers outlives an outage."""
    seen = {"observed_at": now} if is_observed else {}
    MetricsStatus.objects.update_or_create(
        cluster=cluster,
        defaults={"tried_at": now, "reason": reason, "message": message, **seen},
    )


def remove_old_windows(*, now: datetime) -> None:
    """Delete windows that are older than they are kept."""
    for seconds, kept in KEPT.items():
        UsageWindow.objects.filter(window_seconds=seconds, starts_at__lt=now - kept).delete()
