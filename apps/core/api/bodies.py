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
TOO_LARGE = 413, "The body is larger than this API accepts."
AMBIGUOUS = 400, "The headers announce more than one length of the body."
UNKNOWN_CODING = 400, "The body is in a coding that this API does not read."
NOT_AS_ANNOUNCED = 400, "The body is not as long as its Content-Length says."
TOO_SLOW = 408, "The body did not arrive in time."


class ClientGone(Exception):
    """Whoever sent the body left before its end."""


class BodyRefused(Exception):
    """A body that is not what a request may have."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class WholeBodies:
    """Read each request's body up to a limit; what is not whole is no request.

    Django would take a body that was cut off for the body, spool a chunked one of any size to
    disk, and its REST framework takes a body that states no Content-Length for none.
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
            # Nobody is there to be answered.
            return
        except TimeoutError:
            await refuse(*TOO_SLOW, send)
            return
        except BodyRefused as refusal:
            await refuse(refusal.status, refusal.detail, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != LENGTH]
        headers.append((LENGTH, str(len(body)).encode()))
        await self.application({**scope, "headers": headers}, replayed(body, receive), send)

    async def read(self, announced: int | None, receive: Receive) -> bytes:
        """Return the body, as long as it was announced; None was sent in chunks.

        Raises:
            ClientGone: it was cut off.
            BodyRefused: as soon as it is known to be too large, or not as announced.
        """
        most = self.limit_bytes if announced is None else announced
        if most > self.limit_bytes:
            raise BodyRefused(*TOO_LARGE)
        body = bytearray()
        async for piece in pieces(receive):
            body += piece
            if len(body) > most:
                raise BodyRefused(*(TOO_LARGE if announced is None else NOT_AS_ANNOUNCED))
        if announced is not None and len(body) < announced:
            raise BodyRefused(*NOT_AS_ANNOUNCED)
        return bytes(body)


def announced_length(headers: Headers) -> int | None:
    """Return how long a body says it is; None for one in chunks.

    Two servers that read two lengths see two different requests, so there is one or none.

    Raises:
        BodyRefused: there are several, or what is stated is no length.
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
        raise BodyRefused(*TOO_LARGE)
    return int(text)


async def pieces(receive: Receive) -> AsyncIterator[bytes]:
    """Yield a body piece by piece.

    Raises:
        ClientGone: there will be no more of it.
    """
    is_complete = False
    while not is_complete:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        is_complete = not message.get("more_body", False)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body first and then what comes after it."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> AsgiMessage:
        return next(messages, None) or await receive()

    return receive_again


async def refuse(status: int, detail: str, send: Send) -> None:
    """Say why; the server closes the connection over the rest of the body."""
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    body = orjson.dumps(problem(status, detail))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
