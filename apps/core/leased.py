"""Rows that one worker at a time works on: when they are due, who has them, who woke them."""

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.lease import LEASE

Row = TypeVar("Row", bound="Leased")
# What `take` and `give_back` change.
COLUMNS = ("next_run_at", "lease_until", "attempts", "wakeups")


class LeasedQuerySet(models.QuerySet[Row]):
    def due(self, *, now: datetime) -> Self:
        """Keep rows that a worker should look at: they are due, and nobody has leased them."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, next_run_at__lte=now)

    def still_leased(self, pk: Any, attempts: Any) -> Self:
        """Keep the row if it still belongs to the worker that claimed it, at that attempt.

        Its lease may be over: the row is that worker's until somebody else takes it.
        """
        return self.filter(pk=pk, attempts=attempts, lease_until__isnull=False)

    def wake(self, *, now: datetime) -> int:
        """Have rows looked at right now, and once more if somebody is looking already."""
        return self.update(next_run_at=now, wakeups=F("wakeups") + 1)


class Leased(models.Model):
    """The columns by which workers share rows; each means one thing.

    The methods change a row that the caller has locked and will save.
    """

    # When to look again; null means never, unless somebody wakes it.
    next_run_at = models.DateTimeField(null=True, default=timezone.now)
    # Until when it is leased, and how often it has been: of two workers that think it is theirs,
    # the later one is right.
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # How many wake-ups there have been; if the number grows during a look, there is news.
    wakeups = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def is_leased(self, *, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until > now

    def is_due(self, *, now: datetime) -> bool:
        is_time = self.next_run_at is not None and self.next_run_at <= now
        return is_time and not self.is_leased(now=now)

    def take(self, *, now: datetime, is_early: bool = False) -> bool:
        """Lease a row if it is due, or with `is_early` even before; return whether it was leased.

        If somebody else has it, leave a wake-up instead. A row that is taken early is due from then
        on: should its holder be killed, it is looked at when the lease is over.
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
        """End the lease of a claimed row; if there was a wake-up since, it is due at once."""
        self.lease_until, self.next_run_at = None, None
        if self.wakeups > claimed.wakeups:
            self.next_run_at = now
        elif requeue_after is not None:
            self.next_run_at = now + requeue_after

    def take_away(self, *, now: datetime) -> None:
        """Have a row looked at again, even if somebody has it now."""
        self.lease_until, self.next_run_at = None, now
