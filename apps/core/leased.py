"""Rows that one worker at a time works on: when they are due, who has them, who rang meanwhile."""

from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.lease import LEASE

Row = TypeVar("Row", bound="Leased")
# What `take` and `give_back` change.
COLUMNS = ("next_run_at", "lease_until", "attempts", "wakeups")


class LeasedQuerySet(models.QuerySet[Row]):
    def due(self, *, now: datetime) -> Self:
        """Keep what a worker should look at: its time has come and nobody has it."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, next_run_at__lte=now)

    def held(self, claimed: "Leased") -> Self:
        """Keep the row while it is with whoever claimed it.

        Where its lease is over and nobody has taken it since, it still is.
        """
        return self.filter(pk=claimed.pk, attempts=claimed.attempts, lease_until__isnull=False)

    def wake(self, *, now: datetime) -> int:
        """Have rows looked at at once, and once again where somebody is looking now."""
        return self.update(next_run_at=now, wakeups=F("wakeups") + 1)


class Leased(models.Model):
    """The columns by which workers share rows; each means one thing.

    The methods change a row that the caller has locked, and will save.
    """

    # When to look again; null is never, unless somebody rings.
    next_run_at = models.DateTimeField(null=True, default=timezone.now)
    # Until when it belongs to whoever looks, and how often somebody has begun to: of two who think
    # that it is theirs, the later is right.
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # How often somebody wanted it to be looked at; if it grows during a look, there is news.
    wakeups = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def is_leased(self, *, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until > now

    def is_due(self, *, now: datetime) -> bool:
        is_time = self.next_run_at is not None and self.next_run_at <= now
        return is_time and not self.is_leased(now=now)

    def take(self, *, now: datetime, is_early: bool = False) -> bool:
        """Lease a row that is due, or if `is_early` also before its time; return whether it is so.

        Whoever finds it leased leaves word. Taken early it is due from then on: should its holder
        be killed, it is looked at when the lease is over.
        """
        if self.is_leased(now=now):
            self.wakeups += 1
            return False
        if not is_early and not self.is_due(now=now):
            return False
        self.lease_until = now + LEASE
        self.next_run_at = min(self.next_run_at or now, now)
        self.attempts += 1
        return True

    def give_back(
        self, claimed: "Leased", *, requeue_after: timedelta | None, now: datetime
    ) -> None:
        """End the lease of whoever claimed a row; it is due at once where somebody rang since."""
        self.lease_until, self.next_run_at = None, None
        if self.wakeups > claimed.wakeups:
            self.next_run_at = now
        elif requeue_after is not None:
            self.next_run_at = now + requeue_after

    def take_away(self, *, now: datetime) -> None:
        """Have a row looked at anew, whoever has it now."""
        self.lease_until, self.next_run_at = None, now
