"""HTTP whose answers end: in time, all together, and before they are larger than they may be.

The libraries below count a timeout from the last byte, so that a byte now and then makes an answer
last for ever, and read whatever comes.
"""

import io
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from socket import socket
from typing import Any

import httpx
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from core.destinations import DENIED, PlaceDenied, checked, is_denied

CHUNK_BYTES = 65_536


class TooLarge(urllib3.exceptions.HTTPError):
    """An answer is larger than what was asked for can be."""


class UntilDeadline(io.RawIOBase):
    """The bytes of a socket, until the time that it was given is over for all of them."""

    def __init__(self, raw: Any, sock: Any) -> None:
        self.raw = raw
        self.sock = sock
        self.seconds = sock.gettimeout()
        self.ends_at = time.monotonic() + self.seconds if self.seconds is not None else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if self.ends_at is None:
            return self.raw.readinto(buffer)
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.sock.settimeout(left)
        try:
            return self.raw.readinto(buffer)
        finally:
            self.restore_timeout()

    def restore_timeout(self) -> None:
        """Leave the socket to the next request as it was."""
        if self.sock.fileno() >= 0:
            self.sock.settimeout(self.seconds)

    def close(self) -> None:
        if not self.closed:
            self.raw.close()
        super().close()


class TimelyResponse(HTTPResponse):
    """An answer whose timeout is for its head and its body together."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        buffered: Any = self.fp
        self.fp = io.BufferedReader(UntilDeadline(buffered.detach(), sock))


class GuardedHTTP(HTTPConnection):
    """HTTP to where we may ask, whose answers end in time."""

    response_class = TimelyResponse

    def _new_conn(self) -> socket:
        return checked(super()._new_conn())


class GuardedHTTPS(HTTPSConnection):
    """The same, encrypted."""

    response_class = TimelyResponse

    def _new_conn(self) -> socket:
        return checked(super()._new_conn())


class GuardedHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = GuardedHTTP


class GuardedHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPS


def guard(manager: urllib3.PoolManager) -> None:
    """Have a pool's timeouts count for whole answers, and its connections reach allowed places."""
    manager.pool_classes_by_scheme = {"http": GuardedHTTPPool, "https": GuardedHTTPSPool}


def guarded_client(
    *,
    trusted: ssl.SSLContext,
    timeout: httpx.Timeout | None,
    headers: Mapping[str, str] | None = None,
) -> httpx.AsyncClient:
    """Return a client for the event loop, whose connections reach allowed places, by no proxy.

    Each is for one request: one that is closed just as it is used again would look like an outage.
    """
    return httpx.AsyncClient(
        limits=httpx.Limits(max_keepalive_connections=0),
        headers=headers,
        timeout=timeout,
        trust_env=False,
        verify=trusted,
        event_hooks={"request": [watch]},
    )


async def watch(request: httpx.Request) -> None:
    """Have a request tell where its connection leads."""
    request.extensions["trace"] = refuse_denied


async def refuse_denied(event: str, said: dict[str, Any]) -> None:
    """Hang up on a place that we do not ask, before a byte of ours is sent."""
    if event == "connection.connect_tcp.complete":
        connection = said["return_value"]
        if is_denied(connection.get_extra_info("server_addr")[0]):
            await connection.aclose()
            raise PlaceDenied(DENIED)


def read_whole(response: urllib3.BaseHTTPResponse, *, most_bytes: int) -> bytes:
    """Read an answer to its end.

    Compression is never asked for and not undone, so that a small answer stays small.

    Raises:
        TooLarge: it has more than `most_bytes`; the rest is not read.
    """
    body = bytearray()
    for chunk in response.stream(CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > most_bytes:
            response.close()
            raise TooLarge(f"more than {most_bytes} bytes")
    response.release_conn()
    return bytes(body)
