"""Bodies over the wire: whole, bounded, and refused before they are read to the end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from django.conf import settings

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
