"""When what is known of a cluster is stale: one rule, in Python and in SQL."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

# Watches are renewed every 30 s, so a mirror is stale after twice that in silence.
STALE_AFTER = timedelta(seconds=60)


def is_stale(heard_at: datetime | None, *, now: datetime) -> bool:
    """Return whether what was last synced at a time is stale; if nothing ever was, it is."""
    return heard_at is None or now - heard_at > STALE_AFTER


def stale(column: str, *, now: datetime | Now) -> Q:
    """Return the same rule as a condition on the column with that time."""
    return Q((column, None)) | Q((f"{column}__lt", now - STALE_AFTER))
