"""Our own metrics, read from the database at each scrape, so that processes need not share any.

Only requests and waits are counted where they are served: each web process is a target of its
own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import Error
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clusters.heartbeat import write_down_faults
from clusters.informer import INFORMER_LEASE
from clusters.models import Cluster, LoopFault
from core import database
from core.places import ALL_PLACES
from core.reasons import Reason
from ops.traffic import DURATIONS, REQUESTS
from projects.models import Environment
from serving.models import ModelService, Rollout
from usage.models import MetricsStatus

log = structlog.get_logger(__name__)


class DatabaseCollector(Collector):
    """What the database knows about rollouts, services, environments, clusters and our own loops.

    In a constant number of queries; if the database is away, a scrape lacks only these figures.
    """

    def collect(self) -> Iterator[Metric]:
        is_answering, figures = database.is_answering(), list[Metric]()
        if is_answering:
            try:
                figures = list(self.read(timezone.now()))
            except Error as error:
                log.error("scrape without the database", error=str(error))
                is_answering = False
        yield GaugeMetricFamily(
            "slipway_database_reachable", "Whether the database answers.", value=is_answering
        )
        yield from figures

    def read(self, now: datetime) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "slipway_database_writable",
            "Whether the database takes writes.",
            value=database.takes_writes(),
        )
        yield gauge("slipway_rollouts_unfinished", "Unfinished rollouts.", "phase", phases())
        yield gauge("slipway_services", "Model services.", "health", healths(now))
        yield gauge("slipway_environments", "Environments.", "phase", environments())
        yield overdue_rollouts(now)
        yield from due(now)
        yield from clusters(now)
        yield from usage(now)
        yield loop_faults()


def loop_faults() -> Metric:
    """Count the unexpected errors of loops in all processes; a day without ends a series."""
    write_down_faults()
    family = CounterMetricFamily(
        "slipway_loop_faults",
        "What a loop met and did not expect, and outlived.",
        labels=["loop", "cluster"],
    )
    for loop, cluster, count in LoopFault.objects.values_list("loop", "cluster", "count"):
        family.add_metric([loop, cluster], count)
    return family


class PlacesCollector(Collector):
    """Waits in this process: how many there are, and may be, and how many were refused."""

    def collect(self) -> Iterator[Metric]:
        held = {places.kind: places.count for places in ALL_PLACES}
        yield gauge("slipway_waiting", "Streams, followed logs and held answers.", "kind", held)
        most = GaugeMetricFamily(
            "slipway_waiting_limit", "How many of them may be.", labels=["kind", "scope"]
        )
        refused = CounterMetricFamily(
            "slipway_waiting_refused", "Those that were too many.", labels=["kind"]
        )
        for places in ALL_PLACES:
            most.add_metric([places.kind, "user"], places.most_per_user)
            most.add_metric([places.kind, "process"], places.most)
            refused.add_metric([places.kind], places.refused)
        yield from (most, refused)


def phases() -> dict[str, int]:
    rows = Rollout.objects.unfinished().values_list("phase").annotate(Count("pk"))
    return dict(rows.order_by("phase"))


def healths(now: datetime) -> dict[str, int]:
    services = ModelService.objects.with_shown_health(now=now)
    return dict(services.values_list("shown_health").annotate(Count("pk")).order_by("shown_health"))


def environments() -> dict[str, int]:
    return dict(Environment.objects.values_list("phase").annotate(Count("pk")).order_by("phase"))


def due(now: datetime) -> Iterator[Metric]:
    """Yield how many rows wait for a worker, and for how long the first of them has."""
    rows: dict[str, QuerySet[Any]] = {
        "rollout": Rollout.objects.due(now=now),
        "environment": Environment.objects.due(now=now),
    }
    counts, ages = {}, {}
    for kind, waiting in rows.items():
        found = waiting.aggregate(count=Count("pk"), first=Min("next_run_at"))
        counts[kind] = found["count"]
        ages[kind] = (now - found["first"]).total_seconds() if found["first"] else 0.0
    yield gauge("slipway_due_rows", "Rows that wait for a worker.", "kind", counts)
    yield gauge("slipway_due_age_seconds", "Time that the first of them has waited.", "kind", ages)


def overdue_rollouts(now: datetime) -> Metric:
    count = Rollout.objects.overdue(now=now).count()
    return GaugeMetricFamily(
        "slipway_rollouts_overdue", "Unfinished rollouts past their deadline.", value=count
    )


def clusters(now: datetime) -> Iterator[Metric]:
    """Yield how long ago informers and workers last attended to each cluster.

    A mirror that was never filled has no age; if an informer or a worker never came, it is as late
    as the cluster is old.
    """
    mirrored, informed, probed, reachable = {}, {}, {}, {}
    for cluster in Cluster.objects.defer("credentials"):
        name, lease = cluster.name, cluster.informer_lease_until
        if cluster.duplicate_of_id is None:
            seen_at = lease - INFORMER_LEASE if lease else cluster.created_at
            informed[name] = (now - seen_at).total_seconds()
        probed[name] = (now - (cluster.probed_at or cluster.created_at)).total_seconds()
        if cluster.mirrored_at is not None:
            mirrored[name] = (now - cluster.mirrored_at).total_seconds()
        if cluster.is_reachable is not None:
            reachable[name] = float(cluster.is_reachable)
    for metric, help_text, values in (
        ("slipway_mirror_age_seconds", "Time since a cluster was last synced.", mirrored),
        ("slipway_informer_age_seconds", "Time since an informer renewed its lease.", informed),
        ("slipway_probe_age_seconds", "Time since a worker probed a cluster.", probed),
        ("slipway_cluster_reachable", "Whether the last probe was answered.", reachable),
    ):
        yield gauge(metric, help_text, "cluster", values)


def usage(now: datetime) -> Iterator[Metric]:
    """Yield how the last look at each cluster's Prometheus went; without one, no sample."""
    reachable, ages = {}, {}
    looked_at = MetricsStatus.objects.exclude(cluster__prometheus_url="")
    for status in looked_at.select_related("cluster").defer("cluster__credentials"):
        name = status.cluster.name
        reachable[name] = float(status.reason != Reason.PROMETHEUS_UNAVAILABLE)
        if status.observed_at is not None:
            ages[name] = (now - status.observed_at).total_seconds()
    yield gauge(
        "slipway_prometheus_reachable", "Whether Prometheus answered.", "cluster", reachable
    )
    yield gauge("slipway_usage_age_seconds", "Time since use was measured.", "cluster", ages)


def gauge(name: str, help_text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """Return a gauge with one sample per label value."""
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


REGISTRY = CollectorRegistry()
REGISTRY.register(DatabaseCollector())
REGISTRY.register(PlacesCollector())
REGISTRY.register(REQUESTS)
REGISTRY.register(DURATIONS)


def exposition() -> bytes:
    """Return everything in Prometheus' text format."""
    return generate_latest(REGISTRY)
