"""The application as it is served, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from core.waiting import wait_until
from slipway.asgi import application


@contextmanager
def served() -> Iterator[str]:
    """Serve the application from a thread for the length of a block; yield its address."""
    config = uvicorn.Config(application, port=0, lifespan="off", log_config=None)
    web = uvicorn.Server(config)
    thread = Thread(target=web.run, daemon=True)
    thread.start()
    assert wait_until(lambda: web.started or None, timeout_seconds=10, interval_seconds=0.01)
    yield f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}"
    web.should_exit = web.force_exit = True
    thread.join(timeout=10)
