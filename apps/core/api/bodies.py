"""Request bodies: whole, as announced, and bounded before Django sees the request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import orjson

from core.api.problem import CONTENT_TYPE, problem

AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
Application = Callable[..., Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]
LENGTH, CODING = b"content-length", b"transfer-encoding"
# For the whole of a body, however slowly it trickles in.
SLOWEST_SECONDS = 60.0
BODY_TOO_LARGE = 413, "The body is larger than this API accepts."
AMBIGUOUS = 400, "The headers announce more than one length of the body."
UNKNOWN_CODING = 400, "The body is in a coding that this API does not read."
NOT_AS_ANNOUNCED = 400, "The body is not as long as its Content-Length says."
TOO_SLOW = 408, "The body did not arrive in time."


class ClientGone(Exception):
    """The client left before the end of the body."""


class BodyRefused(Exception):
    """A body that no request may have."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class WholeBodies:
    """Reads each request's whole body, up to a limit, before the application sees the request.

    Django would take a truncated body for the whole one, and spool a chunked one of any size to
    disk; its REST framework takes a body without Content-Length for none at all.
    """

    def __init__(
        self,
        application: Application,
        *,
        limit_bytes: int,
        slowest_seconds: float = SLOWEST_SECONDS,
    ) -> None:
        self.application = application
        self.limit_bytes = limit_bytes
        self.slowest_seconds = slowest_seconds

    async def __call__(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.slowest_seconds):
                body = await self.read(announced_length(scope["headers"]), receive)
        except ClientGone:
            # There is nobody left to answer.
            return
        except TimeoutError:
            await refuse(*TOO_SLOW, send)
            return
        except BodyRefused as refusal:
            await refuse(refusal.status, refusal.detail, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != LENGTH]
        headers.append((LENGTH, str(len(body)).encode()))
        await self.application({**scope, "headers": headers}, with_body(body, receive), send)

    async def read(self, announced: int | None, receive: Receive) -> bytes:
        """Return the body, of the `announced` length; None means that it comes in chunks.

        Raises:
            ClientGone: it was cut off.
            BodyRefused: as soon as it is known to be too large, or not as announced.
        """
        most = self.limit_bytes if announced is None else announced
        if most > self.limit_bytes:
            raise BodyRefused(*BODY_TOO_LARGE)
        body = bytearray()
        async for piece in pieces(receive):
            body += piece
            if len(body) > most:
                raise BodyRefused(*(BODY_TOO_LARGE if announced is None else NOT_AS_ANNOUNCED))
        if announced is not None and len(body) < announced:
            raise BodyRefused(*NOT_AS_ANNOUNCED)
        return bytes(body)


def announced_length(headers: Headers) -> int | None:
    """Return the announced length of a body; None for one in chunks.

    Two servers that read different lengths see different requests, so at most one is accepted.

    Raises:
        BodyRefused: there are several, or the one stated is not acceptable.
    """
    lengths = [value for name, value in headers if name == LENGTH]
    codings = [value for name, value in headers if name == CODING]
    if len(lengths) + len(codings) > 1:
        raise BodyRefused(*AMBIGUOUS)
    if codings and codings[0].strip().lower() != b"chunked":
        raise BodyRefused(*UNKNOWN_CODING)
    if codings:
        return None
    text = lengths[0] if lengths else b"0"
    if not text.isdigit():
        raise BodyRefused(*NOT_AS_ANNOUNCED)
    if len(text) > len(str(2**63)):
        raise BodyRefused(*BODY_TOO_LARGE)
    return int(text)


async def pieces(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a body piece by piece.

    Raises:
        ClientGone: the rest of it will not come.
    """
    is_complete = False
    while not is_complete:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        is_complete = not message.get("more_body", False)


def with_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body first, and then whatever follows it."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> AsgiMessage:
        return next(messages, None) or await receive()

    return receive_again


async def refuse(status: int, detail: str, send: Send) -> None:
    """Say why; the server closes the connection instead of reading the rest of the body."""
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    body = orjson.dumps(problem(status, detail))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
