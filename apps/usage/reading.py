"""Reads a project's summary with a constant number of queries, and none beyond the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Max, Q, Sum

from clusters.capacity import Free
from clusters.fleet import free_by_cluster
from clusters.models import Cluster, Node, Pod
from core.reasons import Reason
from core.resources import NOTHING, Resources, of_one_pod, total
from projects.models import Environment, Project
from serving.models import ModelService
from usage.collect import COARSE_SECONDS, FINE_SECONDS, KEPT, Holder
from usage.models import PRESENT_FOR, MetricsStatus, UsageWindow
from usage.summary import (
    Allowance,
    ClusterUnattributed,
    EnvironmentSummary,
    Freshness,
    Holding,
    OverWindow,
    Point,
    ServiceSummary,
    Summary,
    UnattributedCards,
    UseNow,
    lines_of,
)

MOST_POINTS = 150

T = TypeVar("T")
ByHolder = Mapping[Holder, Mapping[str, T]]
# What the pods of an environment ask for, and those of each of its services.
Requests = Mapping[UUID | None, Resources]


@dataclass(frozen=True, slots=True)
class Found:
    """What each query found. Whom one does not name has nothing there."""

    freshness: Mapping[int, Freshness]
    # An environment is absent while its mirror is not the present.
    requested: Mapping[int, Requests]
    now: ByHolder[UseNow]
    over_window: ByHolder[OverWindow]
    series: Mapping[int, Mapping[str, tuple[Point, ...]]]
    free: Mapping[int, Free | None]

    def of_environment(self, environment: Environment) -> Holding:
        """Return what was found of an environment as a whole."""
        quota = environment.quota
        return self.holding(
            (environment.pk, None),
            series=self.series.get(environment.pk, {}),
            allowance=Allowance(quota.allowed, quota.reserved, self.free[environment.cluster_id]),
        )

    def of_service(self, service: ModelService) -> Holding:
        """Return what was found of a service."""
        return self.holding((service.environment_id, service.pk))

    def holding(self, holder: Holder, **more: Any) -> Holding:
        """Put together what was found of one holder."""
        environment, service = holder
        requests = self.requested.get(environment)
        return Holding(
            self.freshness[environment],
            # Of whom all pods are known and none is there, nothing is asked.
            requested=None if requests is None else requests.get(service, NOTHING),
            now=self.now.get(holder, {}),
            over_window=self.over_window.get(holder, {}),
            **more,
        )


def read_summary(project: Project, *, window: timedelta, now: datetime) -> Summary:
    """Return the resource summary of a project."""
    environments = list(
        Environment.objects.filter(project=project)
        .select_related("cluster", "quota")
        .order_by("name")
    )
    found = read_all(environments, window=window, now=now)
    services = ModelService.objects.with_shown_health(now=now).filter(environment__in=environments)
    return Summary(
        project=project.name,
        window_seconds=int(window.total_seconds()),
        simulated=Node.objects.filter(
            cluster__in={e.cluster_id for e in environments}, is_simulated=True
        ).exists(),
        environments=[
            EnvironmentSummary(e.name, e.cluster.name, lines_of(found.of_environment(e)))
            for e in environments
        ],
        services=[
            ServiceSummary(
                service.name,
                service.environment.name,
                service.shown_health,  # type: ignore[attr-defined]
                lines_of(found.of_service(service)),
            )
            for service in services.select_related("environment").order_by("name")
        ],
    )


def read_all(environments: list[Environment], *, window: timedelta, now: datetime) -> Found:
    """Ask all that the summary is made of."""
    statuses = MetricsStatus.objects.in_bulk([e.cluster_id for e in environments])
    freshness = {
        e.pk: freshness_of(e.cluster, statuses.get(e.cluster_id), now=now) for e in environments
    }
    return Found(
        freshness=freshness,
        requested=read_requested([e for e in environments if not e.cluster.is_stale(now=now)]),
        now=read_use_now([pk for pk, its in freshness.items() if not its.is_stale], now=now),
        over_window=read_over_window(environments, window=window, now=now),
        series=read_series(environments, window=window, now=now),
        free=free_by_cluster({e.cluster for e in environments}, now=now),
    )


def read_unattributed(*, now: datetime) -> list[ClusterUnattributed]:
    """Return the cards of every cluster that name no pod of ours; None where that is not known."""
    clusters = list(Cluster.objects.order_by("name"))
    statuses = MetricsStatus.objects.in_bulk([cluster.pk for cluster in clusters])
    return [unattributed_of(cluster, statuses.get(cluster.pk), now=now) for cluster in clusters]


def unattributed_of(
    cluster: Cluster, status: MetricsStatus | None, *, now: datetime
) -> ClusterUnattributed:
    """Return one cluster's cards that are nobody's, as the last look had it unless that is old."""
    if status is None:
        return ClusterUnattributed(cluster.name, None, None, Reason.NO_DATA)
    if status.is_late(now=now):
        return ClusterUnattributed(cluster.name, None, status.tried_at, Reason.STALE)
    if status.unattributed is None:
        reason = status.reason or Reason.NO_DATA
        return ClusterUnattributed(cluster.name, None, status.tried_at, reason)
    cards = [UnattributedCards(**row) for row in status.unattributed]
    return ClusterUnattributed(cluster.name, cards, status.tried_at)


def freshness_of(cluster: Cluster, status: MetricsStatus | None, *, now: datetime) -> Freshness:
    """Say from when a cluster's measurements are; who does not answer is named at once."""
    if status is None:
        return Freshness(None, is_stale=True, reason=Reason.NO_DATA)
    if status.is_outdated(now=now):
        return Freshness(status.observed_at, is_stale=True, reason=status.reason or Reason.STALE)
    if cluster.is_stale(now=now):
        return Freshness(status.observed_at, is_stale=True, reason=Reason.STALE)
    is_away = status.reason == Reason.PROMETHEUS_UNAVAILABLE
    return Freshness(status.observed_at, is_stale=False, reason=status.reason if is_away else "")


