"""Many who listen to a stream, in a process of their own, and what a server spends on them."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
# Connections that are opened at the same time; a queue of the kernel holds about as many.
AT_ONCE = 20
LONGEST_SECONDS = 600
COMMON = ("Host: localhost", "Accept: text/event-stream")


class Listeners:
    """Open streams, and how often what is waited for has come on all of them.

    Whoever measures answers meanwhile would share an interpreter with them.
    """

    def __init__(self, url: str, mark: bytes) -> None:
        context = get_context("spawn")
        self.count = context.Value("q", 0)
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(url, mark, theirs, self.count))

    @contextmanager
    def listening(self, headers: Sequence[str]) -> Iterator["Listeners"]:
        """Listen with one stream for each of these headers, for the length of a block."""
        self.process.start()
        try:
            self.listen(headers)
            yield self
        finally:
            self.line.send(None)
            self.process.join()

    def listen(self, headers: Sequence[str]) -> None:
        """Open more streams, and wait until all are open."""
        self.line.send(list(headers))
        assert self.line.poll(LONGEST_SECONDS), "streams are not open"
        assert self.line.recv() is None

    def heard_from_now(self) -> None:
        """Count from nothing."""
        self.count.value = 0

    def wait_for(self, count: int) -> None:
        """Wait until the mark has come so often, all streams together."""
        ends_at = time.monotonic() + 60
        while self.count.value < count:
            assert time.monotonic() < ends_at, f"{self.count.value} of {count} came"
            time.sleep(0.001)


def serve(url: str, mark: bytes, line: Connection, count: Any) -> None:
    """Listen as it is asked for, until it is told to end."""
    asyncio.run(Ears(url, mark, count).obey(line))


class Ears:
    """The streams, in their process."""

    def __init__(self, url: str, mark: bytes, count: Any) -> None:
        self.address = urlsplit(url)
        self.mark = mark
        self.count = count
        self.open = 0
        self.tasks: list[asyncio.Task[None]] = []

    async def obey(self, line: Connection) -> None:
        """Open streams whenever headers come; tell when they are open, or why they are not."""
        while headers := await asyncio.to_thread(line.recv):
            try:
                await self.open_all(headers)
                line.send(None)
            except Exception as error:
                line.send(repr(error))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def open_all(self, headers: Sequence[str]) -> None:
        """Open streams, some at a time; each is read from then on."""
        turns = asyncio.Semaphore(AT_ONCE)
        for header in headers:
            await turns.acquire()
            self.tasks.append(asyncio.create_task(self.follow(header, turns)))
        while self.open < len(self.tasks):
            assert not any(task.done() for task in self.tasks), "a stream was refused"
            await asyncio.sleep(0.05)

    async def follow(self, header: str, turns: asyncio.Semaphore) -> None:
        """Open one stream, and count how often the mark comes."""
        reader, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        lines = [f"GET {self.address.path} HTTP/1.1", *COMMON, header]
        writer.write("\r\n".join([*filter(None, lines), "", ""]).encode())
        status = await reader.readuntil(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 200"), status
        self.open += 1
        turns.release()
        rest = b""
        with suppress(ConnectionError):
            while more := await reader.read(65_536):
                text = rest + more
                self.count.value += text.count(self.mark)
                rest = (
                    text[-len(self.mark) + 1 :] if self.mark not in text[-len(self.mark) :] else b""
                )


def cpu_seconds(pid: int) -> float:
    """Return what a process has spent of CPU, the kernel's work for it included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds itself."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
