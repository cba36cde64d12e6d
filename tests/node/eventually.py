"""Waiting with a deadline."""

from collections.abc import Callable
from typing import TypeVar

from core.waiting import wait_until

T = TypeVar("T")


def eventually(answer: Callable[[], T], *, within_seconds: float, what: str) -> T:
    """Return the first answer that is true; fail with what was expected when none comes."""
    found = wait_until(lambda: answer() or None, timeout_seconds=within_seconds)
    assert found is not None, f"Not within {within_seconds:.0f} s: {what}"
    return found
