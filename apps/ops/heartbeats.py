"""Which of our own processes that fell silent are missed, and for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from clusters.heartbeat import LATE_AFTER
from clusters.models import Heartbeat

# How long a process that was killed is still missed, and a fault is still told of.
KEPT_FOR = timedelta(hours=24)


def unreplaced(heartbeats: Iterable[Heartbeat], *, now: datetime) -> list[Heartbeat]:
    """Leave out processes in whose place another has started since they fell silent.

    One takes the place of one, so that of three that were killed and two that came one is missed.
    """
    rows = sorted(heartbeats, key=lambda row: row.started_at)
    silent = sorted((row for row in rows if now - row.at > LATE_AFTER), key=lambda row: row.at)
    replaced = set()
    for row in rows:
        places = (s for s in silent if s.part == row.part and s.at < row.started_at and s != row)
        if place := next((s for s in places if s.pk not in replaced), None):
            replaced.add(place.pk)
    return [row for row in rows if row.pk not in replaced]
