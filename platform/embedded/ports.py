"""Loopback ports: free when first taken, then remembered, so that a second start reuses them."""

import json
import socket
from collections.abc import Collection
from pathlib import Path


class Ports:
    """Ports by name, kept in a file of the home."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.taken: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self.held: dict[str, int] = {}

    def take(self, name: str, *, preferred: int = 0) -> int:
        """Return the port of this name: the remembered, the preferred, or any free one."""
        remembered = self.taken.get(name, preferred)
        port = remembered if remembered and is_free(remembered) else free_port(self.taken.values())
        self.taken[name] = port
        self.file.write_text(json.dumps(self.taken))
        return port

    def take_once(self, name: str) -> int:
        """Return the port that was taken under this name in this process, or take it now."""
        if name not in self.held:
            self.held[name] = self.take(name)
        return self.held[name]


def is_free(port: int) -> bool:
    """Return whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Return whether something listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port(taken: Collection[int]) -> int:
    """Return a free loopback port that is not taken under another name."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
