"""Leases: a row belongs to its holder for as long as that lives, and a few seconds more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from django.db import connection
from django.utils import timezone

from core.outages import is_outage
from core.supervision import record_fault

# Work whose holder was killed is free again after this long. A holder that is merely late loses
# nothing but its effort: whoever takes over has a later epoch or generation, and before each write
# a holder looks whether it is one still.
LEASE = timedelta(seconds=10)
RENEWAL_SECONDS = 3.0
log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else has the work by now, or it has become another; nothing more is done for it."""


@contextmanager
def renewing(renew: Callable[[datetime], object]) -> Iterator[None]:
    """Push a lease's end ahead of the clock while a block runs, however long that takes.

    `renew` is given the new end, in a thread with a connection of its own; it writes only where
    the lease is still the holder's. Blocks of less than `RENEWAL_SECONDS` never call it.
    """
    done = Event()
    thread = Thread(target=renew_until, args=(done, renew), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def renew_until(done: Event, renew: Callable[[datetime], object]) -> None:
    """Renew at intervals; what the database refuses now is tried at the next."""
    while not done.wait(RENEWAL_SECONDS):
        try:
            renew(timezone.now() + LEASE)
        except Exception as error:
            if not is_outage(error):
                record_fault(error, loop="lease")
            log.warning("lease not renewed", error=str(error))
        finally:
            connection.close()
