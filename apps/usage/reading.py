"""Reads a project's summary with a constant number of queries, and none beyond the database."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Max, Q, Sum

from clusters.models import Cluster, Node, Pod
from core.reasons import Reason
from core.resources import NOTHING, PODS, Resources, of_one_pod, total, with_unlisted
from projects.models import Environment, Project
from serving.models import ModelService
from usage.cards import GPU_MEMORY
from usage.collect import COARSE_SECONDS, FINE_SECONDS, KEPT, Holder
from usage.models import MetricsStatus, UsageWindow
from usage.summary import Freshness, Line, lines, shown_line

# Two collections may be missed before a number is no longer the present.
FRESH = timedelta(seconds=120)
MOST_POINTS = 150

Numbers = dict[str, dict[str, Any]]


def read_summary(project: Project, *, window: timedelta, now: datetime) -> dict[str, Any]:
    """Return the resource summary of a project."""
    environments = list(
        Environment.objects.filter(project=project)
        .select_related("cluster", "quota")
        .order_by("name")
    )
    statuses = MetricsStatus.objects.in_bulk([e.cluster_id for e in environments])
    freshness = {
        e.pk: freshness_of(e.cluster, statuses.get(e.cluster_id), now) for e in environments
    }
    numbers = numbers_of(environments, freshness, window=window, now=now)
    series = read_series(environments, window=window, now=now)
    services = ModelService.objects.with_shown_health(now=now).filter(environment__in=environments)
    clusters = {e.cluster_id for e in environments}
    return {
        "project": project.name,
        "window_seconds": int(window.total_seconds()),
        "simulated": Node.objects.filter(cluster__in=clusters, is_simulated=True).exists(),
        "environments": [
            {
                "environment": environment.name,
                "cluster": environment.cluster.name,
                "resources": [
                    {
                        **shown_line(line, freshness[environment.pk]),
                        "series": series[environment.pk, line.resource],
                    }
                    for line in lines(numbers[environment.pk, None])
                ],
            }
            for environment in environments
        ],
        "services": [
            {
                "service": service.name,
                "environment": service.environment.name,
                "health": service.shown_health,  # type: ignore[attr-defined]
                "resources": shown_lines(
                    lines(numbers[service.environment_id, service.pk]),
                    freshness[service.environment_id],
                ),
            }
            for service in services.select_related("environment").order_by("name")
        ],
    }


def read_unattributed(*, now: datetime) -> dict[str, Any]:
    """Return the cards of every cluster that name no pod of ours; null where that is not known."""
    clusters = list(Cluster.objects.order_by("name"))
    statuses = MetricsStatus.objects.in_bulk([cluster.pk for cluster in clusters])
    return {
        "clusters": [
            shown_unattributed(cluster, statuses.get(cluster.pk), now) for cluster in clusters
        ]
    }


def shown_unattributed(
    cluster: Cluster, status: MetricsStatus | None, now: datetime
) -> dict[str, Any]:
    """Return one cluster's cards that are nobody's, as the last look had it unless that is old."""
    shown: dict[str, Any] = {"cluster": cluster.name, "unattributed": None, "observed_at": None}
    if status is None:
        return {**shown, "reason": Reason.NO_DATA}
    shown["observed_at"] = status.tried_at
    if now - status.tried_at > FRESH:
        return {**shown, "reason": Reason.STALE}
    if status.unattributed is None:
        return {**shown, "reason": status.reason or Reason.NO_DATA}
    return {**shown, "unattributed": status.unattributed, "reason": ""}


def shown_lines(of: Iterable[Line], freshness: Freshness) -> list[dict[str, Any]]:
    """Return lines as the API shows them."""
    return [shown_line(line, freshness) for line in of]


def freshness_of(cluster: Cluster, status: MetricsStatus | None, now: datetime) -> Freshness:
    """Say from when a cluster's measurements are; who does not answer is named at once."""
    if status is None:
        return Freshness(None, True, Reason.NO_DATA)
    is_stale = status.observed_at is None or now - status.observed_at > FRESH
    reason = status.reason or (Reason.STALE if is_stale else "")
    if not is_stale and cluster.is_stale(now=now):
        return Freshness(status.observed_at, True, Reason.STALE)
    is_away = status.reason == Reason.PROMETHEUS_UNAVAILABLE
    return Freshness(status.observed_at, is_stale, reason if is_stale or is_away else "")


def numbers_of(
    environments: list[Environment],
    freshness: dict[int, Freshness],
    *,
    window: timedelta,
    now: datetime,
) -> dict[Holder, Numbers]:
    """Return every number of every holder, by resource and field."""
    numbers: dict[Holder, Numbers] = defaultdict(lambda: defaultdict(dict))
    put_windows(numbers, environments, window=window, now=now)
    put_used_now(numbers, environments, freshness, now=now)
    put_requested_now(numbers, environments, now=now)
    put_allowance(numbers, environments, now=now)
    return numbers


def put_windows(
    numbers: dict[Holder, Numbers],
    environments: list[Environment],
    *,
    window: timedelta,
    now: datetime,
) -> None:
    """Add averages and peaks over the window."""
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
    for environment, service, resource, asked, times_asked, used, times_used, peak, shared in sums:
        numbers[environment, service][resource] |= {
            "requested_average": asked / times_asked if times_asked else None,
            "used_average": used / times_used if times_used else None,
            "used_peak": peak,
            "shared": shared,
        }


