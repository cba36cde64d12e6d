"""Collects usage: a constant number of queries per cluster, whatever the number of projects."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from clusters.models import Cluster, Pod
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from core.resources import CPU, MEMORY, Resources
from core.stream import announce
from projects.models import Environment
from prometheus.client import Prometheus, PrometheusUnavailable
from prometheus.queries import CARDS, QUERIES, Query
from serving.models import ModelService
from usage.cards import (
    GPU_MEMORY,
    Amount,
    Attribution,
    PodName,
    Unattributed,
    attribute,
    measured_in,
    parts_of,
)
from usage.models import MetricsStatus, UsageWindow
from usage.pods import keep_use_of_pods

# Fine windows for the last day, coarse ones for the rest.
FINE_SECONDS, COARSE_SECONDS = 60, 3600
KEPT = {FINE_SECONDS: timedelta(hours=26), COARSE_SECONDS: timedelta(days=400)}
STILL_THERE = "SELECT id FROM projects_environment WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"

# For all queries of a cluster together; they are made every 30 s.
COLLECTION_SECONDS = 20.0

UNKNOWN, NOT_ASKED = Amount(None), Attribution()
NO_PROMETHEUS = Message("The cluster has no Prometheus; set its prometheus_url.")

# An environment, and one of its services or the whole.
Holder = tuple[int, UUID | None]


@dataclass(frozen=True, slots=True)
class Use:
    """What one holder's pods use of one resource, and how many of its ready pods were measured."""

    total: float | None = None
    pods_expected: int = 0
    pods_measured: int = 0
    is_shared: bool = False

    def plus(self, amount: Amount, pod: Pod) -> "Use":
        """Add one pod; one that starts or ends counts if it is measured, but need not be.

        A pod is seldom ready before its second scrape, so a rollout seldom hides the total.
        """
        is_expected = pod.is_ready and pod.is_active
        if amount.value is None:
            return replace(self, pods_expected=self.pods_expected + is_expected)
        return Use(
            (self.total or 0.0) + amount.value,
            self.pods_expected + is_expected,
            self.pods_measured + is_expected,
            self.is_shared or amount.is_shared,
        )

    @property
    def used(self) -> float | None:
        """The total; None if a ready pod was not measured, since no number is not zero."""
        return self.total if self.pods_measured == self.pods_expected else None


@dataclass(frozen=True, slots=True)
class Measure:
    """What one holder requested and used of one resource; None is unknown."""

    requested: float | None = None
    used: float | None = None
    pods_expected: int = 0
    pods_measured: int = 0
    is_shared: bool = False


def collect_cluster(cluster: Cluster) -> None:
    """Look once at a cluster's mirror and Prometheus, and add what they show to the windows."""
    now = timezone.now()
    if cluster.is_stale(now=now):
        # Which pods there are is unknown, and so is what they request and use.
        message = Message("The mirror is out of date.")
        record_status(cluster, now=now, is_observed=False, reason=Reason.STALE, message=message)
        return
    pods = pods_of_environments(cluster)
    try:
        found = read_amounts(cluster, {named(pod): pod.requests for _, pod in pods})
        uses = used_by(pods, found.amounts)
        keep_use_of_pods(use_of_pods(pods, found.amounts), now=now)
        is_observed = any(use.total is not None for use in uses.values())
        reason, message = "" if is_observed else Reason.NO_DATA, NOTHING_SAID
    except PrometheusUnavailable as error:
        found, uses, is_observed = NOT_ASKED, {}, False
        reason, message = Reason.PROMETHEUS_UNAVAILABLE, error.message
    add_to_windows(merged(requested_by(pods), uses), now=now)
    announce_usage({environment for environment, _ in pods})
    record_status(
        cluster,
        now=now,
        is_observed=is_observed,
        reason=reason,
        message=message,
        unattributed=found.unattributed,
    )


def announce_usage(environments: Collection[int]) -> None:
    """Tell those who look at a project's resources that there are new figures."""
    found = Environment.objects.filter(pk__in=environments)
    for environment, project in found.values_list("pk", "project__name"):
        announce("usage", environment, project=project)


def pods_of_environments(cluster: Cluster) -> list[tuple[int, Pod]]:
    """Return the live pods in our namespaces, each with its environment's id.

    Each pod has the `service_id` of the service whose Deployment owns it; None if none does.
    """
    namespaces = dict(Environment.objects.filter(cluster=cluster).values_list("namespace", "pk"))
    services = ModelService.objects.ids_by_name(namespaces.values())
    pods = Pod.objects.live().filter(cluster=cluster, namespace__among=namespaces).with_deployment()
    rows: Any = pods.only("namespace", "name", "requests", "phase", "is_ready", "is_terminating")
    for pod in rows:
        pod.service_id = services.get((namespaces[pod.namespace], pod.deployment))
    return [(namespaces[pod.namespace], pod) for pod in rows]


def holders(environment: int, pod: Any) -> Iterator[Holder]:
    """Yield the holders that a pod counts for: its environment, and its service."""
    yield environment, None
    if pod.service_id is not None:
        yield environment, pod.service_id


def requested_by(pods: list[tuple[int, Pod]]) -> dict[tuple[Holder, str], float]:
    """Add up what live pods request."""
    sums: dict[tuple[Holder, str], float] = defaultdict(float)
    for environment, pod in pods:
        for holder in holders(environment, pod):
            for resource, amount in pod.requests.items():
                sums[holder, resource] += amount
    return sums


