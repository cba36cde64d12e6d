"""The only place that waits."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    answer: Callable[[], T | None], *, timeout_seconds: float, interval_seconds: float = 0.2
) -> T | None:
    """Ask until there is an answer or the time is up; return the answer, or None."""
    ends_at = time.monotonic() + timeout_seconds
    while (found := answer()) is None:
        left = ends_at - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(interval_seconds, left))
    return found
