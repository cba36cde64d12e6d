"""The figures of the event stream: two thousand who listen to one web process."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest
from redis import Redis

from core.stream import STREAM
from embedded.ports import free_port
from embedded.process import Process, running
from tests import debian
from tests.bench.fleet import Fleet
from tests.bench.listeners import Listeners, cpu_seconds, resident_bytes
from tests.bench.measure import Figure, figures, median, milliseconds, percentile, timed
from tests.bench.nchan import PACKAGES, nchan

CLIENTS, PER_TOKEN, WARM, ROUNDS = 2_000, 20, 50, 20
# Without streams and among them in turns: one minute of this machine differs from the next.
TURNS, ASKED = 6, 200
HALF = CLIENTS // 2
MARK = b"\ndata: "
CHANGE = orjson.dumps({"object": "rollout", "id": "x", "project": "bench", "version": "1"})
SLOWER, MOST_BYTES, LEAST_DELIVERIES = 1.2, 30_000, 20_000


@dataclass(frozen=True)
class Web:
    """A web process that nobody else asks."""

    url: str
    pid: int


@pytest.fixture(scope="module")
def web(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    port = free_port(())
    argv = (sys.executable, "-m", "slipway.web", f"--port={port}")
    url = f"http://127.0.0.1:{port}"
    process = Process("web", argv, lambda: is_up(url), fleet.demo.environment())
    with running(process, logs=tmp_path_factory.mktemp("web")) as child:
        yield Web(url, child.pid)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def headers(fleet: Fleet) -> list[str]:
    """What the listeners come with: as many tokens as the limit of one user makes necessary."""
    found = []
    for number in range(CLIENTS // PER_TOKEN):
        wish = {"name": f"listener-{number}", "role": "viewer"}
        secret = fleet.api.post("projects/bench/tokens", wish)["secret"]
        found += [f"Authorization: Bearer {secret}"] * PER_TOKEN
    return found


def test_two_thousand_listeners(fleet: Fleet, web: Web, headers: list[str], tmp_path: Path) -> None:
    for number in range(50):
        fleet.add_service(f"heard-{number}", replicas=0)
    changes = Redis.from_url(fleet.demo.redis_url)
    token = fleet.api.http.headers["Authorization"]

    def tell() -> None:
        changes.xadd(STREAM, {"message": CHANGE})

    with httpx.Client(base_url=web.url, headers={"Authorization": token}) as http:
        alone, among_many = [], []
        for turn in range(TURNS):
            asked(http, WARM)
            alone += asked(http, ASKED)
            # The first half also brings threads and connections to what many make of them.
            listeners = Listeners(f"{web.url}/api/v1/stream", MARK)
            with listeners.listening(headers[:HALF]):
                before = resident_bytes(web.pid)
                listeners.listen(headers[HALF:])
                if turn == 0:
                    each = (resident_bytes(web.pid) - before) / (CLIENTS - HALF)
                with every_second(tell):
                    asked(http, WARM)
                    among_many += asked(http, ASKED)
                if turn == TURNS - 1:
                    ours = deliveries(listeners, web.pid, tell)
    note_answers(alone, among_many)
    figures.append(
        Figure(
            f"memory of a web process per stream, from {HALF} to {CLIENTS}",
            f"{each / 1000:.1f} kB",
            "-",
            "-",
            f"{MOST_BYTES / 1000:.0f} kB",
            each <= MOST_BYTES,
        )
    )
    theirs = deliveries_of_nchan(tmp_path)
    figures.append(
        Figure(
            f"deliveries of one change to {CLIENTS} streams, per second of CPU",
            f"{ours:.0f}",
            f"nginx nchan {theirs:.0f}" if theirs else debian.why_not(PACKAGES),
            f"{ours / theirs:.2f}" if theirs else "-",
            f"{LEAST_DELIVERIES}",
            ours >= LEAST_DELIVERIES,
        )
    )


def asked(http: httpx.Client, times: int) -> list[float]:
    """Return how long a list of fifty services took, each time."""
    seconds = []
    for _ in range(times):
        with timed() as one:
            http.get("/api/v1/projects/bench/services").raise_for_status()
        seconds.append(one.wall_seconds)
    return seconds


@contextmanager
def every_second(tell: Callable[[], None]) -> Iterator[None]:
    """Tell of a change each second, for the length of a block."""
    is_over = threading.Event()

    def run() -> None:
        while not is_over.wait(1):
            tell()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    is_over.set()
    thread.join()


def deliveries(listeners: Listeners, pid: int, tell: Callable[[], None]) -> float:
    """Return how many deliveries a process makes per second of its CPU, a change at a time."""
    listeners.heard_from_now()
    before = cpu_seconds(pid)
    for number in range(1, ROUNDS + 1):
        tell()
        listeners.wait_for(number * CLIENTS)
    return ROUNDS * CLIENTS / (cpu_seconds(pid) - before)


def deliveries_of_nchan(folder: Path) -> float | None:
    """Return the same of the peer, where it can be had."""
    if debian.why_not(PACKAGES) or os.geteuid() != 0:
        return None
    with (
        nchan(folder) as (url, pid),
        httpx.Client(trust_env=False) as http,
        Listeners(f"{url}/stream", MARK).listening([""] * CLIENTS) as listeners,
    ):
        return deliveries(listeners, pid, lambda: http.post(f"{url}/tell", content=CHANGE))


def note_answers(alone: list[float], among_many: list[float]) -> None:
    """Add the figure of the API's answers."""
    ours, peer = percentile(among_many, 0.95), percentile(alone, 0.95)
    figures.append(
        Figure(
            f"list of 50 services among {CLIENTS} streams, p95 of {len(alone)} "
            f"(median {milliseconds(median(among_many))})",
            milliseconds(ours),
            f"without streams {milliseconds(peer)} (median {milliseconds(median(alone))})",
            f"{ours / peer:.2f}",
            f"{SLOWER}",
            ours <= SLOWER * peer,
        )
    )
