"""HTTP answers that are limited, in total time and in size.

The underlying libraries count a timeout from the last byte, so that a byte now and then makes an
answer last for ever; and they read whatever comes.
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
    """The bytes of a socket, with its timeout as one deadline for all of them."""

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
        # To set it before each of thousands of reads, and give way to another thread each time,
        # takes longer than the reads: it may be a tenth too long instead.
        if self.sock.gettimeout() - left > self.seconds / 10:
            self.sock.settimeout(left)
        return self.raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            # The next request begins with what it was.
            if self.sock.fileno() >= 0:
                self.sock.settimeout(self.seconds)
            self.raw.close()
        super().close()


class TimelyResponse(HTTPResponse):
    """An answer whose timeout covers its head and its body together."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        buffered: Any = self.fp
        self.fp = io.BufferedReader(UntilDeadline(buffered.detach(), sock), CHUNK_BYTES)


class GuardedHTTP(HTTPConnection):
    """HTTP to allowed addresses only, with answers that end in time."""

    response_class = TimelyResponse

    def _new_conn(self) -> socket:
        return checked(super()._new_conn())


class GuardedHTTPS(HTTPSConnection):
    """The same over TLS."""

    response_class = TimelyResponse

    def _new_conn(self) -> socket:
        return checked(super()._new_conn())


class GuardedHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = GuardedHTTP


class GuardedHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPS


def guard(manager: urllib3.PoolManager) -> None:
    """Make a pool's timeouts cover whole answers, and its connections reach allowed places only."""
    manager.pool_classes_by_scheme = {"http": GuardedHTTPPool, "https": GuardedHTTPSPool}


def guarded_client(
    *,
    trusted: ssl.SSLContext,
    timeout: httpx.Timeout | None,
    headers: Mapping[str, str] | None = None,
) -> httpx.AsyncClient:
    """Return an asynchronous client that reaches allowed places only, and uses no proxy.

    Connections are not reused: one that is closed just as it is reused would look like an outage.
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
    """Have a request report where its connection leads."""
    request.extensions["trace"] = refuse_denied


async def refuse_denied(event: str, said: dict[str, Any]) -> None:
    """Close a connection to a place that is not allowed, before a byte of ours is sent."""
    if event == "connection.connect_tcp.complete":
        connection = said["return_value"]
        if is_denied(connection.get_extra_info("server_addr")[0]):
            await connection.aclose()
            raise PlaceDenied(DENIED)


def read_whole(response: urllib3.BaseHTTPResponse, *, most_bytes: int) -> bytes:
    """Read an answer to its end.

    Compression is neither asked for nor undone, so that a small answer stays small.

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
