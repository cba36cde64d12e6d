"""Kills processes of a running Slipway, one after the other, without warning."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle

from core.waiting import wait_until
from embedded.demo import Demo

# What each says in its log when it does its work again.
SAYS_WHEN_UP = {
    "worker": b" ready.",
    "redis": b"Ready to accept connections",
    "informer": b"mirroring",
    "web": b"Application startup complete",
}
LONGEST_START_SECONDS = 60


class Nemesis:
    """Kills the named processes in turn until told to stop; supervision brings them back.

    No more than two are dead at a time: before the next is killed, all but the last victim are
    back. A machine on which a start takes longer than a round would otherwise never do any work.
    """

    def __init__(self, demo: Demo, names: tuple[str, ...], *, every_seconds: float) -> None:
        self.control = demo.supervisor.control
        self.logs = demo.home.logs
        self.names = names
        self.every_seconds = every_seconds
        self.enough = threading.Event()
        self.killed: list[str] = []
        # How long each one's log was when it was killed.
        self.log_lengths: dict[str, int] = {}
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> "Nemesis":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        self.thread.join()

    def run(self) -> None:
        """Kill, wait, kill the next."""
        for name in cycle(self.names):
            if self.enough.wait(self.every_seconds):
                return
            wait_until(self.may_go_on, timeout_seconds=LONGEST_START_SECONDS)
            self.kill(name)

    def may_go_on(self) -> bool | None:
        """Answer once everything but the last victim is up, or nobody wants more."""
        others = {*self.names} - {*self.killed[-1:]}
        return self.enough.is_set() or all(map(self.is_up, others)) or None

    def is_up(self, name: str) -> bool:
        """Return whether a process works again since it was last killed."""
        if name not in self.log_lengths:
            return True
        with (self.logs / f"{name}.log").open("rb") as log:
            log.seek(self.log_lengths[name])
            return SAYS_WHEN_UP[name] in log.read()

    def kill(self, name: str) -> None:
        """Kill one process with everything it started."""
        pid = self.pid_of(name)
        if pid:
            self.log_lengths[name] = (self.logs / f"{name}.log").stat().st_size
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed.append(name)

    @contextmanager
    def holding_still(self, name: str) -> Iterator[None]:
        """Stop a process from doing anything for the length of a block."""
        pid = self.pid_of(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def pid_of(self, name: str) -> int:
        """Return the process's id, or 0 while it is dead."""
        pid: int = self.control.getProcessInfo(f"slipway:{name}")["pid"]
        return pid
