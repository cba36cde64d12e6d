"""Whether Slipway's parts are alive: its stores, its processes, clusters and their Prometheus.

Read from rows, in a constant number of queries: clusters and Prometheus are never asked here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from redis import RedisError

from clusters.heartbeat import LATE_AFTER, write_down_faults
from clusters.models import Cluster, Heartbeat, LoopFault, Node
from clusters.standing import mirror_problem, probe_problem
from core import stream
from core.database import takes_writes
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from ops.heartbeats import unreplaced
from usage.collect import NO_PROMETHEUS
from usage.models import MetricsStatus

PART_NAMES = ("cluster", "mirror", "prometheus", "postgresql", "redis", *Heartbeat.Part.values)
# Clusters are probed every 15 s.
PROBES_LATE_AFTER = timedelta(seconds=60)
MOST_FAULTS = 100


class State(TextChoices):
    """The state of a part; `late` means that it should have reported by now."""

    OK = "ok"
    LATE = "late"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Component:
    """One part. `observed_at` is when it last reported, whatever it said."""

    name: str
    instance: str
    state: State
    observed_at: datetime | None
    version: str = ""
    reason: str = ""
    message: Message = NOTHING_SAID


def read_platform(*, now: datetime, by_admin: bool) -> dict[str, Any]:
    """Return the state of all parts, and the unexpected errors of our loops in the last day."""
    related = Cluster.objects.select_related("metrics_status", "duplicate_of")
    clusters = list(related.prefetch_related("cursors").order_by("name"))
    parts = [
        database_part(now),
        redis_part(now),
        *process_parts(Heartbeat.objects.all(), now),
        *(part for cluster in clusters for part in cluster_parts(cluster, now)),
    ]
    simulated = Node.objects.filter(is_simulated=True).exists()
    return {"simulated": simulated, "parts": parts, "faults": faults(by_admin=by_admin)}


def faults(*, by_admin: bool) -> list[LoopFault]:
    """Return the faults; objects and errors, which may be a stranger's, only for admins."""
    write_down_faults()
    found = list(LoopFault.objects.all()[:MOST_FAULTS])
    if not by_admin:
        for fault in found:
            fault.last_object = fault.last_error = ""
    return found


def database_part(now: datetime) -> Component:
    """Return the state of the database; without it there would be no answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (version,) = cursor.fetchone()
    if takes_writes():
        return Component("postgresql", "", State.OK, now, version)
    message = Message("The database is read-only: nothing can be changed, observed or counted.")
    reason = Reason.DATABASE_READ_ONLY
    return Component("postgresql", "", State.UNREACHABLE, now, version, reason, message)


def redis_part(now: datetime) -> Component:
    """Return the state of Redis, which is asked now."""
    if redis_answers():
        return Component("redis", "", State.OK, now)
    message = Message(
        "Redis does not answer: changes wait for the next sweep, pages for the next poll."
    )
    reason = Reason.REDIS_UNAVAILABLE
    return Component("redis", "", State.UNREACHABLE, now, reason=reason, message=message)


def redis_answers() -> bool:
    """Return whether Redis answers within a second."""
    try:
        stream.connection().ping()
    except RedisError:
        return False
    return True


def process_parts(heartbeats: Iterable[Heartbeat], now: datetime) -> Iterator[Component]:
    """Yield every process that has reported and was not replaced; a kind without any is unknown."""
    missing = set(Heartbeat.Part.values)
    shown = unreplaced(heartbeats, now=now)
    for heartbeat in sorted(shown, key=lambda row: (row.part, row.instance)):
        missing.discard(heartbeat.part)
        yield process_part(heartbeat, now)
    for name in sorted(missing):
        message = Message("No %(part)s is known to run. Start one.", part=name)
        yield Component(name, "", State.UNKNOWN, None, reason=Reason.NO_DATA, message=message)


def process_part(heartbeat: Heartbeat, now: datetime) -> Component:
    """Judge a process by its last sign of life."""
    name, instance, at = heartbeat.part, heartbeat.instance, heartbeat.at
    if now - at <= LATE_AFTER:
        return Component(name, instance, State.OK, at)
    message = Message(
        "It missed its heartbeats: it hangs, was killed, or cannot reach what it needs."
    )
    return Component(name, instance, State.LATE, at, reason=Reason.STALE, message=message)


def cluster_parts(cluster: Cluster, now: datetime) -> Iterator[Component]:
    """Yield a cluster, our mirror of it, and its Prometheus."""
    yield probed_part(cluster, now)
    yield mirror_part(cluster, now)
    yield prometheus_part(cluster, getattr(cluster, "metrics_status", None), now)


def probed_part(cluster: Cluster, now: datetime) -> Component:
    """Judge a cluster by the last probe."""
    state, (reason, message) = State.OK, probe_problem(cluster, now=now)
    if cluster.probed_at is None:
        state, reason, message = (
            State.UNKNOWN,
            Reason.NO_DATA,
            Message("It has not been probed yet."),
        )
    elif now - cluster.probed_at > PROBES_LATE_AFTER:
        state, reason = State.LATE, Reason.STALE
        message = Message("The last probe is too old to tell its state. Check worker and beat.")
    elif not cluster.is_reachable:
        state = State.UNREACHABLE
    return Component(
        "cluster", cluster.name, state, cluster.probed_at, cluster.version, reason, message
    )


def mirror_part(cluster: Cluster, now: datetime) -> Component:
    """Judge the mirror by its most silent kind of object."""
    reason, message = mirror_problem(cluster, now=now)
    state = State.OK
    if cluster.mirrored_at is None:
        state = State.UNKNOWN
    elif cluster.is_stale(now=now):
        state = State.LATE
    at = cluster.mirrored_at
    return Component("mirror", cluster.name, state, at, reason=reason, message=message)


def prometheus_part(cluster: Cluster, status: MetricsStatus | None, now: datetime) -> Component:
    """Judge a cluster's Prometheus by the last collection."""
    at = status.tried_at if status else None
    if not cluster.prometheus_url:
        state, reason = State.UNKNOWN, str(Reason.NO_DATA)
        message = NO_PROMETHEUS
    elif status is None:
        state, reason, message = (
            State.UNKNOWN,
            Reason.NO_DATA,
            Message("Nothing has been collected yet."),
        )
    elif status.is_late(now=now):
        state, reason = State.LATE, Reason.STALE
        message = Message("Usage has not been collected lately. Check worker and beat.")
    else:
        is_away = status.reason == Reason.PROMETHEUS_UNAVAILABLE
        state = State.UNREACHABLE if is_away else State.OK
        reason, message = status.reason, status.message
    return Component("prometheus", cluster.name, state, at, reason=reason, message=message)
