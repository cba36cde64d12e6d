"""One reader of the change stream per event loop, and the clients it fans out to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from redis import RedisError
from redis.asyncio import BlockingConnectionPool, Redis

from core.holding import OneEachLoop
from core.supervision import keep_awaiting
from live.changes import RESYNC, Event, newest_id, read_after
from projects.rights import Rights

# A client that is further behind than this is told to fetch everything.
LOG_LENGTH = 1_000
# What is said in one piece, so that a client that reads slowly holds little.
SENT_AT_ONCE = 100
# How many clients are woken at once, and how long requests then have the interpreter alone: a
# change takes a second to reach two thousand, and a twelfth of the process's time.
WOKEN_AT_ONCE, PAUSE_SECONDS = 100, 0.04
HEARTBEAT_SECONDS = 15.0
BLOCK_MILLISECONDS, RETRY_SECONDS = 5_000, 1.0
# Who missed something asks Redis, and thousands may come back at once.
MOST_CONNECTIONS = 4
CONNECTION_SECONDS = 10.0
HEARTBEAT = Event("", None, b": heartbeat\n\n")
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Client:
    """One who listens: what they may hear of, and how much of the log they have heard."""

    rights: Rights
    position: int = 0
    is_over: bool = False
    waiting: "asyncio.Future[None] | None" = None

    def heed(self, rights: Rights | None) -> None:
        """Hear from now on what the present rights allow; without any it is over."""
        if rights is None:
            self.is_over = True
            self.wake()
        else:
            self.rights = rights

    def wake(self) -> None:
        """Let it look at the log."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)


class Hub:
    """What was told last, the clients that listen, and the reader that serves them."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.log: list[Event] = []
        # How many events there ever were; the log is the end of them.
        self.count = 0
        self.tasks: list[asyncio.Task[None]] = []
        # Set while nothing that is announced from now on can be missed.
        self.is_reading = asyncio.Event()
        pool = BlockingConnectionPool.from_url(
            settings.REDIS_URL,
            max_connections=MOST_CONNECTIONS,
            timeout=CONNECTION_SECONDS,
            socket_timeout=CONNECTION_SECONDS,
        )
        self.redis = Redis(connection_pool=pool)

    def join(self, client: Client) -> None:
        """Add a client, which hears what comes from now on; the first one starts the reader."""
        client.position = self.count
        self.clients.add(client)
        if not self.tasks or any(task.done() for task in self.tasks):
            self.stop()
            self.tasks = [
                asyncio.create_task(keep_awaiting(work, loop="hub"))
                for work in (self.read, self.beat)
            ]

    def leave(self, client: Client) -> None:
        """Remove a client; the last one ends the reader."""
        self.clients.discard(client)
        if not self.clients:
            self.stop()

    def stop(self) -> None:
        """End the reader."""
        for task in self.tasks:
            task.cancel()
        self.tasks = []
        self.is_reading.clear()

    async def next_for(self, client: Client) -> list[Event]:
        """Wait for what a client has not heard and may hear; nothing when it is over."""
        while not client.is_over:
            if heard := self.unheard(client):
                return heard
            if client.position == self.count:
                client.waiting = asyncio.get_running_loop().create_future()
                await client.waiting
        return []

    def unheard(self, client: Client) -> list[Event]:
        """Take the next piece of the log for a client that is behind it."""
        behind = self.count - client.position
        if behind > len(self.log):
            client.position = self.count
            return [RESYNC]
        start = len(self.log) - behind
        piece = self.log[start : start + SENT_AT_ONCE]
        client.position += len(piece)
        return [event for event in piece if client.rights.reach(event.project)]

    async def publish(self, events: Sequence[Event]) -> None:
        """Append to the log, and wake the clients that may hear of it, some at a time."""
        self.log += events
        self.count += len(events)
        if len(self.log) > 2 * LOG_LENGTH:
            del self.log[:-LOG_LENGTH]
        projects = {event.project for event in events}
        woken = 0
        for client in list(self.clients):
            if client.waiting is not None and any(map(client.rights.reach, projects)):
                client.wake()
                woken += 1
                if woken % WOKEN_AT_ONCE == 0:
                    await asyncio.sleep(PAUSE_SECONDS)

    async def beat(self) -> None:
        """Say from time to time that the stream lives."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.publish([HEARTBEAT])

    async def read(self) -> None:
        """Follow the stream; while Redis is away, clients live on heartbeats and polling."""
        # Who has read before may have missed something since.
        last, is_interrupted = "", self.is_reading.is_set()
        while True:
            try:
                last = last or await newest_id(self.redis)
                self.is_reading.set()
                events = await read_after(self.redis, last, block=BLOCK_MILLISECONDS)
            except RedisError as error:
                log.warning("change stream interrupted", error=str(error))
                is_interrupted = True
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if events:
                last = events[-1].id
            if is_interrupted:
                # Changes may have been lost meanwhile.
                events = [RESYNC, *events]
                is_interrupted = False
            if events:
                await self.publish(events)


hub_of_this_loop = OneEachLoop(Hub)
