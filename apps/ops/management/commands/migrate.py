"""`manage.py migrate`: Django's own, except that it never waits long for a lock.

A statement that waits for a table's lock holds up all that come after it, even reads.
"""

from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_fixed

LOCK_TIMEOUT = "2s"
ATTEMPTS, PAUSE_SECONDS = 30, 1.0


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; if a lock is in the way, try again from there."""
        retrying = Retrying(
            retry=retry_if_exception(is_lock_held),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_fixed(PAUSE_SECONDS),
            before_sleep=lambda _: self.stderr.write("Somebody holds a lock; trying again."),
        )
        try:
            retrying(partial(self.migrate_without_waiting, *args, **options))
        except RetryError as error:
            message = "A lock was held all the time. What was migrated stays; try again."
            raise CommandError(message) from error

    def migrate_without_waiting(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def is_lock_held(error: BaseException) -> bool:
    """Return whether a statement gave up waiting for a lock."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable)
