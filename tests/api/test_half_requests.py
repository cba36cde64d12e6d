"""Half a request is no request: over a real socket, on every route that changes something."""

import json
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db.models import Model

from accounts.models import IdempotentRequest
from audit.models import AuditEvent
from slipway import protocol
from tests.api.matrix import OPERATIONS, WRITES
from tests.api.test_architecture import ROOT
from tests.api.world import PLATFORM_ADMIN, World, make_world
from tests.web import Web, serving

LOGIN = "/_allauth/browser/v1/auth/login"
WITH_BODY = tuple(o for o in WRITES if o.body is not None)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
SILENCE_SECONDS = 1.0
MOST_SENT_BYTES = 30_000_000
CREATE = next(o for o in OPERATIONS if o.name == "POST /projects")


@pytest.fixture
def web(transactional_db: None) -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def leave(connection: socket.socket) -> None:
    """Close a connection as a process does that ends."""


def reset(connection: socket.socket) -> None:
    """Close a connection as a machine does that crashes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stop_talking(connection: socket.socket) -> None:
    """Say that nothing will follow, and wait for an answer."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65_536):
        pass


ENDINGS: tuple[Callable[[socket.socket], None], ...] = (leave, reset, stop_talking)


def head(world: World, path: str, method: str, *headers: str) -> bytes:
    """Write the head of a request of the platform admin, with a key that would be kept."""
    credentials = world.clients[PLATFORM_ADMIN]._credentials["HTTP_AUTHORIZATION"]
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: testserver",
        f"Authorization: {credentials}",
        "Content-Type: application/json",
        "Idempotency-Key: once",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def say(web: Web, sent: bytes, end: Callable[[socket.socket], None]) -> None:
    """Send some bytes and end the connection in one way."""
    with web.connect() as connection:
        connection.sendall(sent)
        end(connection)


def answers(web: Web, sent: bytes) -> list[int]:
    """Send some bytes, and return the status of every answer until the server is silent."""
    heard = b""
    with web.connect() as connection, suppress(TimeoutError):
        connection.sendall(sent)
        connection.settimeout(SILENCE_SECONDS)
        while piece := connection.recv(65_536):
            heard += piece
    return [int(status) for status in STATUS.findall(heard)]


def done() -> list[str]:
    """Return what was recorded of any request."""
    rows: list[type[Model]] = [AuditEvent, IdempotentRequest]
    return [str(row) for model in rows for row in model._default_manager.all()]


def path_of(world: World, operation: Any) -> str:
    other = {k: v(world) if callable(v) else v for k, v in operation.other.items()}
    return world.path(operation.template, **other)


def halves(body: bytes) -> dict[str, tuple[tuple[str, ...], bytes]]:
    """Return headers, and what follows them, of bodies that were cut off."""
    length, chunked = f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"
    chunk = b"%x\r\n%b\r\n" % (len(body), body)
    return {
        "nothing of the body": ((length,), b""),
        "half of the body": ((length,), body[:-1]),
        "no first chunk": ((chunked,), b""),
        "half a chunk": ((chunked,), chunk[:-3]),
        "no last chunk": ((chunked,), chunk),
        "half of the last chunk": ((chunked,), chunk + b"0\r\n"),
    }


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_a_request_that_is_cut_off_does_nothing_on_any_route(
    world: World, web: Web, end: Callable[[socket.socket], None]
) -> None:
    # An empty body would do for these, so a cut-off one must not count as it.
    for operation in WITH_BODY:
        body = json.dumps(operation.body).encode()
        for headers, rest in halves(body).values():
            path = path_of(world, operation)
            say(web, head(world, path, operation.method, *headers) + rest, end)
    web.settle()
    assert done() == []


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_a_sign_in_that_is_cut_off_is_no_sign_in(
    world: World, web: Web, end: Callable[[socket.socket], None]
) -> None:
    for headers, rest in halves(b'{"username": "ada", "password": "wrong"}').values():
        say(web, head(world, LOGIN, "POST", *headers) + rest, end)
    web.settle()
    assert done() == []


def test_the_whole_of_the_same_request_is_carried_out(world: World, web: Web) -> None:
    body = json.dumps(CREATE.body).encode()
    sent = head(world, "/api/v1/projects", "POST", f"Content-Length: {len(body)}") + body
    assert answers(web, sent) == [201]
    assert len(done()) == 2


