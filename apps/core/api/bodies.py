"""Request bodies: whole and bounded before Django sees the request."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from core.api.problem import CONTENT_TYPE, problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[None]]
LENGTH = b"content-length"


class BoundedBodies:
    """Read each request's body up to a limit; answer 413 to a larger one.

    Django would spool a chunked body of any size to disk, and its REST framework takes a body
    that states no Content-Length for none.
    """

    def __init__(self, application: Application, *, limit_bytes: int) -> None:
        self.application = application
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        body = await self.read(scope, receive)
        if body is None:
            await refuse(send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != LENGTH]
        headers.append((LENGTH, str(len(body)).encode()))
        await self.application({**scope, "headers": headers}, replayed(body, receive), send)

    async def read(self, scope: Message, receive: Receive) -> bytes | None:
        """Return the body, or None as soon as it is known to be too large."""
        stated = dict(scope["headers"]).get(LENGTH, b"0")
        if not stated.isdigit() or int(stated) > self.limit_bytes:
            return None
        body, is_complete = bytearray(), False
        while not is_complete and len(body) <= self.limit_bytes:
            message = await receive()
            body += message.get("body", b"")
            is_complete = not message.get("more_body", False)
        return bytes(body) if is_complete and len(body) <= self.limit_bytes else None


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body first and then what comes after it."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> Message:
        return next(messages, None) or await receive()

    return receive_again


async def refuse(send: Send) -> None:
    """Answer 413; the server closes the connection over the rest of the body."""
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    body = orjson.dumps(problem(413, "The body is larger than this API accepts."))
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
