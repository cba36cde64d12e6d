"""One reader of the change stream per event loop, and the clients it fans out to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import Error
from django.utils import timezone
from redis import RedisError
from redis.asyncio import BlockingConnectionPool, Redis

from clusters.models import Cluster
from core.holding import OneEachLoop, aside
from core.supervision import keep_awaiting
from live.changes import RESYNC, Event, event_about, newest_id, read_after
from projects.rights import Rights

# A client that is further behind than this has to fetch everything.
LOG_LENGTH = 1_000
# How many events are sent in one piece, so that a client that reads slowly holds little.
SENT_AT_ONCE = 100
# How many clients are woken at once, and how long requests then have the interpreter to themselves:
# a change takes a second to reach two thousand, and a twelfth of the process's time.
WOKEN_AT_ONCE, PAUSE_SECONDS = 100, 0.04
# Pages take a stream for dead that was silent for longer than two heartbeats.
HEARTBEAT_SECONDS = 15.0
BLOCK_MILLISECONDS, RETRY_SECONDS = 5_000, 1.0
# Clients that missed something ask Redis, and thousands may come back at once.
MOST_CONNECTIONS = 4
CONNECTION_SECONDS = 10.0
# Not a comment, which browsers keep from pages.
HEARTBEAT = Event("", None, b"event: heartbeat\ndata: {}\n\n")
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Client:
    """A listener: what it may see, and how much of the log it has been sent."""

    rights: Rights
    position: int = 0
    is_over: bool = False
    waiting: "asyncio.Future[None] | None" = None

    def heed(self, rights: Rights | None) -> None:
        """Hear from now on what these rights allow; without any, the client is over."""
        if rights is None:
            self.is_over = True
            self.wake()
        else:
            self.rights = rights

    def wake(self) -> None:
        """Have it look at the log."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)


class Hub:
    """The latest events, the clients that listen, and the reader that serves them."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.log: list[Event] = []
        # How many events there have been in all; the log holds the last of them.
        self.count = 0
        self.tasks: list[asyncio.Task[None]] = []
        # Clusters whose mirror was stale at the last look; None before the first.
        self.silent: frozenset[int] | None = None
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
                for work in (self.read, self.beat, self.watch)
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
        """Wait for what a client may see and has not been sent yet; nothing when it is over."""
        while not client.is_over:
            if events := self.pending_for(client):
                return events
            if client.position == self.count:
                client.waiting = asyncio.get_running_loop().create_future()
                await client.waiting
        return []

    def pending_for(self, client: Client) -> list[Event]:
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
        """Say from time to time that the stream is alive."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.publish([HEARTBEAT])

    async def watch(self) -> None:
        """Say which clusters fell silent or are heard again: of silence nobody sends a message.

        Each process looks for itself: whoever could announce it may be what fell silent.
        """
        while True:
            try:
                silent = await aside(silent_clusters)
            except Error as error:
                # The watch of rights ends the streams when the database stays away.
                log.warning("silent clusters not looked for", error=str(error))
            else:
                known = silent if self.silent is None else self.silent
                self.silent = silent
                if changed := known ^ silent:
                    await self.publish([event_about("cluster", pk) for pk in sorted(changed)])
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def read(self) -> None:
        """Follow the stream; while Redis is away, clients live on heartbeats and polling."""
        # A reader that had to start again may have missed something in between.
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


def silent_clusters() -> frozenset[int]:
    """Return the clusters whose mirror is stale."""
    return frozenset(Cluster.objects.silent(now=timezone.now()).values_list("pk", flat=True))


hub_of_this_loop = OneEachLoop(Hub)
