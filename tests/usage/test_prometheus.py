"""Our queries and their boundary, against a real Prometheus that scrapes what we say."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.waiting import wait_until
from embedded.ports import free_port
from embedded.process import running
from embedded.prometheus import prometheus
from embedded.tools import Tools
from usage.prometheus import Prometheus, PrometheusUnavailable, Sample
from usage.promql import GPU, GPU_MEMORY, MEBIBYTE, QUERIES

POD = 'namespace="ns",pod="p"'
CONTAINER = f'{POD},container="c"'
EXPORTED = 'namespace="gpu-operator",pod="dcgm",exported_namespace="ns",exported_pod="p"'
RESOURCE = f"""
container_memory_working_set_bytes{{{CONTAINER}}} 1000
container_memory_working_set_bytes{{namespace="ns",pod="q",container="c"}} 5000
DCGM_FI_DEV_GPU_UTIL{{gpu="0",{POD}}} 50
DCGM_FI_DEV_GPU_UTIL{{gpu="1",{EXPORTED}}} 30
DCGM_FI_DEV_GPU_UTIL{{gpu="2",namespace="ns",pod="mig"}} 99
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="2",namespace="ns",pod="mig"}} 0.25
DCGM_FI_DEV_FB_USED{{gpu="0",{POD}}} 512
odd{{kind="nan"}} NaN
odd{{kind="inf"}} +Inf
odd{{kind="one"}} 1
"""
CADVISOR = f"""
container_memory_working_set_bytes{{{CONTAINER}}} 1000
container_memory_working_set_bytes{{{POD},container=""}} 1100
container_memory_working_set_bytes{{{POD},container="POD"}} 10
"""


class Exposition(BaseHTTPRequestHandler):
    """Says the same at every scrape, by path."""

    def do_GET(self) -> None:
        body = {"/resource": RESOURCE, "/cadvisor": CADVISOR}.get(self.path, "").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def server(tools: Tools, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes one node through two endpoints, as clusters do."""
    exporter = ThreadingHTTPServer(("127.0.0.1", 0), Exposition)
    threading.Thread(target=exporter.serve_forever, daemon=True).start()
    target = {"targets": [f"127.0.0.1:{exporter.server_port}"]}
    scraped = [
        {
            "job_name": name,
            "metrics_path": f"/{name}",
            "scrape_interval": "1s",
            "honor_labels": True,
            "static_configs": [target],
        }
        for name in ("resource", "cadvisor")
    ]
    home, port = folder / "usage", free_port(())
    with running(prometheus(tools, home, port, scraped), logs=home / "logs"):
        server = Prometheus(f"http://127.0.0.1:{port}")
        query = "count(container_memory_working_set_bytes) == 5"
        assert wait_until(lambda: server.query(query) or None, timeout_seconds=30)
        yield server
    exporter.shutdown()


def values(server: Prometheus, resource: str) -> dict[tuple[str, str], float]:
    """Ask one of our queries; return its samples by pod, in our unit."""
    query = next(query for query in QUERIES if query.resource == resource)
    return {
        (s.labels[query.namespace_label], s.labels[query.pod_label]): s.value * query.factor
        for s in server.query(query.promql)
    }


def test_a_container_counts_once_however_often_it_is_scraped(server):
    assert values(server, "memory") == {("ns", "p"): 1000.0, ("ns", "q"): 5000.0}


def test_cards_are_attributed_to_the_pod_that_holds_them(server):
    # Two cards of one pod, named in both ways; under MIG the profiling ratio counts.
    assert values(server, GPU) == {("ns", "p"): pytest.approx(0.8), ("ns", "mig"): 0.25}


def test_frame_buffer_is_bytes(server):
    assert values(server, GPU_MEMORY) == {("ns", "p"): 512.0 * MEBIBYTE}


def test_what_is_no_number_is_left_out(server):
    assert server.query("odd") == [
        Sample({"__name__": "odd", "kind": "one", **labels(server)}, 1.0)
    ]


def labels(server: Prometheus) -> dict[str, str]:
    """Return what the scrape added."""
    found = server.query('odd{kind="one"}')[0].labels
    return {name: found[name] for name in ("instance", "job")}


def test_no_series_is_an_empty_answer(server):
    assert server.query("nothing_of_this_name") == []


@pytest.mark.parametrize("promql", ["sum(", "odd[5m]", '"text"'])
def test_a_query_that_has_no_vector_is_an_outage_and_no_answer(server, promql):
    with pytest.raises(PrometheusUnavailable):
        server.query(promql)


def test_nobody_listening_is_an_outage():
    with pytest.raises(PrometheusUnavailable, match="cannot be reached"):
        Prometheus("http://127.0.0.1:1").query("up")


def test_a_server_that_is_no_prometheus_is_an_outage():
    page = ThreadingHTTPServer(("127.0.0.1", 0), Exposition)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    with pytest.raises(PrometheusUnavailable):
        Prometheus(f"http://127.0.0.1:{page.server_port}").query("up")
    page.shutdown()
