"""Merges the logs of several pods into one, in the order of time as far as they come together.

Whatever their number, what waits to be read is bounded; a log that cannot be read says so in a
line of its own, and the others go on.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils import timezone

from clusters.client import CONNECT_SECONDS, READ_SECONDS
from clusters.errors import ClusterError, ClusterInvalid, ClusterUnavailable, NodeAway
from clusters.following import LogReader
from core.messages import Message
from core.supervision import record_fault

# Before the first line is written, a kubelet sends nothing, not even that it has the log.
OPENING_SECONDS = 4.0
# What arrives within this time is put in order: long at first, when each log sends its end.
FIRST_SETTLE_SECONDS, SETTLE_SECONDS = 0.5, 0.1
LOOK_SECONDS = 5.0
# Who asked may be gone before the answer begins, and then nobody ends the reading.
UNREAD_SECONDS = 30.0
# Longer than one log may be silent, and the API server be asked whether it is there.
WHOLE_SECONDS = READ_SECONDS + 2 * CONNECT_SECONDS
MOST_LOGS = 20
MOST_PENDING_BYTES = 4 * 1024**2
LONGEST_LINE = 256 * 1024
BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """A container whose log is read."""

    namespace: str
    pod: str
    container: str
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of a log as it was written, or in its place what is to be said of the log."""

    source: Source
    # As the container's runtime noted it; unknown if it did not.
    at: datetime | None
    line: bytes = b""
    notice: ClusterError | Message | None = None
    # Where it stands among others: a line without a time stays behind the one before.
    order: datetime = BEGINNING


# Returns None where that cannot be said now.
Look = Callable[[], Awaitable[Collection[Source] | None]]


