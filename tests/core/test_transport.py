"""Answers of others have an end, in time and in bytes, at every boundary."""

import gzip
import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusters import client as cluster_client
from clusters.client import ClusterClient, lines
from clusters.errors import ClusterInvalid, ClusterUnavailable
from clusters.kinds import POD
from clusters.kubeconfig import ClusterAccess
from core.answers import Answer
from core.errors import Invalid, Unavailable
from core.transport import TimelyResponse, UntilDeadline
from prometheus import client as prometheus
from prometheus.client import Prometheus, PrometheusUnavailable
from registry import images
from registry.images import pinned_image
from tests.listening import listening

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = b"x" * 1024**2


def slowly(text: bytes) -> Callable[[], Iterator[bytes]]:
    """Say a byte now and then, for much longer than anybody waits."""
    return lambda: iter([text[n : n + 1] for n in range(len(text))] + [b" "] * 1_000)


TRICKLES = {
    "status line": slowly(b"HTTP/1.1 200 OK"),
    "head": slowly(HEAD + b"X: "),
    "body": lambda: iter([HEAD + b"Content-Length: 5000\r\n\r\n", *slowly(b"{")()]),
    "chunks": lambda: iter(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n{\r\n"] * 1_000]
    ),
    "length of a chunk": lambda: iter(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 1_000]
    ),
}


def client_at(port: int) -> ClusterClient:
    return ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{port}", token="t"))


class Pieces:
    """Pieces that come at once; counts what was taken of them."""

    def __init__(self, head: bytes, piece: bytes, count: int) -> None:
        self.head, self.piece, self.count, self.said = head, piece, count, 0

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        for _ in range(self.count):
            self.said += len(self.piece)
            yield self.piece


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.listening.BETWEEN_PIECES_SECONDS", 0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_client, "ATTEMPTS", 1)
    monkeypatch.setattr(prometheus, "TIMEOUT_SECONDS", 1.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trickle", TRICKLES)
def test_an_api_server_that_trickles_is_given_up_in_time(trickle: str) -> None:
    with listening(TRICKLES[trickle]()) as at:
        began = time.monotonic()
        with pytest.raises(ClusterUnavailable):
            client_at(at.port).request("GET", "/version", seconds=1.0)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("trickle", ["body", "chunks"])
def test_a_watch_that_trickles_ends_too(trickle: str) -> None:
    with listening(TRICKLES[trickle]()) as at:
        began = time.monotonic()
        with pytest.raises(ClusterUnavailable):
            list(client_at(at.port).watch(POD, seconds=1, read_seconds=1.5))
        assert time.monotonic() - began < 5


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trickle", TRICKLES)
def test_a_prometheus_that_trickles_is_away_in_time(trickle: str) -> None:
    with listening(TRICKLES[trickle]()) as at:
        began = time.monotonic()
        with pytest.raises(PrometheusUnavailable) as caught:
            Prometheus(f"http://127.0.0.1:{at.port}").query("up")
        assert time.monotonic() - began < 4
    assert caught.value.answer is Answer.AWAY


def test_the_queries_of_one_collection_have_a_time_together() -> None:
    answer = json.dumps({"data": {"result": []}}).encode()
    said = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
    with listening(said) as at:
        server = Prometheus(f"http://127.0.0.1:{at.port}", seconds=1.0)
        assert server.query("up") == []
        server.ends_at = time.monotonic() - 1
        with pytest.raises(PrometheusUnavailable, match="in time"):
            server.query("up")
        assert len(at.heard) == 1


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 209715200\r\n\r\n", b"\r\n"],
    ids=["announced", "until it is closed"],
)
def test_a_version_of_two_hundred_megabytes_is_not_read(head: bytes) -> None:
    pieces = Pieces(HEAD + head, MEGABYTE, 200)
    with listening(pieces) as at, pytest.raises(ClusterInvalid, match="larger response"):
        client_at(at.port).version()
    assert pieces.said < 40 * 1024**2


