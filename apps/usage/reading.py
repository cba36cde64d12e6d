"""Reads a project's summary in a constant number of queries, from the database alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Now

from clusters.capacity import Free
from clusters.fleet import free_by_cluster
from clusters.load import requested_by_namespace
from clusters.models import Cluster, Node
from core.prepared import prepared
from core.reasons import Reason
from core.resources import CPU, Resources
from projects.models import Environment, Project
from serving.models import ModelService
from usage.collect import COARSE_SECONDS, FINE_SECONDS, KEPT, Holder
from usage.models import MetricsStatus, UsageWindow
from usage.ranking import RankBy, Ranked, count_services, present_since, rank_services
from usage.summary import (
    Allotment,
    ClusterUnattributed,
    EnvironmentSummary,
    Freshness,
    Holding,
    OverWindow,
    Point,
    Ranking,
    ServiceSummary,
    Summary,
    UnattributedCards,
    UseNow,
    lines_of,
)

MOST_POINTS = 150
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")
ByHolder = Mapping[Holder, Mapping[str, T]]


@dataclass(frozen=True, slots=True)
class Found:
    """What each query found. A holder that one does not name has nothing there."""

    freshness: Mapping[int, Freshness]
    # What live pods request; a holder is absent if its mirror is stale.
    requested: Mapping[Holder, Resources]
    now: ByHolder[UseNow]
    over_window: ByHolder[OverWindow]
    series: Mapping[int, Mapping[str, tuple[Point, ...]]]
    free: Mapping[int, Free | None]

    def of_environment(self, environment: Environment) -> Holding:
        """Return what was found for an environment as a whole."""
        quota = environment.quota
        return self.holding(
            (environment.pk, None),
            series=self.series.get(environment.pk, {}),
            allowance=Allotment(quota.allowed, quota.reserved, self.free[environment.cluster_id]),
        )

    def holding(self, holder: Holder, **more: Any) -> Holding:
        """Put together what was found for one holder."""
        requested = self.requested.get(holder)
        # What the newest window with a number tells of is gone where no pod is left.
        has_pods = requested is None or bool(requested)
        return Holding(
            self.freshness[holder[0]],
            requested=requested,
            now=self.now.get(holder, {}) if has_pods else {},
            over_window=self.over_window.get(holder, {}),
            **more,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when something is looked at, and the length of the windows that are read."""

    since: datetime
    until: datetime
    seconds: int

    @property
    def step_seconds(self) -> int:
        """How many seconds points are apart."""
        length = int((self.until - self.since).total_seconds())
        return max(self.seconds, -(-length // MOST_POINTS // self.seconds) * self.seconds)


def span_of(window: timedelta, *, now: datetime, until: datetime | None = None) -> Span:
    """Return a window that ends now or earlier, in the finest windows that are kept for as long.

    Where these are coarse, one that ends earlier begins and ends with them: a part of one is not
    kept.
    """
    until = min(until or now, now)
    since = until - window
    if now - since <= KEPT[FINE_SECONDS]:
        return Span(since, until, FINE_SECONDS)
    coarse = timedelta(seconds=COARSE_SECONDS)
    if until < now:
        since -= (since - UNIX_EPOCH) % coarse
        until = min(until + (UNIX_EPOCH - until) % coarse, now)
    return Span(since, until, COARSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a summary is asked for: its window, and a piece of its services by rank.

    Without a resource, services are ranked by the first device that is requested, or by CPU.
    """

    span: "Span"
    piece: slice
    rank: RankBy = RankBy.REQUESTED
    resource: str = ""
    environment: str = ""


def read_summary(project: Project, wanted: Wanted, *, now: datetime) -> Summary:
    """Return the resource summary of a project."""
    environments = environments_with_quota(project.pk)
    requested = read_requested(environments, now=now)
    resource = wanted.resource or first_device(requested.values()) or CPU
    chosen = [e.pk for e in environments if wanted.environment in ("", e.name)]
    ranked = rank_services(
        chosen,
        known=[environment for environment, _ in requested],
        by=(wanted.rank, resource),
        piece=wanted.piece,
        now=now,
    )
    asked = {one.holder: one.requested for one in ranked if (one.environment_id, None) in requested}
    found = read_all(environments, requested | asked, ranked, span=wanted.span, now=now)
    return Summary(
        project=project.name,
        window_seconds=int((wanted.span.until - wanted.span.since).total_seconds()),
        until=wanted.span.until,
        simulated=bool(a_simulated_node([e.cluster_id for e in environments])),
        environments=[
            EnvironmentSummary(e.name, e.cluster.name, lines_of(found.of_environment(e)))
            for e in environments
        ],
        services=summaries_of(ranked, found),
        ranking=Ranking(resource, wanted.rank, count_services(chosen)),
    )


@prepared
def environments_with_quota(project_id: int) -> QuerySet[Environment]:
    """Read a project's environments, with what is asked of each."""
    rows = Environment.objects.select_related("cluster", "quota")
    return rows.filter(project_id=project_id).order_by("name")


@prepared
def a_simulated_node(clusters: Collection[int]) -> QuerySet[Node]:
    """Read one simulated node of some clusters, if there is one."""
    return Node.objects.filter(cluster__among=clusters, is_simulated=True).only("pk")[:1]


def summaries_of(ranked: Sequence[Ranked], found: Found) -> list[ServiceSummary]:
    """Return the summaries of services in the order of their rank."""
    by_id = {row["id"]: row for row in services_with_health([one.service_id for one in ranked])}
    # One that was deleted meanwhile is not there any more.
    services = [(one, by_id[one.service_id]) for one in ranked if one.service_id in by_id]
    return [
        ServiceSummary(
            row["name"],
            row["environment__name"],
            row["shown_health"],
            lines_of(found.holding(one.holder)),
        )
        for one, row in services
    ]


@prepared
def services_with_health(ids: Collection[UUID]) -> QuerySet[ModelService, dict[str, Any]]:
    """Read the names of some services, and the health that is shown."""
    rows = ModelService.objects.with_shown_health(now=Now()).filter(pk__among=ids)
    return rows.order_by().values("id", "name", "environment__name", "shown_health")


def read_requested(
    environments: Sequence[Environment], *, now: datetime
) -> dict[Holder, Resources]:
    """Return what live pods request in each environment whose mirror is not stale."""
    current = [e for e in environments if not e.cluster.is_stale(now=now)]
    found = requested_by_namespace([(e.cluster_id, e.namespace) for e in current])
    return {(e.pk, None): found[e.cluster_id, e.namespace] for e in current}


def first_device(requested: Iterable[Resources]) -> str:
    """Return the first device that anything requests; blank if nothing does."""
    return min((name for own in requested for name, n in own.extended.items() if n), default="")


def read_all(
    environments: list[Environment],
    requested: Mapping[Holder, Resources],
    ranked: Sequence[Ranked],
    *,
    span: Span,
    now: datetime,
) -> Found:
    """Run all queries that the summary is made of."""
    clusters = {e.cluster for e in environments}
    statuses = {status.cluster_id: status for status in statuses_of([c.pk for c in clusters])}
    freshness = {
        e.pk: freshness_of(e.cluster, statuses.get(e.cluster_id), now=now) for e in environments
    }
    shown = [one.service_id for one in ranked]
    fresh = [pk for pk, its in freshness.items() if not its.is_stale]
    return Found(
        freshness=freshness,
        requested=requested,
        now=read_use_now(fresh, shown, now=now),
        over_window=read_over_window([*freshness], shown, span),
        series=read_courses([*freshness], None, span),
        free=free_by_cluster(clusters, now=now),
    )


@prepared
def statuses_of(clusters: Collection[int]) -> QuerySet[MetricsStatus]:
    """Read how the last look at the measurements of some clusters went."""
    return MetricsStatus.objects.filter(cluster__among=clusters)


def read_unattributed(*, now: datetime) -> list[ClusterUnattributed]:
    """Return the cards of every cluster that name no pod of ours; None if that is unknown."""
    clusters = list(Cluster.objects.order_by("name"))
    statuses = MetricsStatus.objects.in_bulk([cluster.pk for cluster in clusters])
    return [unattributed_of(cluster, statuses.get(cluster.pk), now=now) for cluster in clusters]


def unattributed_of(
    cluster: Cluster, status: MetricsStatus | None, *, now: datetime
) -> ClusterUnattributed:
    """Return one cluster's unattributed cards, as last seen unless that was too long ago."""
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
    """Say how old a cluster's measurements are; if Prometheus is away, say so at once."""
    if status is None:
        return Freshness(None, is_stale=True, reason=Reason.NO_DATA)
    if status.is_outdated(now=now):
        return Freshness(status.observed_at, is_stale=True, reason=status.reason or Reason.STALE)
    if cluster.is_stale(now=now):
        return Freshness(status.observed_at, is_stale=True, reason=Reason.STALE)
    is_away = status.reason == Reason.PROMETHEUS_UNAVAILABLE
    return Freshness(status.observed_at, is_stale=False, reason=status.reason if is_away else "")


def read_over_window(
    environments: Collection[int], services: Collection[UUID], span: Span
) -> ByHolder[OverWindow]:
    """Return averages and peaks over the window, of environments and some of their services."""
    return by_holder(
        ((environment, service), resource, over_window(*of))
        for environment, service, resource, *of in sums_over_window(
            environments, services, span.seconds, span.since, span.until
        )
    )


@prepared
def sums_over_window(
    environments: Collection[int],
    services: Collection[UUID],
    seconds: int,
    since: datetime,
    until: datetime,
) -> QuerySet[UsageWindow, tuple[Any, ...]]:
    """Read the sums that averages and peaks are made of."""
    rows = windows_of(environments, services).filter(
        window_seconds=seconds, starts_at__gte=since, starts_at__lt=until
    )
    return rows.values_list("environment_id", "service_id", "resource").annotate(
        Sum("requested_total"),
        Sum("requested_count"),
        Sum("used_total"),
        Sum("used_count"),
        Max("used_peak"),
        shared=BoolOr("is_shared"),
    )


def windows_of(environments: Collection[int], services: Collection[UUID]) -> QuerySet[UsageWindow]:
    """Return a query for the windows of environments as a whole, and of some of their services."""
    is_shown = Q(service_id=None) | Q(service_id__among=services)
    return UsageWindow.objects.filter(is_shown, environment__among=environments)


def over_window(
    asked: float, times_asked: int, used: float, times_used: int, peak: float | None, shared: bool
) -> OverWindow:
    """Return what the sums over a window amount to."""
    return OverWindow(average(asked, times_asked), average(used, times_used), peak, shared)


def average(of: float, times: int) -> float | None:
    """Return an average; None if there is nothing to average."""
    return of / times if times else None


def by_holder(rows: Iterable[tuple[Holder, str, T]]) -> dict[Holder, dict[str, T]]:
    """Gather one value for each holder and resource."""
    found: dict[Holder, dict[str, T]] = defaultdict(dict)
    for holder, resource, value in rows:
        found[holder][resource] = value
    return found


def read_use_now(
    environments: Collection[int], services: Collection[UUID], *, now: datetime
) -> ByHolder[UseNow]:
    """Return what is used now: the newest fine window, unless it is too old to be the present.

    If no collection in it measured every ready pod, it tells how many were, not what they use.
    """
    rows = newest_windows(environments, services, present_since(now))
    return by_holder(
        (
            (environment, service),
            resource,
            UseNow(average(used, times_used), average(measured, expected)),
        )
        for environment, service, resource, used, times_used, measured, expected in rows
    )


@prepared
def newest_windows(
    environments: Collection[int], services: Collection[UUID], since: datetime
) -> QuerySet[UsageWindow, tuple[Any, ...]]:
    """Read the newest window of each resource in which there was something to measure."""
    holder = ("environment_id", "service_id", "resource")
    return (
        windows_of(environments, services)
        .filter(window_seconds=FINE_SECONDS, starts_at__gt=since)
        .filter(Q(used_count__gt=0) | Q(pods_expected__gt=0))
        .order_by(*holder, "-starts_at")
        .distinct(*holder)
        .values_list(*holder, "used_total", "used_count", "pods_measured", "pods_expected")
    )


def read_course(service: ModelService, span: Span) -> dict[str, tuple[Point, ...]]:
    """Return the points of one service, by resource; what nobody measured has none."""
    environment = service.environment_id
    return read_courses([environment], service.pk, span).get(environment, {})


def read_courses(
    environments: Sequence[int], service: UUID | None, span: Span
) -> dict[int, dict[str, tuple[Point, ...]]]:
    """Return the points of environments as a whole, or of a service in one of them.

    They come oldest first; without a collection there is no point.
    """
    statement = """
        SELECT environment_id, resource,
               date_bin(make_interval(secs => %s), starts_at, 'epoch') AS at,
               sum(requested_total) / nullif(sum(requested_count), 0),
               sum(used_total) / nullif(sum(used_count), 0)
        FROM usage_usagewindow
        WHERE environment_id = ANY(%s) AND {}
          AND window_seconds = %s AND starts_at >= %s AND starts_at < %s
        GROUP BY environment_id, resource, at
        ORDER BY at
    """
    holder = "service_id IS NULL" if service is None else "service_id = %s"
    named = [] if service is None else [service]
    asked: list[Any] = [span.step_seconds, list(environments), *named]
    asked += [span.seconds, span.since, span.until]
    points: dict[int, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(holder), asked)
        for environment, resource, *point in cursor.fetchall():
            points[environment][resource].append(Point(*point))
    return {
        environment: {resource: tuple(its) for resource, its in own.items()}
        for environment, own in points.items()
    }