def read_over_window(
    environments: list[Environment], *, window: timedelta, now: datetime
) -> ByHolder[OverWindow]:
    """Return averages and peaks over the window."""
    rows = UsageWindow.objects.filter(
        environment__in=environments,
        window_seconds=resolution(window),
        starts_at__gte=now - window,
    )
    sums = rows.values_list("environment_id", "service_id", "resource").annotate(
        Sum("requested_total"),
        Sum("requested_count"),
        Sum("used_total"),
        Sum("used_count"),
        Max("used_peak"),
        shared=BoolOr("is_shared"),
    )
    return by_holder(
        ((environment, service), resource, over_window(*of))
        for environment, service, resource, *of in sums
    )


def over_window(
    asked: float, times_asked: int, used: float, times_used: int, peak: float | None, shared: bool
) -> OverWindow:
    """Return what the sums of a window come to."""
    return OverWindow(average(asked, times_asked), average(used, times_used), peak, shared)


def average(of: float, times: int) -> float | None:
    """Return an average; of nothing, there is none."""
    return of / times if times else None


def by_holder(rows: Iterable[tuple[Holder, str, T]]) -> dict[Holder, dict[str, T]]:
    """Gather one value for each holder and resource."""
    found: dict[Holder, dict[str, T]] = defaultdict(dict)
    for holder, resource, value in rows:
        found[holder][resource] = value
    return found


def resolution(window: timedelta) -> int:
    """Return the length of the windows that reach back so far."""
    return FINE_SECONDS if window <= KEPT[FINE_SECONDS] else COARSE_SECONDS


def read_use_now(environments: list[int], *, now: datetime) -> ByHolder[UseNow]:
    """Return what is used now: the newest fine window, unless it is too old to be the present.

    One in which no collection knew every ready pod says how many it did, and not what they use.
    """
    newest = (
        UsageWindow.objects.filter(
            environment__in=environments,
            window_seconds=FINE_SECONDS,
            starts_at__gt=now - PRESENT_FOR - timedelta(seconds=FINE_SECONDS),
        )
        .filter(Q(used_count__gt=0) | Q(pods_expected__gt=0))
        .order_by("environment_id", "service_id", "resource", "-starts_at")
        .distinct("environment_id", "service_id", "resource")
    )
    return by_holder(
        (
            (row.environment_id, row.service_id),
            row.resource,
            UseNow(
                average(row.used_total, row.used_count),
                average(row.pods_measured, row.pods_expected),
            ),
        )
        for row in newest
    )


def read_requested(environments: list[Environment]) -> dict[int, Requests]:
    """Return what live pods ask for, of environments whose mirror is the present."""
    current = {(e.cluster_id, e.namespace): e.pk for e in environments}
    pods: dict[int, dict[UUID | None, list[Resources]]] = {
        pk: defaultdict(list) for pk in current.values()
    }
    services = ModelService.objects.ids_by_name(current.values())
    rows: Any = Pod.objects.live().filter(namespace__in={namespace for _, namespace in current})
    for pod in rows.with_deployment().only("cluster_id", "namespace", "requests"):
        environment = current.get((pod.cluster_id, pod.namespace))
        if environment is not None:
            pods[environment][None].append(of_one_pod(pod.requests))
            if service := services.get((environment, pod.deployment)):
                pods[environment][service].append(pod.requests)
    return {
        environment: {service: total(requests) for service, requests in own.items()}
        for environment, own in pods.items()
    }


def read_series(
    environments: list[Environment], *, window: timedelta, now: datetime
) -> dict[int, dict[str, tuple[Point, ...]]]:
    """Return points over the window, oldest first; where nothing was collected there is none."""
    base = resolution(window)
    step = max(base, -(-int(window.total_seconds()) // MOST_POINTS // base) * base)
    statement = """
        SELECT environment_id, resource,
               date_bin(make_interval(secs => %s), starts_at, 'epoch') AS at,
               sum(requested_total) / nullif(sum(requested_count), 0),
               sum(used_total) / nullif(sum(used_count), 0)
        FROM usage_usagewindow
        WHERE environment_id = ANY(%s) AND service_id IS NULL
          AND window_seconds = %s AND starts_at >= %s
        GROUP BY environment_id, resource, at
        ORDER BY at
    """
    points: dict[int, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(statement, [step, [e.pk for e in environments], base, now - window])
        for environment, resource, *point in cursor.fetchall():
            points[environment][resource].append(Point(*point))
    return {
        environment: {resource: tuple(its) for resource, its in own.items()}
        for environment, own in points.items()
    }
