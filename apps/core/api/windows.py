"""Reads which stretch of time a request is about."""

from datetime import datetime, timedelta

from django.utils.dateparse import parse_datetime

from core.durations import parse_duration
from core.errors import Invalid
from core.messages import Message, quoted

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=90)
# What arithmetic with times is safe in.
YEARS = range(2000, 2200)


def parse_until(text: str | None) -> datetime | None:
    """Read when a window ends; None where that is not said."""
    if text is None:
        return None
    try:
        until = parse_datetime(text)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None or until.year not in YEARS:
        raise Invalid(Message("until is a time such as 2026-11-30T09:00:00Z."), pointer="/until")
    return until


def parse_window(text: str) -> timedelta:
    """Read a window such as 1h."""
    try:
        window = parse_duration(text)
    except ValueError as error:
        raise Invalid(quoted(f"window: {error}")) from error
    if not SHORTEST <= window <= LONGEST:
        raise Invalid(Message("window is a time such as 30m, 1h or 7d, from 5m to 90d."))
    return window
