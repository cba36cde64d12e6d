"""Our own metrics, read from the database at each scrape, so that processes need not share any."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clusters.models import Cluster
from projects.models import Environment
from serving.models import ModelService, Rollout


class DatabaseCollector(Collector):
    """Gauges of rollouts, services, environments and mirrors."""

    def collect(self) -> Iterator[Metric]:
        yield counted("slipway_rollouts_unfinished", "Unfinished rollouts.", "phase", phases())
        yield counted("slipway_services", "Model services.", "health", healths())
        yield counted("slipway_environments", "Environments.", "phase", environments())
        yield from mirrors()


def phases() -> dict[str, int]:
    rows = Rollout.objects.unfinished().values_list("phase").annotate(Count("pk"))
    return dict(rows.order_by("phase"))


def healths() -> dict[str, int]:
    services = ModelService.objects.with_shown_health(now=timezone.now())
    return dict(services.values_list("shown_health").annotate(Count("pk")).order_by("shown_health"))


def environments() -> dict[str, int]:
    return dict(Environment.objects.values_list("phase").annotate(Count("pk")).order_by("phase"))


def mirrors() -> Iterator[Metric]:
    """Yield how old each cluster's mirror is; one that was never filled has no age."""
    now = timezone.now()
    age = GaugeMetricFamily(
        "slipway_mirror_age_seconds", "Time since a cluster was last heard of.", labels=["cluster"]
    )
    reachable = GaugeMetricFamily(
        "slipway_cluster_reachable", "Whether the last probe was answered.", labels=["cluster"]
    )
    for cluster in Cluster.objects.only("name", "mirrored_at", "is_reachable"):
        if cluster.mirrored_at is not None:
            age.add_metric([cluster.name], (now - cluster.mirrored_at).total_seconds())
        if cluster.is_reachable is not None:
            reachable.add_metric([cluster.name], float(cluster.is_reachable))
    yield age
    yield reachable


def counted(name: str, help_text: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    """Return a gauge with one sample per label value."""
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def exposition() -> bytes:
    """Return all gauges in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(DatabaseCollector())
    return generate_latest(registry)