def read_amounts(cluster: Cluster, held: Mapping[PodName, Resources]) -> Attribution:
    """Ask Prometheus what pods use, and attribute the figures of cards.

    Raises:
        PrometheusUnavailable: none is configured, or it gives no answer.
    """
    if not cluster.prometheus_url:
        raise PrometheusUnavailable(NO_PROMETHEUS)
    prometheus = Prometheus(cluster.prometheus_url, seconds=COLLECTION_SECONDS)
    samples = prometheus.query_all(CARDS)
    found = attribute(parts_of((sample.labels, sample.value) for sample in samples), held)
    for query in QUERIES:
        found.amounts.update(amounts_by_pod(prometheus, query))
    return found


def amounts_by_pod(prometheus: Prometheus, query: Query) -> dict[tuple[PodName, str], Amount]:
    """Return one query's numbers by pod, in our unit; negative ones are left out."""
    return {
        (
            (sample.labels.get("namespace", ""), sample.labels.get("pod", "")),
            query.resource,
        ): Amount(sample.value * query.factor)
        for sample in prometheus.query(query.promql)
        if sample.value >= 0
    }


def used_by(
    pods: list[tuple[int, Pod]], amounts: Mapping[tuple[PodName, str], Amount]
) -> dict[tuple[Holder, str], Use]:
    """Add up what live pods use, and count the pods whose use is known."""
    uses: dict[tuple[Holder, str], Use] = defaultdict(Use)
    for environment, pod in pods:
        for resource in measured_of(pod):
            amount = amounts.get((named(pod), resource), UNKNOWN)
            for holder in holders(environment, pod):
                uses[holder, resource] = uses[holder, resource].plus(amount, pod)
    return {key: use for key, use in uses.items() if use.pods_expected or use.total is not None}


def use_of_pods(
    pods: list[tuple[int, Any]], amounts: Mapping[tuple[PodName, str], Amount]
) -> dict[tuple[UUID, str], dict[str, Amount]]:
    """Return what each pod of a service uses, by service and pod name."""
    return {
        (pod.service_id, pod.name): {
            resource: amounts.get((named(pod), resource), UNKNOWN) for resource in measured_of(pod)
        }
        for _, pod in pods
        if pod.service_id is not None
    }


def measured_of(pod: Pod) -> list[str]:
    """Return the resources whose use by a pod can be known."""
    cards = measured_in(pod.requests)
    return [CPU, MEMORY, *cards, *([GPU_MEMORY] if cards else [])]


def named(pod: Pod) -> PodName:
    """Return a pod as Prometheus names it."""
    return pod.namespace, pod.name


def merged(
    requested: dict[tuple[Holder, str], float], uses: dict[tuple[Holder, str], Use]
) -> dict[tuple[Holder, str], Measure]:
    """Combine what was requested and what was used of each resource."""
    measures = {}
    for key in {*requested, *uses}:
        use = uses.get(key, Use())
        measures[key] = Measure(
            requested.get(key), use.used, use.pods_expected, use.pods_measured, use.is_shared
        )
    return measures


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
        " requested_total, requested_count, used_total, used_count, used_peak,"
        " pods_expected, pods_measured, is_shared)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (environment_id, window_seconds, starts_at, service_id, resource)"
        f" DO UPDATE SET requested_total = {table}.requested_total + EXCLUDED.requested_total,"
        f" requested_count = {table}.requested_count + EXCLUDED.requested_count,"
        f" used_total = {table}.used_total + EXCLUDED.used_total,"
        f" used_count = {table}.used_count + EXCLUDED.used_count,"
        f" used_peak = GREATEST({table}.used_peak, EXCLUDED.used_peak),"
        f" pods_expected = {table}.pods_expected + EXCLUDED.pods_expected,"
        f" pods_measured = {table}.pods_measured + EXCLUDED.pods_measured,"
        f" is_shared = {table}.is_shared OR EXCLUDED.is_shared"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # An environment that went while Prometheus was asked loses its own measures, and no others.
        cursor.execute(STILL_THERE, [[row[0] for row in rows]])
        there = {pk for (pk,) in cursor}
        cursor.executemany(statement, [row for row in rows if row[0] in there])


def sums_of(measure: Measure) -> tuple[Any, ...]:
    """Return what one measure adds to a window; what is unknown adds nothing."""
    is_requested, is_used = measure.requested is not None, measure.used is not None
    return (
        measure.requested or 0,
        int(is_requested),
        measure.used or 0,
        int(is_used),
        measure.used,
        measure.pods_expected,
        measure.pods_measured,
        measure.is_shared,
    )


def window_start(now: datetime, seconds: int) -> datetime:
    """Return the start of the window that a time falls into."""
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def record_status(
    cluster: Cluster,
    *,
    now: datetime,
    is_observed: bool,
    reason: str,
    message: Message,
    unattributed: Mapping[str, Unattributed] | None = None,
) -> None:
    """Record how the look went; the time of the last numbers is kept through an outage.

    It is announced only where people see something else than before.
    """
    seen = {"observed_at": now} if is_observed else {}
    before = MetricsStatus.objects.filter(cluster=cluster).first()
    after, _ = MetricsStatus.objects.update_or_create(
        cluster=cluster,
        defaults={
            "tried_at": now,
            "reason": reason,
            "message": message,
            "unattributed": as_json(unattributed),
            **seen,
        },
    )
    if before is None or before.is_late(now=now) or before.findings != after.findings:
        announce("metrics", cluster.pk, project=None)


def as_json(unattributed: Mapping[str, Unattributed] | None) -> list[dict[str, Any]] | None:
    """Return unattributed cards as they are kept."""
    if unattributed is None:
        return None
    return [{"resource": name, **asdict(its)} for name, its in sorted(unattributed.items())]


def remove_old_windows(*, now: datetime) -> None:
    """Delete windows that have been kept long enough."""
    for seconds, lifetime in KEPT.items():
        UsageWindow.objects.filter(window_seconds=seconds, starts_at__lt=now - lifetime).delete()
