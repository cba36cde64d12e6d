"""Leases: a row belongs to its holder while the holder lives, and a few seconds more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from django.db import connection
from django.utils import timezone

from core.outages import is_outage
from core.supervision import record_fault

# Work whose holder was killed is free again after this long. A holder that is merely late only
# wastes its effort: whoever takes over has a later epoch or generation, and before each write a
# holder checks that it still is one.
LEASE = timedelta(seconds=10)
RENEWAL_SECONDS = 3.0
log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else has the work by now, or it is other work; nothing more is done for it."""


@contextmanager
def renewing(renew: Callable[[datetime], object]) -> Iterator[None]:
    """Keep extending a lease while a block runs, however long that takes.

    `renew` is given the new end, in a thread with a connection of its own; it must write only if
    the lease is still the holder's. Blocks shorter than `RENEWAL_SECONDS` never call it.
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
    """Renew at intervals; a renewal that fails is tried again at the next one."""
    while not done.wait(RENEWAL_SECONDS):
        try:
            renew(timezone.now() + LEASE)
        except Exception as error:
            if not is_outage(error):
                record_fault(error, loop="lease")
            log.warning("lease not renewed", error=str(error))
        finally:
            connection.close()