CREATED = b'{"name": "search"}'
TWO_LENGTHS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "a length and chunks": (
        ("Content-Length: 18", "Transfer-Encoding: chunked"),
        b"12\r\n" + CREATED + b"\r\n0\r\n\r\n",
    ),
    "chunks and a length": (
        ("Transfer-Encoding: chunked", "Content-Length: 18"),
        b"12\r\n" + CREATED + b"\r\n0\r\n\r\n",
    ),
    "the same length twice": (("Content-Length: 18", "Content-Length: 18"), CREATED),
    "two lengths": (("Content-Length: 18", "Content-Length: 2"), CREATED),
    "two lengths in one line": (("Content-Length: 18, 18",), CREATED),
    "a negative length": (("Content-Length: -1",), CREATED),
    "a signed length": (("Content-Length: +18",), CREATED),
    "a length that is no number": (("Content-Length: 0x12",), CREATED),
    "a length of 5,000 digits": ((f"Content-Length: {'1' * 5000}",), CREATED),
    "a coding that we do not know": (("Transfer-Encoding: gzip",), CREATED),
    "chunked twice": (
        ("Transfer-Encoding: chunked, chunked",),
        b"12\r\n" + CREATED + b"\r\n0\r\n\r\n",
    ),
    "a chunk of no length": (("Transfer-Encoding: chunked",), b"zz\r\n" + CREATED),
    "more than announced": (("Content-Length: 18",), CREATED + b"}"),
    "more than announced, of the last request": (
        ("Content-Length: 18", "Connection: close"),
        CREATED + b"}",
    ),
    "less than announced": (("Content-Length: 19",), CREATED),
}


@pytest.mark.parametrize(("headers", "rest"), TWO_LENGTHS.values(), ids=TWO_LENGTHS)
def test_a_body_of_another_length_than_announced_is_refused(
    world: World, web: Web, headers: tuple[str, ...], rest: bytes
) -> None:
    statuses = answers(web, head(world, "/api/v1/projects", "POST", *headers) + rest)
    web.settle()
    assert set(statuses) <= {400, 413}
    assert done() == []


def test_a_second_request_in_the_same_breath_is_a_second_request(world: World, web: Web) -> None:
    one = head(world, "/api/v1/projects", "POST", "Content-Length: 18") + CREATED
    assert answers(web, one + one) == [201, 201]
    assert len(done()) == 2


def endless(kind: str) -> Iterator[bytes]:
    """Yield a part of a request that never ends."""
    start = b"POST /api/v1/projects HTTP/1.1\r\nHost: testserver\r\n"
    chunked = start + b"Transfer-Encoding: chunked\r\n\r\n"
    more = b"x" * 65_536
    if kind == "one header":
        yield start + b"X-Odd: "
    elif kind == "many headers":
        yield start
        more = b"X-Odd: 1\r\n" * 6_000
    elif kind == "the path":
        yield b"GET /"
    elif kind == "trailers":
        yield chunked + b"2\r\n{}\r\n0\r\n"
        more = b"X-Odd: 1\r\n" * 6_000
    elif kind == "extensions of chunks":
        yield chunked + b"2;"
    else:
        yield chunked
        more = b"1\r\n \r\n" * 10_000
    while True:
        yield more


@pytest.mark.parametrize(
    "kind",
    ["one header", "many headers", "the path", "trailers", "extensions of chunks", "small chunks"],
)
def test_what_is_not_the_body_is_bounded(web: Web, kind: str) -> None:
    taken = 0
    with web.connect() as connection, suppress(ConnectionError):
        for piece in endless(kind):
            connection.sendall(piece)
            taken += len(piece)
            # What was sent may still lie in the buffers of both sockets.
            assert taken < MOST_SENT_BYTES
    web.settle()


@pytest.mark.parametrize(
    "begun", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: t\r\n"]
)
@pytest.mark.parametrize("asked_before", [False, True])
def test_who_does_not_say_in_time_what_is_wanted_is_hung_up_on(
    web: Web, begun: bytes, asked_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SLOWEST_HEAD_SECONDS", 1.5)
    with web.connect() as connection:
        if asked_before:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: testserver\r\n\r\n")
            assert connection.recv(65_536)
        connection.sendall(begun)
        connection.settimeout(8)
        assert connection.recv(65_536) == b""
    web.settle()


def test_large_headers_are_refused_by_name(web: Web) -> None:
    sent = b"GET /healthz HTTP/1.1\r\nHost: testserver\r\nX-Odd: " + b"x" * 70_000 + b"\r\n\r\n"
    assert answers(web, sent) == [431]
    small = b"GET /healthz HTTP/1.1\r\nHost: testserver\r\nX-Odd: " + b"x" * 8_000 + b"\r\n\r\n"
    assert answers(web, small) == [200]


@pytest.mark.parametrize("start", ["deploy/Dockerfile", "platform/embedded/demo.py"])
def test_every_web_process_reads_http_as_these_tests_do(start: str) -> None:
    assert '"-m", "slipway.web"' in (ROOT / start).read_text()
    web = (ROOT / "platform/slipway/web.py").read_text()
    assert 'http="slipway.protocol:BoundedProtocol"' in web
