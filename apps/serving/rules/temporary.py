"""Temporary replica counts: how many pods a service has for a while, and returns to. Pure.

A temporary count never changes the permanent one; it takes precedence over it until it ends.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many pods a service is to have permanently, and how many until `expires_at`."""

    permanent: int
    temporary: int | None = None
    expires_at: datetime | None = None

    @property
    def now(self) -> int:
        """The number that the next rollout applies."""
        return self.permanent if self.temporary is None else self.temporary

    @property
    def returns_to(self) -> int:
        """The number that the quota keeps room for besides `now`; 0 if nothing is temporary."""
        return 0 if self.temporary is None else self.permanent

    def with_now(self, count: int) -> "Replicas":
        """Return them with another number for now, for as long as the present one."""
        if self.temporary is None:
            return replace(self, permanent=count)
        return replace(self, temporary=count)

    def is_over(self, *, now: datetime) -> bool:
        """Return whether a temporary count has expired."""
        return self.expires_at is not None and self.expires_at <= now

    def as_columns(self) -> dict[str, int | datetime | None]:
        """Return the columns of a service that store them."""
        return {
            "replicas": self.permanent,
            "temporary_replicas": self.temporary,
            "temporary_expires_at": self.expires_at,
        }


def scaled(before: Replicas, count: int, *, expires_at: datetime | None) -> Replicas:
    """Return the counts with a new one: temporary, or permanent, which ends a temporary one."""
    if expires_at is None:
        return Replicas(count)
    return replace(before, temporary=count, expires_at=expires_at)


def without_temporary(before: Replicas) -> Replicas:
    """Drop the temporary count and keep the permanent one."""
    return Replicas(before.permanent)
