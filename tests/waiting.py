"""Work that begins before a change is committed, and waits for it."""

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from django.db import connection, transaction

from core.waiting import wait_until

T = TypeVar("T")
BLOCKED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


def waited(work: Callable[[], T], change: Callable[[], object]) -> T:
    """Return what work comes to that begins before a change is committed, and waits for it."""
    found: list[T] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connection.close()

    def is_blocked() -> bool | None:
        with connection.cursor() as cursor:
            # A transaction sees for as long as it lasts who was connected when it first asked.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(BLOCKED)
            return cursor.fetchone()[0] > 0 or None

    thread = Thread(target=run)
    with transaction.atomic():
        change()
        thread.start()
        assert wait_until(is_blocked, timeout_seconds=10, interval_seconds=0.01)
    thread.join(timeout=10)
    return found[0]
