"""Which of our own processes that fell silent count as missing, and for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from clusters.heartbeat import LATE_AFTER
from clusters.models import Heartbeat

# How long a process that was killed still counts as missing, and a fault is still reported.
KEPT_FOR = timedelta(hours=24)


def unreplaced(heartbeats: Iterable[Heartbeat], *, now: datetime) -> list[Heartbeat]:
    """Leave out silent processes that have been replaced by another, started since.

    One replaces one: if three were killed and two came, one is missing.
    """
    rows = sorted(heartbeats, key=lambda row: row.started_at)
    silent = sorted((row for row in rows if now - row.at > LATE_AFTER), key=lambda row: row.at)
    replaced = set()
    for row in rows:
        places = (s for s in silent if s.part == row.part and s.at < row.started_at and s != row)
        if place := next((s for s in places if s.pk not in replaced), None):
            replaced.add(place.pk)
    return [row for row in rows if row.pk not in replaced]