@pytest.mark.usefixtures("at_once")
def test_an_error_of_two_hundred_megabytes_is_not_read() -> None:
    pieces = Pieces(b"HTTP/1.1 403 No\r\n\r\n", MEGABYTE, 200)
    with listening(pieces) as at, pytest.raises(ClusterInvalid, match="larger response"):
        client_at(at.port).version()
    assert pieces.said < 40 * 1024**2


@pytest.mark.usefixtures("at_once")
def test_a_prometheus_that_says_too_much_is_not_listened_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prometheus, "MOST_BYTES", 1024**2)
    pieces = Pieces(HEAD + b"\r\n", MEGABYTE, 200)
    with listening(pieces) as at, pytest.raises(PrometheusUnavailable, match="larger response"):
        Prometheus(f"http://127.0.0.1:{at.port}").query("up")
    assert pieces.said < 40 * 1024**2


def bomb() -> bytes:
    """Return what a hundred megabytes are in a few."""
    body = gzip.compress(b'{"gitVersion": "' + b"x" * 100 * 1024**2 + b'"}')
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    return HEAD + head + body


def test_what_was_compressed_unasked_is_not_unpacked() -> None:
    with listening(bomb()) as at, pytest.raises(ClusterInvalid):
        client_at(at.port).version()
    with listening(bomb()) as at, pytest.raises(PrometheusUnavailable):
        Prometheus(f"http://127.0.0.1:{at.port}").query("up")


def test_a_line_that_does_not_end_is_not_gathered() -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield MEGABYTE

    with pytest.raises(ClusterInvalid, match="larger response"):
        list(lines(chunks()))
    assert taken < 20
    assert list(lines([b"a\nb", b"c\n", b"d"])) == [b"a", b"bc"]


@pytest.mark.parametrize("trickle", ["head", "body"])
def test_a_registry_that_trickles_is_given_up_in_time(
    settings: Any, monkeypatch: pytest.MonkeyPatch, trickle: str
) -> None:
    monkeypatch.setattr(images, "TIMEOUT_SECONDS", 1)
    with listening(TRICKLES[trickle]()) as at:
        registry = f"127.0.0.1:{at.port}"
        settings.IMAGE_REGISTRIES = settings.INSECURE_REGISTRIES = [registry]
        began = time.monotonic()
        with pytest.raises((Invalid, Unavailable)):
            pinned_image(f"{registry}/a/b:c")
        assert time.monotonic() - began < 4


@pytest.mark.usefixtures("at_once")
def test_a_token_of_two_hundred_megabytes_is_not_read(settings: Any) -> None:
    token = Pieces(HEAD + b'\r\n{"token": "', MEGABYTE, 200)
    with listening(token) as tokens:
        realm = f"http://127.0.0.1:{tokens.port}/t"
        challenge = f'WWW-Authenticate: Bearer realm="{realm}"\r\n'.encode()
        with listening(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n" + challenge + b"\r\n") as at:
            registry = f"127.0.0.1:{at.port}"
            listed = [registry, f"127.0.0.1:{tokens.port}"]
            settings.IMAGE_REGISTRIES = settings.INSECURE_REGISTRIES = listed
            with pytest.raises(Invalid, match="no token"):
                pinned_image(f"{registry}/a/b:c")
    assert token.said < 40 * 1024**2


def test_the_next_answer_has_all_of_its_time() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        response = TimelyResponse(ours)
        response.fp.raw.ends_at -= 3
        response.begin()
        assert ours.gettimeout() <= 2
        response.read()
        assert ours.gettimeout() == 5
        response.close()
        assert ours.fileno() >= 0, "the connection is the pool's"


class CountingSocket(socket.socket):
    """A socket that counts how often it is given a timeout."""

    times = 0

    def settimeout(self, seconds: float | None) -> None:
        self.times += 1
        super().settimeout(seconds)


def test_thousands_of_reads_do_not_set_a_timeout_each() -> None:
    with CountingSocket() as counting:
        counting.settimeout(60)
        reading = UntilDeadline(io.BytesIO(b"x" * 5_000), counting)
        while reading.readinto(bytearray(1)):
            pass
        assert counting.times == 1
