"""Signs of life of our own processes: one row each, written by the loops that do the work.

Along with it, a process writes down the unexpected errors of its loops.
"""

import time
from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.db import Error, connection
from django.utils import timezone

from clusters.models import Heartbeat
from core.supervision import FAULTS, Fault

# Callers beat more often than this; three beats may be missed before a process counts as late.
BEAT_SECONDS = 4.0
LATE_AFTER = timedelta(seconds=20)
log = structlog.get_logger(__name__)


class Pulse:
    """The heartbeat of one process: at most one statement per `BEAT_SECONDS`, two after faults.

    If the database is away, only the beat is lost: the row becomes late by itself.
    """

    def __init__(self, part: Heartbeat.Part, instance: str) -> None:
        self.part = part
        self.instance = instance[:255]
        self.started_at = timezone.now()
        self.last: float | None = None
        self.is_over = False

    def beat(self) -> None:
        """Record that the process is alive, unless that was just done."""
        now = time.monotonic()
        if self.is_over or (self.last is not None and now - self.last < BEAT_SECONDS):
            return
        self.last = now
        row = Heartbeat(
            part=self.part,
            instance=self.instance,
            started_at=self.started_at,
            at=timezone.now(),
        )
        try:
            Heartbeat.objects.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["part", "instance"],
                update_fields=["started_at", "at"],
            )
        except Error as error:
            log.warning("no heartbeat", part=self.part, error=str(error))
            connection.close()
        else:
            write_down_faults()

    def end(self) -> None:
        """Delete the row: a process that was asked to stop is not missed, a killed one is."""
        self.is_over = True
        try:
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except Error as error:
            log.warning("no goodbye", part=self.part, error=str(error))
            connection.close()


def write_down_faults() -> None:
    """Add this process's faults to the table; those that cannot be written now are kept."""
    faults = FAULTS.take()
    if not faults:
        return
    try:
        add_faults(faults)
    except Error as error:
        log.warning("faults not written down", error=str(error))
        connection.close()
        for fault in faults:
            FAULTS.add(fault)


def add_faults(faults: Iterable[Fault]) -> None:
    """Count faults, in an order that keeps two processes from waiting for each other."""
    rows = sorted(
        (f.loop[:100], f.cluster, f.count, f.last_at, f.last_object, f.last_error) for f in faults
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO clusters_loopfault AS known
                (loop, cluster, count, last_at, last_object, last_error)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (loop, cluster) DO UPDATE SET
                count = known.count + EXCLUDED.count, last_at = EXCLUDED.last_at,
                last_object = EXCLUDED.last_object, last_error = EXCLUDED.last_error
            """,
            rows,
        )