def resolution(window: timedelta) -> int:
    """Return the length of the windows that reach back so far."""
    return FINE_SECONDS if window <= KEPT[FINE_SECONDS] else COARSE_SECONDS


def put_used_now(
    numbers: dict[Holder, Numbers],
    environments: list[Environment],
    freshness: dict[int, Freshness],
    *,
    now: datetime,
) -> None:
    """Add what is used now: the newest fine window, unless it is too old to be the present.

    One in which no collection knew every ready pod says how many it did, and not what they use.
    """
    newest = (
        UsageWindow.objects.filter(
            environment__in=environments,
            window_seconds=FINE_SECONDS,
            starts_at__gt=now - FRESH - timedelta(seconds=FINE_SECONDS),
        )
        .filter(Q(used_count__gt=0) | Q(pods_expected__gt=0))
        .order_by("environment_id", "service_id", "resource", "-starts_at")
        .distinct("environment_id", "service_id", "resource")
    )
    for row in newest:
        if not freshness[row.environment_id].is_stale:
            line = numbers[row.environment_id, row.service_id][row.resource]
            line["used"] = row.used_total / row.used_count if row.used_count else None
            line["coverage"] = row.pods_measured / row.pods_expected if row.pods_expected else None


def put_requested_now(
    numbers: dict[Holder, Numbers], environments: list[Environment], *, now: datetime
) -> None:
    """Add what live pods ask for, from the mirror; an old mirror is not the present."""
    current = {
        (e.cluster_id, e.namespace): e for e in environments if not e.cluster.is_stale(now=now)
    }
    pods: dict[Holder, list[Resources]] = defaultdict(list)
    for environment in current.values():
        pods[environment.pk, None] = []
    services = ModelService.objects.ids_by_name([own.pk for own in current.values()])
    rows: Any = Pod.objects.live().filter(namespace__in={namespace for _, namespace in current})
    for pod in rows.with_deployment().only("cluster_id", "namespace", "requests"):
        own = current.get((pod.cluster_id, pod.namespace))
        if own is not None:
            pods[own.pk, None].append(of_one_pod(pod.requests))
            if service := services.get((own.pk, pod.deployment)):
                pods[own.pk, service].append(pod.requests)
    for holder, requests in pods.items():
        asked = total(requests) or NOTHING
        for resource, amount in asked.items():
            numbers[holder][resource]["requested"] = float(amount)
        for resource in set(numbers[holder]) - set(asked) - {GPU_MEMORY}:
            numbers[holder][resource]["requested"] = 0.0


def put_allowance(
    numbers: dict[Holder, Numbers], environments: list[Environment], *, now: datetime
) -> None:
    """Add quotas, what admission has promised, and what the clusters have left."""
    free = free_resources({e.cluster_id for e in environments})
    for environment in environments:
        own = numbers[environment.pk, None]
        quota, is_known = environment.quota, not environment.cluster.is_stale(now=now)
        names = {*quota.allowed, *quota.reserved, *own}
        limits = with_unlisted(quota.allowed, names - {GPU_MEMORY})
        for resource in names:
            line = own[resource]
            limit = limits.get(resource)
            line["quota"] = None if limit is None else float(limit)
            if resource == GPU_MEMORY:
                continue
            line["reserved"] = float(quota.reserved.get(resource, 0))
            if is_known:
                line.setdefault("requested", 0.0)
            # How many more pods the nodes would take, the mirror does not know.
            if is_known and resource != PODS:
                line["cluster_free"] = float(free[environment.cluster_id].get(resource, 0))


def free_resources(clusters: set[int]) -> dict[int, Resources]:
    """Return what ready, schedulable nodes have left, per cluster.

    A node that has less than its pods ask for takes nothing from the others.
    """
    statement = """
        SELECT node.cluster_id, has.key,
               sum(greatest(has.value::numeric - coalesce(asked.amount, 0), 0))
        FROM clusters_node node CROSS JOIN LATERAL jsonb_each_text(node.allocatable) has
        LEFT JOIN (
            SELECT pod.cluster_id, pod.node_name, request.key, sum(request.value::numeric) AS amount
            FROM clusters_pod pod CROSS JOIN LATERAL jsonb_each_text(pod.requests) request
            WHERE pod.cluster_id = ANY(%s) AND pod.phase NOT IN ('Succeeded', 'Failed')
            GROUP BY pod.cluster_id, pod.node_name, request.key
        ) asked ON (asked.cluster_id, asked.node_name, asked.key)
            = (node.cluster_id, node.name, has.key)
        WHERE node.cluster_id = ANY(%s) AND node.is_ready AND NOT node.is_unschedulable
        GROUP BY node.cluster_id, has.key
    """
    free: dict[int, Resources] = defaultdict(Resources)
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(clusters), list(clusters)])
        for cluster_id, resource, amount in cursor.fetchall():
            free[cluster_id] += Resources({resource: int(amount)})
    return free


def read_series(
    environments: list[Environment], *, window: timedelta, now: datetime
) -> dict[tuple[int, str], list[dict[str, Any]]]:
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
    series: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, [step, [e.pk for e in environments], base, now - window])
        for environment, resource, at, requested, used in cursor.fetchall():
            series[environment, resource].append({"at": at, "requested": requested, "used": used})
    return series