@dataclass(eq=False)
class Log:
    """The log of one source, and how far it was read."""

    source: Source
    reading: "asyncio.Task[None] | None" = None
    is_open: bool = False
    error: ClusterError | None = None
    last: datetime = BEGINNING
    said: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is not being read, any more or yet."""
        return self.reading is None or self.reading.done()


@dataclass(eq=False)
class Gathering:
    """Several logs of one cluster; `query` are the API's own parameters."""

    reader: LogReader
    query: dict[str, object]
    # Who else there is now; without it, the gathering ends with the logs that it began with.
    look: Look | None = None
    logs: dict[str, Log] = field(default_factory=dict)
    pending: list[LogEntry] = field(default_factory=list)
    pending_bytes: int = 0
    looking: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.has_news, self.has_room = asyncio.Event(), asyncio.Event()
        self.has_room.set()
        self.is_read = False
        self.ending: asyncio.Task[None] | None = None

    @property
    def is_followed(self) -> bool:
        """Whether more is read as it is written."""
        return self.query.get("follow") == "true"

    @property
    def readings(self) -> list["asyncio.Task[None]"]:
        """The logs that are being read."""
        return [log.reading for log in self.logs.values() if log.reading and not log.is_over]

    async def open(self, sources: Sequence[Source]) -> None:
        """Begin to read.

        Raises:
            ClusterError: the only log, or the cluster as a whole, cannot be read.
        """
        for source in sources:
            self.join(source)
        await self.opened()
        self.check()
        if self.look:
            self.looking = asyncio.create_task(self.keep_looking(self.look))
        asyncio.get_running_loop().call_later(UNREAD_SECONDS, self.end_unread)

    def end_unread(self) -> None:
        """Stop reading what nobody has begun to take."""
        if not self.is_read:
            self.ending = asyncio.create_task(self.aclose())

    def check(self) -> None:
        """Raise what keeps the only log, or all logs of a cluster, from being read."""
        errors = [log.error for log in self.logs.values() if log.error]
        of_all = [error for error in errors if not isinstance(error, ClusterInvalid | NodeAway)]
        if errors and len(errors) == len(self.logs) and (of_all or len(errors) == 1):
            raise (of_all or errors)[0]

    async def opened(self) -> None:
        """Wait until each log is open, or was refused; not long for one while others are."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + OPENING_SECONDS
        while any(not (log.is_open or log.error) for log in self.logs.values()):
            self.has_news.clear()
            seconds = ends_at - loop.time()
            try:
                await asyncio.wait_for(self.has_news.wait(), max(seconds, 0))
            except TimeoutError:
                return
            if any(log.is_open for log in self.logs.values()):
                ends_at = min(ends_at, loop.time() + FIRST_SETTLE_SECONDS)

    def join(self, source: Source) -> None:
        """Read a log, from where it was left if it was read before."""
        log = self.logs.setdefault(source.pod, Log(source))
        log.source = source
        log.reading = asyncio.create_task(self.read(log))

    async def read(self, log: Log) -> None:
        """Read a log to its end, or until it cannot be read."""
        source, query = log.source, dict(self.query)
        known = log.last
        if known > BEGINNING:
            query.pop("tailLines", None)
            query.pop("sinceSeconds", None)
            query["sinceTime"] = f"{known:%Y-%m-%dT%H:%M:%SZ}"
        chunks = self.reader.chunks(
            source.namespace, source.pod, container=source.container, timestamps="true", **query
        )
        rest, is_cut = b"", False
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    log.is_open, log.error = True, None
                    self.has_news.set()
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        await self.add(log, line + b"\n", after=known, is_rest=is_cut)
                        is_cut = False
                    if len(rest) > LONGEST_LINE:
                        await self.add(log, rest, after=known, is_rest=is_cut)
                        rest, is_cut = b"", True
                if rest:
                    await self.add(log, rest, after=known, is_rest=is_cut)
        except Exception as error:
            if not isinstance(error, ClusterError):
                record_fault(error, loop="logs", about=source.pod)
                error = ClusterUnavailable(Message("The log could not be read to its end."))
            log.error = error
            self.say(log, error)
        else:
            if self.look:
                self.say(log, Message("The log of %(pod)s has ended.", pod=source.pod))
        finally:
            self.has_news.set()

    async def add(self, log: Log, line: bytes, *, after: datetime, is_rest: bool) -> None:
        """Keep a line until it is taken; wait while there are too many.

        The rest of a line that was cut has no time before it, whatever it looks like.
        """
        entry = LogEntry(log.source, None, line, order=log.last) if is_rest else entry_of(log, line)
        if entry.at is not None:
            if entry.at <= after > BEGINNING:
                return
            log.last = entry.at
        log.said = ""
        await self.has_room.wait()
        self.pending.append(entry)
        self.pending_bytes += len(line)
        # What is read once is put in order when all is there; it is limited by its query.
        if self.is_followed and self.pending_bytes > MOST_PENDING_BYTES:
            self.has_room.clear()
        self.has_news.set()

    def say(self, log: Log, notice: ClusterError | Message) -> None:
        """Say something of a log in its place, once."""
        words = str(notice)
        if words != log.said:
            log.said = words
            now = timezone.now()
            self.pending.append(LogEntry(log.source, now, notice=notice, order=max(now, log.last)))
            self.has_news.set()

    async def keep_looking(self, look: Look) -> None:
        """Read the logs of pods that start, that run again, or whose node is back."""
        unread: set[str] = set()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                found = await look()
            except Exception as error:
                record_fault(error, loop="logs", about="pods")
                continue
            if found is None:
                continue
            sources = {source.pod: source for source in found}
            unread = unread & sources.keys()
            is_read = {pod for pod, log in self.logs.items() if not log.is_over}
            self.logs = {
                pod: self.logs[pod] for pod in self.logs if pod in sources or pod in is_read
            }
            for pod, source in sources.items():
                if pod in is_read:
                    continue
                if len(self.readings) >= MOST_LOGS:
                    # When there is room for it, it will not have started just then.
                    unread.add(pod)
                    continue
                if pod not in self.logs:
                    self.join(source)
                    is_new = pod not in unread
                    unread.discard(pod)
                    sentence = (
                        Message("%(pod)s has started: its log is read too.", pod=pod)
                        if is_new
                        else Message("The log of %(pod)s is read now, too.", pod=pod)
                    )
                    self.say(self.logs[pod], sentence)
                elif source.is_running:
                    self.join(source)

    async def batches(self) -> AsyncGenerator[list[LogEntry], None]:
        """Yield what was written, in the order of time among what came together."""
        self.is_read = True
        seconds = FIRST_SETTLE_SECONDS if len(self.logs) > 1 else 0
        while self.pending or self.readings or self.look:
            self.has_news.clear()
            if not self.pending:
                await self.has_news.wait()
            await asyncio.sleep(seconds)
            seconds = SETTLE_SECONDS if len(self.logs) > 1 else 0
            if self.pending:
                yield self.taken()

    async def whole(self) -> list[LogEntry]:
        """Return all that was written until now, in the order of time.

        Raises:
            ClusterError: the only log, or the cluster as a whole, cannot be read.
        """
        self.is_read = True
        if self.readings:
            _, late = await asyncio.wait(self.readings, timeout=WHOLE_SECONDS)
            for log in self.logs.values():
                if log.reading in late:
                    log.error = ClusterUnavailable(Message("The log did not come in time."))
                    self.say(log, log.error)
        self.check()
        return self.taken()

    def taken(self) -> list[LogEntry]:
        """Take what is there."""
        taken, self.pending, self.pending_bytes = self.pending, [], 0
        self.has_room.set()
        return sorted(taken, key=lambda entry: entry.order)

    async def aclose(self) -> None:
        """Stop reading, and close the connections."""
        tasks = [*self.readings, *([self.looking] if self.looking else [])]
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await self.reader.aclose()


def entry_of(log: Log, line: bytes) -> LogEntry:
    """Part a line from the time that the API server puts before it."""
    moment, separator, text = line.partition(b" ")
    try:
        at = datetime.fromisoformat(moment.decode())
    except (ValueError, UnicodeDecodeError):
        return LogEntry(log.source, None, line, order=log.last)
    if not separator or at.tzinfo is None:
        return LogEntry(log.source, None, line, order=log.last)
    at = at.astimezone(UTC)
    return LogEntry(log.source, at, text, order=at)
