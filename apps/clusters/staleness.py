"""When what was heard of a cluster is too old to be the present: one rule, in two languages."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

# Watches are renewed every 30 s, so silence of twice that is a stale mirror.
STALE_AFTER = timedelta(seconds=60)


def is_stale(heard_at: datetime | None, *, now: datetime) -> bool:
    """Return whether what was last heard at a time is not the present; nothing heard never is."""
    return heard_at is None or now - heard_at > STALE_AFTER


def stale(column: str, *, now: datetime | Now) -> Q:
    """Return the same as a condition on the column that says when it was heard."""
    return Q((column, None)) | Q((f"{column}__lt", now - STALE_AFTER))
