"""One reader of the change stream per process, and the clients it fans out to."""

import asyncio
import weakref
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis

from core.supervision import keep_awaiting
from notify.changes import RESYNC, Message, newest_id, read_after

# A client that is further behind than this is told to fetch everything.
QUEUE_LENGTH = 1_000
BLOCK_MILLISECONDS, RETRY_SECONDS = 5_000, 1.0
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Client:
    """One open stream: whose it is, what it may hear of, and what it has not sent yet."""

    user_id: int
    projects: set[str] | None
    queue: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def may_hear(self, message: Message) -> bool:
        """Tell whether the change is of an object that the client may see."""
        return self.projects is None or message.project is None or message.project in self.projects

    def offer(self, message: Message) -> None:
        """Queue a change that the client may hear of."""
        if self.may_hear(message):
            self.put(message.frame)

    def put(self, frame: bytes) -> None:
        """Queue a frame; a full queue is replaced by the word to fetch everything."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            frame = RESYNC
        self.queue.put_nowait(frame)


class Hub:
    """The clients of one event loop, and the reader that serves them."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.reader: asyncio.Task[None] | None = None
        # Set while nothing that is announced from now on can be missed.
        self.is_reading = asyncio.Event()

    def streams_of(self, user_id: int) -> int:
        """Return how many streams a user has open here."""
        return sum(client.user_id == user_id for client in self.clients)

    def join(self, client: Client) -> None:
        """Add a client; the first one starts the reader."""
        self.clients.add(client)
        if self.reader is None or self.reader.done():
            self.reader = asyncio.create_task(keep_awaiting(self.read, loop="hub"))

    def leave(self, client: Client) -> None:
        """Remove a client; the last one ends the reader."""
        self.clients.discard(client)
        if not self.clients and self.reader is not None:
            self.reader.cancel()
            self.reader = None
            self.is_reading.clear()

    async def read(self) -> None:
        """Follow the stream; while Redis is away, clients live on heartbeats and polling."""
        # Who has read before may have missed something since.
        last, is_interrupted = "", self.is_reading.is_set()
        async with Redis.from_url(settings.REDIS_URL, socket_timeout=None) as redis:
            while True:
                try:
                    last = last or await newest_id(redis)
                    self.is_reading.set()
                    messages = await read_after(redis, last, block=BLOCK_MILLISECONDS)
                except RedisError as error:
                    log.warning("change stream interrupted", error=str(error))
                    is_interrupted = True
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if is_interrupted:
                    self.resync()
                    is_interrupted = False
                for message in messages:
                    last = message.id
                    self.offer(message)

    def offer(self, message: Message) -> None:
        """Hand a change to every client."""
        for client in self.clients:
            client.offer(message)

    def resync(self) -> None:
        """Tell every client to fetch everything: changes may have been lost."""
        for client in self.clients:
            client.put(RESYNC)


hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


def hub_of_this_loop() -> Hub:
    """Return the hub of the running event loop."""
    return hubs.setdefault(asyncio.get_running_loop(), Hub())
