"""The figures of a busy hour: a burst of rollouts, and many who ask for the same quota."""

import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson

from clusters.client import ClusterClient
from clusters.errors import ClusterForbidden
from clusters.kinds import DEPLOYMENT, POD
from embedded.ports import answers, free_port
from embedded.process import Process, running
from tests.bench.fleet import NAMESPACE, Fleet
from tests.bench.listeners import cpu_seconds
from tests.bench.measure import Figure, figures, milliseconds, percentile, timed
from tests.e2e.api import image

BURSTS, AT_ONCE = (100, 300), 8
CLIENTS, ROOM, ASKED = 64, 128, 384
READERS, PAGES = 16, 25
APPLIED = re.compile(
    r'apiserver_request_total\{[^}]*resource="(\w+)"[^}]*verb="APPLY"[^}]*\} (\d+)'
)


def in_parallel(count: int, do: Callable[[Any], Any], work: Iterable[Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(do, work))


def worker_seconds(fleet: Fleet) -> float:
    """Return the CPU seconds that the worker has taken."""
    info = fleet.demo.supervisor.control.getProcessInfo("slipway:worker")
    return cpu_seconds(info["pid"])


def writes(cluster: ClusterClient) -> Counter[str]:
    """Return how often each kind of object was applied, by anybody."""
    said = cluster.request("GET", "/metrics", most_bytes=64 * 1024**2).decode()
    found: Counter[str] = Counter()
    for resource, count in APPLIED.findall(said):
        found[resource] += int(count)
    return found


def test_burst_of_rollouts(fleet: Fleet, cluster: ClusterClient) -> None:
    names = [f"burst-{number}" for number in range(max(BURSTS))]
    services = in_parallel(AT_ONCE, lambda name: fleet.add_service(name, replicas=0), names)
    roll_out_all(fleet, services, "v0")
    rates = {}
    for number, count in enumerate(BURSTS, start=1):
        before, applied = worker_seconds(fleet), writes(cluster)
        with timed() as ours:
            roll_out_all(fleet, services[:count], f"v{number}")
        spent, applied = worker_seconds(fleet) - before, writes(cluster) - applied
        with timed() as theirs:
            in_parallel(AT_ONCE, partial(patch, cluster, number), names[:count])
        rates[count] = count / ours.wall_seconds
        floor = count / theirs.wall_seconds
        figures.append(
            Figure(
                f"burst of {count} rollouts; {spent / count * 1000:.0f} ms of the worker's CPU and "
                f"{sum(applied.values()) / count:.1f} writes each",
                f"{rates[count]:.1f}/s",
                f"PATCH of each Deployment {floor:.1f}/s",
                f"{rates[count] / floor:.2f}",
                "0.60",
                rates[count] >= 0.6 * floor,
            )
        )
    few, many = (rates[count] for count in BURSTS)
    figures.append(
        Figure(
            f"time per rollout in a burst of {BURSTS[1]}",
            milliseconds(1 / many),
            f"in one of {BURSTS[0]} {milliseconds(1 / few)}",
            f"{few / many:.2f}",
            "1.05",
            few / many <= 1.05,
        )
    )


def roll_out_all(fleet: Fleet, services: Sequence[str], version: str) -> None:
    """Roll a version out to all services at once, and wait until the last has it."""

    def start(service: str) -> None:
        fleet.api.post(f"{service}/rollouts", {"version": version}, expect=202)

    in_parallel(AT_ONCE, start, services)
    while fleet.api.get("rollouts", finished="false", project="bench", limit=1)["results"]:
        time.sleep(0.1)


def patch(cluster: ClusterClient, number: int, name: str) -> None:
    """Change the image of a Deployment's pods, as the least that a rollout does."""
    container = {"name": "model", "image": image("scorer", str(9 - number))}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    cluster.request(
        "PATCH",
        DEPLOYMENT.path(NAMESPACE, name),
        query={"fieldManager": "bench"},
        body=orjson.dumps(body),
        content_type="application/strategic-merge-patch+json",
    )


def test_web_processes(fleet: Fleet, tmp_path: Path) -> None:
    """What one web process answers, and what two do, on what else the machine does."""
    names = [f"paged-{number}" for number in range(50)]
    in_parallel(AT_ONCE, lambda name: fleet.add_service(name, replicas=0), names)
    port, rates = free_port(()), []
    with ExitStack() as stack:
        for number in (1, 2):
            own = free_port((port,))
            argv = (sys.executable, "-m", "slipway.web", f"--port={port}", f"--metrics-port={own}")
            web = Process(f"web-{number}", argv, partial(answers, own), fleet.demo.environment())
            stack.enter_context(running(web, logs=tmp_path))
            rates.append(pages_per_second(fleet, port))
    figures.append(
        Figure(
            f"pages of 50 services for {READERS} readers, two web processes",
            f"{rates[1]:.0f}/s",
            f"one {rates[0]:.0f}/s",
            f"{rates[1] / rates[0]:.2f}",
            "1.20",
            rates[1] >= 1.2 * rates[0],
        )
    )


def pages_per_second(fleet: Fleet, port: int) -> float:
    """Return how many pages all readers get per second, each on a connection of its own."""

    def read(_: int) -> None:
        with httpx.Client(headers=fleet.api.http.headers, trust_env=False) as http:
            for _ in range(PAGES):
                url = f"http://127.0.0.1:{port}/api/v1/projects/bench/services?limit=50"
                assert http.get(url).status_code == 200

    in_parallel(READERS, read, range(READERS))
    with timed() as timing:
        in_parallel(READERS, read, range(READERS))
    return READERS * PAGES / timing.wall_seconds


class Asked:
    """Answers to many who ask at once: how long each took, and how many were let in."""

    def __init__(self) -> None:
        self.admitted: list[float] = []
        self.refused: list[float] = []

    def ask(self, do: Callable[[Any], bool], work: Sequence[Any]) -> float:
        """Have all clients ask in parallel; return how many answers there were per second."""
        lock = threading.Lock()

        def one(item: Any) -> None:
            with timed() as timing:
                is_admitted = do(item)
            with lock:
                (self.admitted if is_admitted else self.refused).append(timing.wall_seconds)

        with timed() as whole:
            in_parallel(CLIENTS, one, work)
        return len(work) / whole.wall_seconds


def test_quota_decisions(fleet: Fleet, cluster: ClusterClient) -> None:
    limits = {"limits": {"cpu": str(ROOM), "pods": "2000"}}
    wish = {"name": "crowded", "cluster": "embedded", "quota": limits}
    fleet.api.post("projects/bench/environments", wish)
    place = "projects/bench/environments/crowded/services"
    requests = {"requests": {"cpu": "1", "memory": "16Mi"}, "limits": {"memory": "16Mi"}}
    names = [f"asking-{number}" for number in range(ROOM + ASKED)]

    def add(name: str) -> None:
        wish = {"name": name, "model": "scorer", "replicas": 1, "resources": requests}
        fleet.api.post(place, wish)

    in_parallel(AT_ONCE, add, names)
    http = httpx.Client(
        base_url=fleet.api.http.base_url,
        headers=fleet.api.http.headers,
        timeout=90,
        trust_env=False,
        limits=httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS),
    )

    def ask(name: str) -> bool:
        answer = http.post(f"{place}/{name}/rollouts", json={"version": "v0"})
        assert answer.status_code in (202, 403), answer.text
        return answer.status_code == 202

    ours, theirs = Asked(), Asked()
    admitted, refused = (ours.ask(ask, names[:ROOM]), ours.ask(ask, names[ROOM:]))
    assert len(ours.admitted) == ROOM, len(ours.admitted)

    namespace = "bench-quota"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    metadata = {"name": "all", "namespace": namespace}
    hard = {"spec": {"hard": {"requests.cpu": str(ROOM)}}}
    cluster.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, **hard})
    time.sleep(3)

    def create(name: str) -> bool:
        container = {"name": "model", "image": "x", "resources": {"requests": {"cpu": "1"}}}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"schedulerName": "nobody", "containers": [container]},
        }
        try:
            cluster.request("POST", POD.path(namespace), body=orjson.dumps(pod))
        except ClusterForbidden:
            return False
        return True

    peers = theirs.ask(create, names[:ROOM]), theirs.ask(create, names[ROOM:])
    for kind, rate, peer, seconds in (
        ("admitted", admitted, peers[0], ours.admitted),
        ("refused", refused, peers[1], ours.refused),
    ):
        p99 = percentile(seconds, 0.99)
        figures.append(
            Figure(
                f"rollouts {kind} for {CLIENTS} clients of one quota, p99 {milliseconds(p99)}",
                f"{rate:.0f}/s",
                f"pods {kind} by a ResourceQuota {peer:.0f}/s",
                f"{rate / peer:.2f}",
                "3.00, 100 ms",
                rate >= 3 * peer and p99 <= 0.1,
            )
        )
    quota = fleet.api.get("projects/bench/environments/crowded")["quota"]
    assert quota["reserved"]["cpu"] == str(ROOM), quota
