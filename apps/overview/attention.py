"""What needs somebody now: at most one statement per kind, whatever the number of services."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from clusters.models import Cluster
from clusters.standing import cluster_problem
from core.devices import is_card
from core.messages import NOTHING_SAID, Message, counted
from core.reasons import Reason
from core.resources import with_unlisted
from projects.models import Environment, Quota, visible_to
from serving.diagnosis.drift import summary
from serving.diagnosis.health import Health
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase, pods_ready
from usage.collect import COARSE_SECONDS
from usage.models import PRESENT_FOR, MetricsStatus

# How many objects of a kind are named; all are counted.
MOST_NAMED = 5
# A rollout is held up if nothing of it got further for so long.
HELD_UP_AFTER = timedelta(minutes=2)
# Cards are idle that are at work for less than this part of the time, over an hour or two.
IDLE_BELOW = 0.05
# Half an hour of collections: what has just started is not idle yet.
FEWEST_COLLECTIONS = 60


class AttentionKind(StrEnum):
    """Why somebody should look, the most urgent first."""

    FAILING = "failing"
    STALE = "stale"
    DRIFTED = "drifted"
    WAITING = "waiting"
    HELD_UP = "held_up"
    OVER_QUOTA = "over_quota"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Concern:
    """An object to look at, where it is, and why; `since` is null where that is not kept."""

    object: str
    name: str
    reason: str
    message: Message
    since: datetime | None = None
    project: str = ""
    environment: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """How many objects need somebody for one reason, and the first few of them."""

    kind: AttentionKind
    count: int
    concerns: list[Concern]


def attention_for(user: User) -> list[Attention]:
    """Return what needs somebody among what an account may see, the most urgent kind first."""
    now = timezone.now()
    readers: dict[AttentionKind, Callable[[User, datetime], tuple[int, Iterable[Concern]]]] = {
        AttentionKind.FAILING: failing_services,
        AttentionKind.STALE: stale_sources,
        AttentionKind.DRIFTED: drifted_objects,
        AttentionKind.WAITING: waiting_rollouts,
        AttentionKind.HELD_UP: held_up_changes,
        AttentionKind.OVER_QUOTA: exceeded_quotas,
        AttentionKind.IDLE: idle_cards,
    }
    found = ((kind, *read(user, now)) for kind, read in readers.items())
    return [
        Attention(kind, count, [*concerns][:MOST_NAMED]) for kind, count, concerns in found if count
    ]


def first_of(rows: QuerySet[Any, Any], *columns: str) -> tuple[int, list[dict[str, Any]]]:
    """Return how many rows there are, and columns of the first few, in one statement."""
    named = [*rows.annotate(of=Window(Count("pk"))).values("of", *columns)[:MOST_NAMED]]
    return (named[0]["of"] if named else 0), named


def failing_services(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return services that do not do what they should, but for those that are only drifted."""
    services = ModelService.objects.visible_to(user).with_shown_health(now=now)
    failing = services.filter(shown_health=Health.DEGRADED).exclude(reason=Reason.DRIFTED)
    count, rows = first_of(
        failing.order_by("ready_replicas", "project__name", "environment__name", "name"),
        *PLACE_OF_SERVICE,
        *("reason", "message"),
    )
    return count, [service_concern(row, row["reason"], row["message"]) for row in rows]


PLACE_OF_SERVICE = ("project__name", "environment__name", "name")


def service_concern(
    row: dict[str, Any], reason: str, message: Message, since: datetime | None = None
) -> Concern:
    """Return why somebody should look at a service."""
    project, environment, name = (row[column] for column in PLACE_OF_SERVICE)
    return Concern("service", name, reason, message, since, project, environment, name)


