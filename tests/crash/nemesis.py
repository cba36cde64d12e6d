"""Kills processes of a running Slipway, one after the other, without warning."""

import os
import signal
import threading
from contextlib import suppress
from itertools import cycle

from embedded.demo import Demo


class Nemesis:
    """Kills the named processes in turn until told to stop; supervision brings them back."""

    def __init__(self, demo: Demo, names: tuple[str, ...], *, every_seconds: float) -> None:
        self.control = demo.supervisor.control
        self.names = cycle(names)
        self.every_seconds = every_seconds
        self.enough = threading.Event()
        self.killed: list[str] = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> "Nemesis":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        self.thread.join()

    def run(self) -> None:
        """Kill, wait, kill the next."""
        while not self.enough.wait(self.every_seconds):
            self.kill(next(self.names))

    def kill(self, name: str) -> None:
        """Kill one process with everything it started."""
        pid = self.control.getProcessInfo(f"slipway:{name}")["pid"]
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed.append(name)
