"""Several web processes on one port."""

import sys
from pathlib import Path

import httpx
import pytest

from embedded.home import CHECKOUT
from embedded.ports import free_port
from embedded.process import Process, running

ASKED = 40


def web(name: str, port: int, metrics_port: int) -> Process:
    argv = (sys.executable, "-m", "slipway.web", f"--port={port}", f"--metrics-port={metrics_port}")
    paths = {"PYTHONPATH": str(CHECKOUT / "platform")}
    return Process(name, argv, lambda: is_well(metrics_port), environment=paths)


def is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def served(metrics_port: int) -> float:
    """Return how many requests a process has answered, but those for its metrics."""
    said = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", trust_env=False).text
    counts = [line for line in said.splitlines() if line.startswith("slipway_http_requests_total")]
    return sum(float(line.rpartition(" ")[2]) for line in counts if "metrics" not in line)


@pytest.mark.timeout(120)
def test_all_answer_on_one_port_and_each_counts_its_own(tmp_path: Path) -> None:
    port = free_port(())
    first, second = free_port({port}), free_port({port})
    with running(web("first", port, first), logs=tmp_path):
        with running(web("second", port, second), logs=tmp_path):
            before = served(first), served(second)
            assert all(is_well(port) for _ in range(ASKED))
            shares = served(first) - before[0], served(second) - before[1]
            assert sum(shares) == ASKED
            assert min(shares) > 0
        # One that has ended leaves the port to those that are left.
        assert all(is_well(port) for _ in range(ASKED))
