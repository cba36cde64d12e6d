"""Our queries and their boundary, against a real Prometheus that scrapes what we say."""

import threading
import time
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
DCGM_FI_DEV_GPU_UTIL{{gpu="0",UUID="a",{POD}}} 50
DCGM_FI_DEV_GPU_UTIL{{gpu="1",UUID="b",{EXPORTED}}} 30
DCGM_FI_DEV_GPU_UTIL{{gpu="2",namespace="ns",pod="mig"}} 99
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="2",namespace="ns",pod="mig"}} 0.25
DCGM_FI_DEV_GPU_UTIL{{gpu="3",namespace="ns",pod="idle"}} 0
DCGM_FI_DEV_GPU_UTIL{{gpu="4"}} 70
DCGM_FI_DEV_GPU_UTIL{{gpu="5",namespace="ns",pod="old"}} 40
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="5",namespace="ns",pod="old"}} NaN
DCGM_FI_DEV_GPU_UTIL{{gpu="6",namespace="ns",pod="blind"}} 40
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="7",namespace="ns",pod="blind"}} NaN
DCGM_FI_DEV_FB_USED{{gpu="0",UUID="a",{POD}}} 512
odd{{kind="nan"}} NaN
odd{{kind="inf"}} +Inf
odd{{kind="one"}} 1
"""
# The same node, scraped by somebody else too, who names the holder in the other way.
CADVISOR = f"""
container_memory_working_set_bytes{{{CONTAINER}}} 1000
container_memory_working_set_bytes{{{POD},container=""}} 1100
container_memory_working_set_bytes{{{POD},container="POD"}} 10
DCGM_FI_DEV_GPU_UTIL{{gpu="0",UUID="a",{EXPORTED}}} 50
DCGM_FI_DEV_FB_USED{{gpu="0",UUID="a",{EXPORTED}}} 512
"""
STARTED = time.time()


def past() -> str:
    """Samples with their own times, every 10 s: as cAdvisor's, nothing marks their end.

    `grown` works half of its time and rests just now; `stopped` ended three minutes ago.
    """
    ages = range(360, -1, -10)
    worked = {age: 5 * max(360 - age, 0) / 10 for age in ages}
    worked |= {age: worked[20] for age in (10, 0)}
    lines = [counter("grown", worked[age], at=STARTED - age) for age in ages]
    lines += [counter("stopped", 10 * (360 - age), at=STARTED - age) for age in ages if age >= 180]
    gauge = 'container_memory_working_set_bytes{namespace="ns",pod="stopped",container="c"} 7'
    return "\n".join([*lines, f"{gauge} {milliseconds(STARTED - 180)}", ""])


def counter(pod: str, seconds: float, *, at: float | None = None) -> str:
    """One line of a container's core-seconds."""
    name = f'container_cpu_usage_seconds_total{{namespace="ns",pod="{pod}",container="c"}}'
    return f"{name} {seconds} {milliseconds(at) if at else ''}".rstrip()


def milliseconds(at: float) -> int:
    return int(at * 1000)


def young() -> str:
    """A container that uses two cores since it started with the test."""
    return counter("young", 2 * (time.time() - STARTED)) + "\n"


PAGES = {
    "/resource": lambda: RESOURCE,
    "/cadvisor": lambda: CADVISOR,
    "/past": past,
    "/young": young,
}


class Exposition(BaseHTTPRequestHandler):
    """Says what each path's page has to say now."""

    def do_GET(self) -> None:
        body = PAGES.get(self.path, str)().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def server(tools: Tools, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes one node through several endpoints, as clusters do."""
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
        for name in ("resource", "cadvisor", "past", "young")
    ]
    home, port = folder / "usage", free_port(())
    with running(prometheus(tools, home, port, scraped), logs=home / "logs"):
        server = Prometheus(f"http://127.0.0.1:{port}")
        query = "sum(count_over_time(up[1m])) > 16"
        assert wait_until(lambda: server.query(query) or None, timeout_seconds=30)
        yield server
    exporter.shutdown()


def values(server: Prometheus, resource: str) -> dict[tuple[str, str], float]:
    """Ask one of our queries; return its samples by pod, in our unit."""
    query = next(query for query in QUERIES if query.resource == resource)
    return {
        (s.labels[query.namespace_label], s.labels[query.pod_label]): s.value * query.factor
        for s in server.query(query.promql)
        if query.pod_label in s.labels
    }


def test_a_container_counts_once_however_often_it_is_scraped(server):
    assert values(server, "memory") == {("ns", "p"): 1000.0, ("ns", "q"): 5000.0}


def test_a_container_younger_than_the_window_is_not_measured_by_the_whole_window(server):
    assert values(server, "cpu")["ns", "young"] == pytest.approx(2000, rel=0.1)


def test_an_older_container_is_averaged_over_the_window(server):
    # 45 to 50 core-seconds within 120 s: neither what it does just now, which is nothing.
    assert 350 < values(server, "cpu")["ns", "grown"] < 500


@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_what_stopped_is_not_read_as_present(server, resource):
    there = server.query('{pod="stopped"}')
    assert there == []
    assert ("ns", "stopped") not in values(server, resource)


def test_cards_are_attributed_to_the_pod_that_holds_them(server):
    # Two cards of one pod, named in both ways; under MIG the profiling ratio counts.
    found = values(server, GPU)
    assert found["ns", "p"] == pytest.approx(0.8)
    assert found["ns", "mig"] == 0.25


def test_a_card_that_is_held_and_does_nothing_is_idle_and_known(server):
    assert values(server, GPU)["ns", "idle"] == 0.0


def test_a_card_that_nobody_holds_is_nobodys(server):
    query = next(query for query in QUERIES if query.resource == GPU)
    unheld = [s.value for s in server.query(query.promql) if "workload_pod" not in s.labels]
    assert unheld == [pytest.approx(0.7)]


def test_a_card_that_cannot_profile_is_measured_by_its_utilisation(server):
    assert values(server, GPU)["ns", "old"] == pytest.approx(0.4)


def test_a_pod_with_a_card_that_has_no_number_has_none(server):
    assert ("ns", "blind") not in values(server, GPU)


def test_frame_buffer_is_bytes_and_a_card_counts_once_however_often_it_is_scraped(server):
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
