"""A web process of our own on loopback, reading HTTP as the real ones do."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn

from core.waiting import wait_until
from slipway.asgi import application


@dataclass(frozen=True)
class Web:
    """Where it listens, and the server behind it."""

    server: uvicorn.Server
    port: int

    def connect(self) -> socket.socket:
        """Open a connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def settle(self) -> None:
        """Wait until every request that reached it is over."""
        state = self.server.server_state
        is_over = lambda: not (state.tasks or state.connections) or None  # noqa: E731
        assert wait_until(is_over, timeout_seconds=30, interval_seconds=0.01)


@contextmanager
def serving() -> Iterator[Web]:
    """Serve the application for the length of a block."""
    config = uvicorn.Config(
        application,
        port=0,
        lifespan="off",
        log_config=None,
        http="slipway.protocol:BoundedProtocol",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    assert wait_until(lambda: server.started or None, timeout_seconds=10, interval_seconds=0.01)
    yield Web(server, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = server.force_exit = True
    thread.join(timeout=10)


@contextmanager
def served() -> Iterator[str]:
    """Serve the application for the length of a block; yield its address."""
    with serving() as web:
        yield f"http://127.0.0.1:{web.port}"
