"""Processes as values: the supervisor runs them for `make demo`, tests start and stop them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class NotReady(RuntimeError):
    """A part of the embedded stack did not come up in time."""


@dataclass(frozen=True)
class Process:
    """A program to run, and how to tell that it is ready."""

    name: str
    argv: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    # What makes it stop cleanly; PostgreSQL's fast shutdown is an interrupt.
    stop_signal: signal.Signals = signal.SIGTERM


def wait_ready(process: Process, *, timeout_seconds: float = 60) -> None:
    """Wait until a process answers.

    Raises:
        NotReady: it did not in time.
    """
    ends_at = time.monotonic() + timeout_seconds
    while not process.is_ready():
        if time.monotonic() > ends_at:
            raise NotReady(f"{process.name} is not ready after {timeout_seconds:.0f} s")
        time.sleep(0.05)


def start(process: Process, *, log: Path) -> "subprocess.Popen[bytes]":
    """Start a process in a group of its own, its output going to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            process.argv,
            env={**os.environ, **process.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=process.user,
            start_new_session=True,
        )


def stop(process: Process, child: "subprocess.Popen[bytes]", *, grace_seconds: float = 10) -> None:
    """Stop a child cleanly, or by force if it does not react."""
    if child.poll() is not None:
        return
    child.send_signal(process.stop_signal)
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def running(process: Process, *, logs: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a process, ready, for the length of a block."""
    log = logs / f"{process.name}.log"
    child = start(process, log=log)
    try:
        try:
            wait_ready(process)
        except NotReady as error:
            raise NotReady(f"{error}; its log ends with:\n{tail(log)}") from error
        yield child
    finally:
        stop(process, child)


def tail(log: Path, *, lines: int = 20) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