def stale_sources(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return the clusters of which Slipway sees too little, or too late, to be believed."""
    clusters = Cluster.objects.select_related("duplicate_of", "metrics_status")
    if not user.is_superuser:
        own = Environment.objects.filter(visible_to(user, project="project"))
        clusters = clusters.filter(pk__in=own.values("cluster"))
    concerns = []
    for cluster in clusters.prefetch_related("cursors"):
        reason, message = cluster_problem(cluster, now=now)
        since = cluster.mirrored_at if cluster.is_stale(now=now) else None
        metrics = getattr(cluster, "metrics_status", None)
        if not reason and metrics is not None:
            reason, message, since = metrics_problem(metrics, now=now)
        if reason:
            concerns.append(Concern("cluster", cluster.name, reason, message, since))
    return len(concerns), concerns


def metrics_problem(
    metrics: MetricsStatus, *, now: datetime
) -> tuple[str, Message, datetime | None]:
    """Return why a cluster's figures of use are not of the present; empty if they are."""
    if metrics.is_late(now=now):
        late = Message("Its use has not been looked at lately; figures of use may be out of date.")
        return Reason.STALE, late, metrics.tried_at
    return metrics.reason, metrics.message, metrics.observed_at


def drifted_objects(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return services and environments that somebody else has changed in their cluster."""
    services = ModelService.objects.visible_to(user).exclude(drift=[])
    columns = ("drift", "ready_replicas", "desired_replicas")
    of_services, rows = first_of(services.order_by(*PLACE_OF_SERVICE), *PLACE_OF_SERVICE, *columns)
    found = []
    for row in rows:
        if drift := summary(row["drift"]):
            ready, wanted = row["ready_replicas"], row["desired_replicas"]
            pods = NOTHING_SAID if ready == wanted else pods_ready(ready, wanted)
            since = since_of(row["drift"])
            found.append(service_concern(row, drift.reason, pods + drift.message, since))
    environments = Environment.objects.filter(visible_to(user, project="project"))
    of_environments, rows = first_of(
        environments.exclude(drift=[]).order_by("project__name", "name"),
        *("project__name", "name", "drift"),
    )
    for row in rows:
        differences = counted(
            "It differs from what was set up in %(count)s place.",
            "It differs from what was set up in %(count)s places.",
            count=len(row["drift"]),
        )
        since = since_of(row["drift"])
        found.append(environment_concern(row, Reason.DRIFTED, differences, since))
    return of_services + of_environments, found


def since_of(drift: Sequence[dict[str, Any]]) -> datetime | None:
    """Return when the oldest difference was first seen."""
    return min((datetime.fromisoformat(entry["since"]) for entry in drift), default=None)


def environment_concern(
    row: dict[str, Any], reason: str, message: Message, since: datetime | None = None
) -> Concern:
    """Return why somebody should look at an environment."""
    project, name = row["project__name"], row["name"]
    return Concern("environment", name, reason, message, since, project, name)


def waiting_rollouts(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return rollouts that go on only when a person says so, those first that wait longest."""
    return rollout_concerns(Rollout.objects.visible_to(user).filter(phase=Phase.PAUSED))


def held_up_changes(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return rollouts in which nothing got further for a while, and environments not set up."""
    moving = Rollout.objects.visible_to(user).unfinished().exclude(phase=Phase.PAUSED)
    late = moving.filter(
        Q(progressed_at__lt=now - HELD_UP_AFTER)
        | Q(progressed_at=None, created_at__lt=now - HELD_UP_AFTER)
    )
    count, found = rollout_concerns(late)
    pending = Environment.objects.filter(
        visible_to(user, project="project"), updated_at__lt=now - HELD_UP_AFTER
    ).exclude(phase=Environment.Phase.READY)
    more, rows = first_of(
        pending.order_by("project__name", "name"), "project__name", "name", "reason", "message"
    )
    found += [environment_concern(row, row["reason"], row["message"]) for row in rows]
    return count + more, found


def rollout_concerns(rows: QuerySet[Rollout]) -> tuple[int, list[Concern]]:
    """Return why somebody should look at some rollouts, those first that stand still longest."""
    since = Coalesce("progressed_at", "created_at")
    place = ("project__name", "service__environment__name", "service__name")
    count, found = first_of(
        rows.annotate(since=since).order_by("since", "id"),
        *("id", "since", "reason", "message"),
        *place,
    )
    return count, [
        Concern(
            "rollout",
            str(row["id"]),
            row["reason"],
            row["message"],
            row["since"],
            *(row[column] for column in place),
        )
        for row in found
    ]


def exceeded_quotas(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return environments that hold more than they may: their quota was lowered."""
    quotas = Quota.objects.filter(visible_to(user, project="environment__project"))
    concerns = []
    for quota in quotas.select_related("environment__project").order_by("environment"):
        allowed = with_unlisted(quota.allowed, quota.reserved)
        exceeded = [name for name, most in allowed.items() if quota.reserved.get(name, 0) > most]
        products = quota.gpu_products
        exceeded += [
            name
            for name, held in quota.reserved_gpu_products.items()
            if held > products.get(name, held)
        ]
        if exceeded:
            environment = quota.environment
            place = {"project__name": environment.project.name, "name": environment.name}
            more = Message("It holds more %(names)s than its quota.", names=", ".join(exceeded))
            concerns.append(environment_concern(place, Reason.QUOTA_EXCEEDED, more))
    return len(concerns), concerns


def idle_cards(user: User, now: datetime) -> tuple[int, list[Concern]]:
    """Return services whose cards are hardly at work, those first that hold the most of them.

    Where nobody has looked lately, that is not known.
    """
    statement = """
        SELECT project.name, environment.name, service.name, use.resource, use.requested
        FROM projects_reservation held
        JOIN serving_modelservice service ON service.id = held.service_id
        JOIN projects_environment environment ON environment.id = service.environment_id
        JOIN projects_project project ON project.id = service.project_id
        JOIN usage_metricsstatus look
          ON look.cluster_id = environment.cluster_id AND look.observed_at > %s
        CROSS JOIN LATERAL (
            SELECT part.resource, sum(part.used_total) / sum(part.used_count) AS used,
                   sum(part.requested_total) / sum(part.requested_count) AS requested
            FROM usage_usagewindow part
            WHERE part.environment_id = service.environment_id AND part.service_id = service.id
              AND part.window_seconds = %s AND part.starts_at > %s
            GROUP BY part.resource
            HAVING sum(part.used_count) >= %s AND sum(part.requested_count) > 0
        ) use
        WHERE held.resources - '{cpu,memory,pods,ephemeral-storage}'::text[] != '{}'
          AND use.requested > 0 AND use.used < use.requested * %s
          AND (%s OR service.project_id = ANY(%s))
        ORDER BY use.requested DESC, project.name, environment.name, service.name
    """
    projects = [] if user.is_superuser else [*user.memberships.values_list("project_id", flat=True)]
    since = now - 2 * timedelta(seconds=COARSE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                now - PRESENT_FOR,
                COARSE_SECONDS,
                since,
                FEWEST_COLLECTIONS,
                IDLE_BELOW,
                user.is_superuser,
                projects,
            ],
        )
        rows = [row for row in cursor.fetchall() if is_card(row[3])]
    return len(rows), [
        service_concern(
            dict(zip(PLACE_OF_SERVICE, place, strict=True)),
            Reason.IDLE,
            Message(
                "Requested and hardly used: %(requested)s × %(resource)s.",
                requested=round(requested),
                resource=resource,
            ),
        )
        for *place, resource, requested in rows[:MOST_NAMED]
    ]
