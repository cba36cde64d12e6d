"""Server-Sent Events: says what changed, so that pages fetch it again.

One reader per process follows the Redis stream and fans out; every client has a short queue.
"""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from redis import RedisError
from redis.asyncio import Redis
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import SessionAuthentication, TokenAuthentication
from accounts.models import User
from core.api.problem import plain_problem
from core.stream import STREAM
from projects.models import Project

HEARTBEAT_SECONDS = 15
# A client that is further behind than this is told to fetch everything.
QUEUE_LENGTH = 1_000
READ_BLOCK_MILLISECONDS, RETRY_SECONDS = 5_000, 1.0
RESYNC = b"event: resync\ndata: {}\n\n"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One change, encoded once for all clients."""

    id: str
    project: str | None
    frame: bytes


@dataclass(eq=False, slots=True)
class Client:
    """One open stream: its queue, and what it may hear of."""

    projects: set[str] | None
    queue: "asyncio.Queue[Message | None]" = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH)
    )

    def may_hear(self, message: Message) -> bool:
        """Tell whether the change is of an object that the client may see."""
        return self.projects is None or message.project is None or message.project in self.projects

    def offer(self, message: Message) -> None:
        """Queue a change; a full queue is replaced by the word to fetch everything."""
        if not self.may_hear(message):
            return
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)
            return
        self.queue.put_nowait(message)


class Hub:
    """The clients of one event loop, and the one reader that serves them."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.reader: asyncio.Task[None] | None = None

    def join(self, client: Client) -> None:
        """Add a client; the first one starts the reader."""
        self.clients.add(client)
        if self.reader is None or self.reader.done():
            self.reader = asyncio.create_task(self.read())

    def leave(self, client: Client) -> None:
        """Remove a client; the last one ends the reader."""
        self.clients.discard(client)
        if not self.clients and self.reader is not None:
            self.reader.cancel()
            self.reader = None

    async def read(self) -> None:
        """Follow the stream; while Redis is away, clients live on heartbeats and polling."""
        redis = Redis.from_url(settings.REDIS_URL, socket_timeout=None)
        last = "$"
        while True:
            try:
                for message in await read_after(redis, last, block=READ_BLOCK_MILLISECONDS):
                    last = message.id
                    for client in tuple(self.clients):
                        client.offer(message)
            except RedisError as error:
                log.warning("change stream interrupted", error=str(error))
                last = "$"
                for client in tuple(self.clients):
                    with suppress(asyncio.QueueFull):
                        client.queue.put_nowait(None)
                await asyncio.sleep(RETRY_SECONDS)


hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Open a stream for the caller; `Last-Event-ID` resumes one."""
    if request.method != "GET":
        return plain_problem(405, "Open the stream with GET.")
    user = await sync_to_async(caller)(request)
    if user is None:
        response: HttpResponse = plain_problem(401, "The stream needs a session or a token.")
        response["WWW-Authenticate"] = 'Bearer realm="slipway"'
        return response
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    last = request.headers.get("Last-Event-ID", "")
    return StreamingHttpResponse(
        frames(request, user, last), content_type="text/event-stream", headers=headers
    )


def caller(request: HttpRequest) -> User | None:
    """Return who asks, by the same rules as everywhere else."""
    wrapped = Request(request, authenticators=[TokenAuthentication(), SessionAuthentication()])
    try:
        user: Any = wrapped.user
    except APIException:
        return None
    return user if isinstance(user, User) and user.is_active else None


def visible_projects(user: User) -> set[str] | None:
    """Return the names of the projects a user may hear of; None is all of them."""
    if user.is_superuser:
        return None
    return set(Project.objects.visible_to(user).values_list("name", flat=True))


async def frames(request: HttpRequest, user: User, last: str) -> AsyncIterator[bytes]:
    """Yield what a client missed, then changes as they come, with heartbeats between.

    Rights are looked at again with every heartbeat; a stream does not outlive them.
    """
    hub = hubs.setdefault(asyncio.get_running_loop(), Hub())
    client = Client(await sync_to_async(visible_projects)(user))
    hub.join(client)
    try:
        yield b"retry: 2000\n: connected\n\n"
        async for frame in missed(client, last):
            yield frame
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        while True:
            with suppress(TimeoutError):
                message = await asyncio.wait_for(client.queue.get(), HEARTBEAT_SECONDS)
                yield message.frame if message is not None else RESYNC
            if loop.time() - checked_at >= HEARTBEAT_SECONDS - 1:
                if await sync_to_async(caller)(request) is None:
                    return
                client.projects = await sync_to_async(visible_projects)(user)
                checked_at = loop.time()
                yield b": heartbeat\n\n"
    finally:
        hub.leave(client)


async def missed(client: Client, last: str) -> AsyncIterator[bytes]:
    """Yield the changes since an event id, or the word to fetch everything if it is too old."""
    if not last:
        return
    try:
        async with Redis.from_url(settings.REDIS_URL, socket_timeout=5) as redis:
            oldest: Any = await redis.xrange(STREAM, count=1)
            is_known = bool(oldest) and order(oldest[0][0].decode()) <= order(last)
            messages = await read_after(redis, last, block=None) if is_known else []
    except (RedisError, ValueError):
        is_known, messages = False, []
    if not is_known:
        yield RESYNC
    for message in messages:
        if client.may_hear(message):
            yield message.frame


async def read_after(redis: "Redis", last: str, *, block: int | None) -> list[Message]:
    """Read what came after an id."""
    answer: Any = await redis.xread({STREAM: last}, count=500, block=block)
    streams = answer.items() if isinstance(answer, dict) else answer
    entries = [entry for _, batches in streams or [] for entry in flattened(batches)]
    return [message_of(entry) for entry in entries]


def flattened(batches: Any) -> Any:
    """Return the entries of one stream; RESP3 wraps them in one more list than RESP2."""
    if batches and isinstance(batches[0], list):
        return [entry for batch in batches for entry in batch]
    return batches


def message_of(entry: Any) -> Message:
    """Encode one entry of the stream as an event."""
    identifier, fields = entry[0].decode(), entry[1]
    body = fields[b"message"]
    frame = b"id: " + identifier.encode() + b"\ndata: " + body + b"\n\n"
    return Message(identifier, orjson.loads(body).get("project"), frame)


def order(identifier: str) -> tuple[int, int]:
    """Return a stream id as something that can be compared."""
    time, _, sequence = identifier.partition("-")
    return int(time), int(sequence or 0)
