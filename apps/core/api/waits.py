"""`?wait=30s`: how long an answer may be held."""

from datetime import timedelta

from core.durations import parse_duration
from core.errors import Invalid
from core.messages import Message, quoted

LONGEST = timedelta(seconds=60)


def parse_wait(text: str | None) -> timedelta:
    """Read a wait such as `30s`; if none is given, there is no wait."""
    if text is None:
        return timedelta(0)
    try:
        wait = parse_duration(text)
    except ValueError as error:
        raise Invalid(quoted(f"wait: {error}")) from error
    if wait > LONGEST:
        raise Invalid(Message("wait is at most 60s."))
    return wait
