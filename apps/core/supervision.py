"""Loops that survive unexpected errors.

Such an error is logged with its cluster and object, and counted; the loop goes on, with one
object left out, or from its beginning after a pause. Counts wait here until the process writes
them down with its next sign of life, or until something in this process reads them.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog
from django.utils import timezone

from core.messages import Message
from core.outages import is_outage

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 20.0
LONGEST_ERROR = 300
# For those who wait for what the loop was doing.
UNEXPECTED = Message("Slipway hit an unexpected error and retries; the details are in its log.")
T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """Unexpected errors of one loop about one cluster: how many, and the latest."""

    loop: str
    cluster: str
    count: int
    last_at: datetime
    last_object: str
    last_error: str

    def after(self, earlier: "Fault | None") -> "Fault":
        """Return both combined."""
        return replace(self, count=self.count + earlier.count) if earlier else self


class Faults:
    """The faults of this process that are not written down yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[tuple[str, str], Fault] = {}

    def add(self, fault: Fault) -> None:
        """Count a fault."""
        key = fault.loop, fault.cluster
        with self.lock:
            self.waiting[key] = fault.after(self.waiting.get(key))

    def take(self) -> list[Fault]:
        """Take all waiting faults; a caller that cannot write them down adds them again."""
        with self.lock:
            taken, self.waiting = list(self.waiting.values()), {}
        return taken


FAULTS = Faults()


def record_fault(error: BaseException, *, loop: str, cluster: str = "", about: str = "") -> None:
    """Log and count an unexpected error; `about` is the object that the loop was busy with."""
    log.error("not expected", loop=loop, cluster=cluster, about=about, exc_info=error)
    said = f"{type(error).__name__}: {error}".replace("\0", "")[:LONGEST_ERROR]
    FAULTS.add(Fault(loop, cluster, 1, timezone.now(), about[:LONGEST_ERROR], said))


def one_by_one(
    work: Callable[[Sequence[T]], object],
    items: Sequence[T],
    *,
    leave_out: Callable[[T, Exception], None],
) -> None:
    """Work on items together; if that fails, halve them until the one that fails is alone.

    Raises:
        Exception: an outage, for which no item is to blame.
    """
    if not items:
        return
    try:
        work(items)
    except Exception as error:
        if is_outage(error):
            raise
        if len(items) == 1:
            leave_out(items[0], error)
            return
        middle = len(items) // 2
        for half in (items[:middle], items[middle:]):
            one_by_one(work, half, leave_out=leave_out)


def spawn(
    work: Callable[[], object], *, loop: str, cluster: str = "", stop: threading.Event
) -> threading.Thread:
    """Keep a loop running in a thread that dies with the process."""
    thread = threading.Thread(
        target=keep_going,
        args=(work, loop, cluster, stop),
        name=f"{cluster}/{loop}",
        daemon=True,
    )
    thread.start()
    return thread


def keep_going(work: Callable[[], object], loop: str, cluster: str, stop: threading.Event) -> None:
    """Restart a loop whenever it ends before it was stopped."""
    ends = 0
    while not stop.is_set():
        try:
            work()
        # Whatever would end the thread: nothing else would start it again.
        except BaseException as error:
            record_fault(error, loop=loop, cluster=cluster)
        ends += 1
        stop.wait(pause_seconds(ends))


async def keep_awaiting(work: Callable[[], Awaitable[object]], *, loop: str) -> None:
    """Restart an asynchronous loop whenever it ends, until it is cancelled."""
    ends = 0
    while True:
        try:
            await work()
        except Exception as error:
            record_fault(error, loop=loop)
        ends += 1
        await asyncio.sleep(pause_seconds(ends))


def pause_seconds(ends: int) -> float:
    """Return how long to wait after so many ends: doubled with each, up to a limit."""
    doubled: float = FIRST_PAUSE_SECONDS * 2 ** min(ends - 1, 10)
    return min(doubled, LONGEST_PAUSE_SECONDS)
