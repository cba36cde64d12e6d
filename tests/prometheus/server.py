"""A real Prometheus for the tests of queries and of usage."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from core.waiting import wait_until
from embedded.ports import free_port
from embedded.process import running
from embedded.prometheus import prometheus
from embedded.tools import Tools
from prometheus.client import Prometheus
from tests.prometheus.exporter import PAGES, Exposition

SCRAPES = 4


@pytest.fixture(scope="session")
def server(tools: Tools, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes one node through several endpoints, as clusters do."""
    exporter = ThreadingHTTPServer(("127.0.0.1", 0), Exposition)
    threading.Thread(target=exporter.serve_forever, daemon=True).start()
    target = {"targets": [f"127.0.0.1:{exporter.server_port}"]}
    scraped = [
        {
            "job_name": path.strip("/"),
            "metrics_path": path,
            "scrape_interval": "1s",
            "honor_labels": True,
            "static_configs": [target],
        }
        for path in PAGES
    ]
    home, port = folder / "usage", free_port(())
    with running(prometheus(tools, home, port, scraped), logs=home / "logs"):
        server = Prometheus(f"http://127.0.0.1:{port}")
        query = f"count(count_over_time(up[1m]) >= {SCRAPES}) == {len(PAGES)}"
        assert wait_until(lambda: server.query(query) or None, timeout_seconds=30)
        yield server
    exporter.shutdown()
