"""`?wait=30s`: how long an answer may be held."""

import re
from datetime import timedelta

from core.errors import Invalid

LONGEST_SECONDS = 60


def parse_wait(text: str | None) -> timedelta:
    """Read a wait such as `30s`; none given is no wait."""
    if text is None:
        return timedelta(0)
    match = re.fullmatch(r"(\d{1,3})s", text, re.ASCII)
    if match is None or int(match[1]) > LONGEST_SECONDS:
        raise Invalid(f"wait is a number of seconds such as 30s, at most {LONGEST_SECONDS}s.")
    return timedelta(seconds=int(match[1]))
