"""Signs of life of our own processes: one row each, written by what the process really does.

With it they write down what their loops met and did not expect.
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

    A database that is away costs the beat and nothing else: the row grows late by itself.
    """

    def __init__(self, part: Heartbeat.Part, instance: str) -> None:
        self.part = part
        self.instance = instance[:255]
        self.started_at = timezone.now()
        self.last: float | None = None
        self.is_over = False

    def beat(self) -> None:
        """Say that the process lives, unless it has just said so."""
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
        """Say goodbye: who was asked to stop is not missed; who was killed is."""
        self.is_over = True
        try:
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except Error as error:
            log.warning("no goodbye", part=self.part, error=str(error))
            connection.close()


def write_down_faults() -> None:
    """Add the faults of this process to everybody's; what cannot be written now is kept."""
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
    """Count faults, in an order in which two processes never wait for each other."""
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
