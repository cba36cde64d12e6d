"""Signs of life of our own processes: one row each, written by what the process really does."""

import time
from datetime import timedelta

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from clusters.models import Heartbeat

# Callers beat more often than this; three beats may be missed before a process counts as late.
BEAT_SECONDS = 4.0
LATE_AFTER = timedelta(seconds=20)
# How long a process that was killed is still missed.
KEPT = timedelta(hours=24)
log = structlog.get_logger(__name__)


class Pulse:
    """The heartbeat of one process: at most one statement per `BEAT_SECONDS`.

    A database that is away costs the beat and nothing else: the row grows late by itself.
    """

    def __init__(self, part: Heartbeat.Part, instance: str) -> None:
        self.part = part
        self.instance = instance[:255]
        self.last: float | None = None
        self.is_over = False

    def beat(self) -> None:
        """Say that the process lives, unless it has just said so."""
        now = time.monotonic()
        if self.is_over or (self.last is not None and now - self.last < BEAT_SECONDS):
            return
        self.last = now
        row = Heartbeat(part=self.part, instance=self.instance, at=timezone.now())
        try:
            Heartbeat.objects.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["part", "instance"],
                update_fields=["at"],
            )
        except DatabaseError as error:
            log.warning("no heartbeat", part=self.part, error=str(error))
            connection.close()

    def end(self) -> None:
        """Say goodbye: who was asked to stop is not missed; who was killed is."""
        self.is_over = True
        try:
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except DatabaseError as error:
            log.warning("no goodbye", part=self.part, error=str(error))
            connection.close()
