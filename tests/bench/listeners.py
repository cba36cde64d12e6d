"""Many who listen to a stream, as one process, and what a server spends on them."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
# Connections that are opened at the same time; a queue of the kernel holds about as many.
AT_ONCE = 20
COMMON = ("Host: localhost", "Accept: text/event-stream")


class Listeners:
    """Open streams, and how often what is waited for has come on all of them."""

    def __init__(self, url: str, mark: bytes) -> None:
        self.address = urlsplit(url)
        self.mark = mark
        self.heard = 0
        self.open = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.loop = asyncio.new_event_loop()

    @contextmanager
    def listening(self, headers: Sequence[str]) -> Iterator["Listeners"]:
        """Listen with one stream for each of these headers, for the length of a block."""
        thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        thread.start()
        try:
            self.listen(headers)
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()

    def listen(self, headers: Sequence[str]) -> None:
        """Open more streams, and wait until all are open."""
        asyncio.run_coroutine_threadsafe(self.open_all(headers), self.loop).result(timeout=600)

    async def open_all(self, headers: Sequence[str]) -> None:
        """Open streams, some at a time; each is read from then on."""
        turns = asyncio.Semaphore(AT_ONCE)
        for header in headers:
            await turns.acquire()
            self.tasks.append(asyncio.create_task(self.follow(header, turns)))
        while self.open < len(self.tasks):
            assert not any(task.done() for task in self.tasks), "a stream was refused"
            await asyncio.sleep(0.05)

    async def end(self) -> None:
        """Hang up."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

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
                self.heard += text.count(self.mark)
                rest = (
                    text[-len(self.mark) + 1 :] if self.mark not in text[-len(self.mark) :] else b""
                )

    def wait_for(self, count: int) -> None:
        """Wait until the mark has come so often, all streams together."""
        ends_at = time.monotonic() + 60
        while self.heard < count:
            assert time.monotonic() < ends_at, f"{self.heard} of {count} came"
            time.sleep(0.001)


def cpu_seconds(pid: int) -> float:
    """Return what a process has spent of CPU, the kernel's work for it included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds itself."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
