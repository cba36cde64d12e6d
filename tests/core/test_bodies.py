"""Bodies over the wire: whole, bounded, and refused before they are read to the end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from core.api.bodies import WholeBodies
from slipway.asgi import application
from tests.factories import make_user, signed_in

CHUNK = b" " * 65_536
PROJECTS = "/api/v1/projects"
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class Endless:
    """A body that never ends, and counts what was taken of it."""

    def __init__(self) -> None:
        self.taken_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken_bytes += len(CHUNK)
            yield CHUNK


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    """Send a body in pieces, without stating its length."""
    for start in range(0, len(body), 5):
        yield body[start : start + 5]


def post(content: Any, **headers: str) -> httpx.Response:
    """Send a body to the application as a server would."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.post(
                PROJECTS, content=content, headers={"Content-Type": "application/json", **headers}
            )

    return asyncio.run(send())


LENGTH, CHUNKED = b"content-length", (b"transfer-encoding", b"chunked")
GONE = {"type": "http.disconnect"}


def piece(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def carried_out(headers: list[Any], *messages: dict[str, Any]) -> tuple[list[bytes], list[int]]:
    """Return the bodies that reached the application, and the statuses that were answered."""
    bodies, statuses = [], []
    waiting = iter(messages)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])
        assert dict(scope["headers"])[LENGTH] == str(len(bodies[-1])).encode()

    async def receive() -> Any:
        message = next(waiting, None)
        return message or await asyncio.sleep(60)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    bounded = WholeBodies(application, limit_bytes=10, slowest_seconds=0.2)
    asyncio.run(bounded({"type": "http", "headers": headers}, receive, send))
    return bodies, statuses


WHOLE = {
    "none": ([], [piece(b"")]),
    "as long as announced": ([(LENGTH, b"4")], [piece(b"ab", more=True), piece(b"cd")]),
    "none announced, none sent": ([(LENGTH, b"0")], [piece(b"")]),
    "in chunks": ([CHUNKED], [piece(b"ab", more=True), piece(b"cd", more=True), piece(b"")]),
    "as long as is accepted": ([CHUNKED], [piece(b"x" * 10)]),
}
NOT_WHOLE = {
    "gone at once": ([(LENGTH, b"4")], [GONE], []),
    "gone in the middle": ([(LENGTH, b"4")], [piece(b"ab", more=True), GONE], []),
    "gone after what was announced, before the end": (
        [(LENGTH, b"4")],
        [piece(b"abcd", more=True), GONE],
        [],
    ),
    "gone before the last chunk": ([CHUNKED], [piece(b"ab", more=True), GONE], []),
    "gone without a body": ([], [GONE], []),
    "shorter": ([(LENGTH, b"4")], [piece(b"ab")], [400]),
    "longer": ([(LENGTH, b"4")], [piece(b"abcde")], [400]),
    "a body where none was announced": ([], [piece(b"abcd")], [400]),
    "a length and chunks": ([(LENGTH, b"4"), CHUNKED], [piece(b"abcd")], [400]),
    "two lengths": ([(LENGTH, b"4"), (LENGTH, b"2")], [piece(b"abcd")], [400]),
    "the same length twice": ([(LENGTH, b"4"), (LENGTH, b"4")], [piece(b"abcd")], [400]),
    "chunks twice": ([CHUNKED, CHUNKED], [piece(b"abcd")], [400]),
    "another coding": ([(b"transfer-encoding", b"gzip, chunked")], [piece(b"abcd")], [400]),
    "a negative length": ([(LENGTH, b"-4")], [piece(b"abcd")], [400]),
    "a list of lengths": ([(LENGTH, b"4, 4")], [piece(b"abcd")], [400]),
    "digits that are none": ([(LENGTH, "\u00b2".encode("latin-1"))], [piece(b"ab")], [400]),
    "too large": ([(LENGTH, b"11")], [], [413]),
    "a length of 5,000 digits": ([(LENGTH, b"1" * 5000)], [], [413]),
    "too large in chunks": ([CHUNKED], [piece(b"x" * 11, more=True)], [413]),
    "never complete": ([(LENGTH, b"4")], [piece(b"ab", more=True)], [408]),
}


@pytest.mark.parametrize(("headers", "messages"), WHOLE.values(), ids=WHOLE)
def test_a_whole_body_reaches_the_application(headers: Any, messages: Any) -> None:
    sent = b"".join(message["body"] for message in messages)
    assert carried_out(headers, *messages) == ([sent], [])


@pytest.mark.parametrize(("headers", "messages", "answer"), NOT_WHOLE.values(), ids=NOT_WHOLE)
def test_any_other_body_does_not(headers: Any, messages: Any, answer: list[int]) -> None:
    assert carried_out(headers, *messages) == ([], answer)


def test_an_endless_body_is_refused_at_the_limit_before_anybody_looks_who_sends_it() -> None:
    body = Endless()
    response = post(body)
    assert response.status_code == 413
    assert response.json()["reason"] == "PayloadTooLarge"
    assert body.taken_bytes <= LIMIT + 2 * len(CHUNK)


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    body = Endless()
    response = post(body, **{"Content-Length": str(LIMIT + 1)})
    assert response.status_code == 413
    assert body.taken_bytes <= len(CHUNK)


@pytest.mark.django_db(transaction=True)
def test_a_body_in_chunks_counts_as_one_in_a_piece() -> None:
    client = signed_in(make_user(is_platform_admin=True))
    authorization = client._credentials["HTTP_AUTHORIZATION"]
    response = post(in_chunks(b'{"name": "search"}'), Authorization=authorization)
    assert response.status_code == 201
    assert response.json()["name"] == "search"
