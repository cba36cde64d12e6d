"""How soon to write again what others keep undoing. Pure.

What is undone once is put right at once; if somebody keeps undoing it, we pause between writes.
"""

from datetime import datetime, timedelta

AT_ONCE = 3
LONGEST_PAUSE, QUIET = timedelta(minutes=1), timedelta(minutes=10)


def pause_after(writes: int) -> timedelta:
    """Return how long to wait after so many writes in a row: doubled with each, from 2 s."""
    if writes < AT_ONCE:
        return timedelta(0)
    doubled = 2 ** min(writes - AT_ONCE + 1, 16)
    return min(timedelta(seconds=doubled), LONGEST_PAUSE)


def left_to_wait(writes: int, written_at: datetime | None, *, now: datetime) -> timedelta:
    """Return how much longer to wait before the next write; zero if it may be written now."""
    since = now - written_at if written_at is not None else QUIET
    return max(pause_after(writes) - since, timedelta(0))


def counted_up(writes: int, written_at: datetime | None, *, now: datetime) -> int:
    """Return the number of writes in a row, including one now; after a quiet time it is one."""
    is_in_a_row = written_at is not None and now - written_at < QUIET
    return writes + 1 if is_in_a_row else 1
