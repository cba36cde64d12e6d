"""Durations as Go and Kubernetes write them: `90s`, `30m`, `1h30m`, and also days. Pure."""

import re
from datetime import timedelta

from core.messages import Message

PARTS = re.compile(
    r"(?=.)(?:(?P<days>\d{1,5})d)?(?:(?P<hours>\d{1,5})h)?"
    r"(?:(?P<minutes>\d{1,5})m)?(?:(?P<seconds>\d{1,5})s)?",
    re.ASCII,
)


def parse_duration(text: object) -> timedelta:
    """Read a duration in whole seconds, its units from the largest to the smallest.

    Raises:
        ValueError: not a duration.
    """
    match = PARTS.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            Message(
                "'%(text)s' is not a duration. Write it as 45s, 30m, 2h or 1h30m.",
                text=str(text)[:40],
            )
        )
    return timedelta(**{unit: int(count) for unit, count in match.groupdict(default="0").items()})
