"""The figures of tests/bench/README.md; `make bench` prints them as a table."""

import threading
import time
from contextlib import suppress
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from kubernetes.client import ApiClient

from clusters import manifests
from clusters.client import ClusterClient
from clusters.informer import Reader
from clusters.kinds import DEPLOYMENT, POD
from clusters.kubeconfig import parse_kubeconfig
from clusters.manifests import Identity, Scale, ServiceSpec, Stamp
from clusters.mirror import ALL_MIRRORED
from embedded.demo import Demo
from tests.bench.fleet import NAMESPACE, REPLICAS, Fleet
from tests.bench.measure import Figure, figures, median, milliseconds, percentile, timed
from tests.e2e.api import image

PAIRS, SUBMITS, EVENTS, DECODED, LISTED = 6, 60, 60, 2_000, 200


@pytest.fixture(scope="module")
def cluster(stack: Demo) -> ClusterClient:
    return ClusterClient(parse_kubeconfig(stack.kubeconfig.read_text()))


def native_deployment(version: str) -> manifests.Manifest:
    """The same pods as ours, as somebody would apply them by hand."""
    requests = {"cpu": "100m", "memory": "128Mi"}
    spec = ServiceSpec(
        model="scorer",
        version=version,
        image=image("scorer", version[-1]),
        protocol="http",
        port=8080,
        requests=requests,
        limits={},
        env={"VERSION": version},
    )
    who = Identity(
        project="bench",
        environment="production",
        namespace=NAMESPACE,
        service="native",
        service_id="00000000-0000-0000-0000-000000000000",
    )
    stamp = Stamp(revision=1, rollout="", epoch=0)
    return manifests.deployment(who, spec, Scale(replicas=REPLICAS), stamp)


def test_rollout_completion(fleet: Fleet) -> None:
    service = fleet.add_service("ours")
    ours, native = [], []
    for number in range(PAIRS + 1):
        version = f"v{number}"
        with timed() as mine:
            fleet.roll_out(service, version)
        with timed() as theirs:
            fleet.kubectl("apply", "-f", "-", manifest=native_deployment(version))
            fleet.kubectl("rollout", "status", "deployment/native", "--namespace", NAMESPACE)
        if number:
            ours.append(mine.wall_seconds)
            native.append(theirs.wall_seconds)
    added = median(a - b for a, b in zip(ours, native, strict=True))
    figures.append(
        Figure(
            f"rolling update of {REPLICAS} pods, median of {PAIRS} pairs",
            f"{median(ours):.2f} s",
            f"kubectl apply + rollout status {median(native):.2f} s",
            f"{median(ours) / median(native):.2f}, {added * 1000:+.0f} ms",
            "+250 ms",
            added <= 0.25,
        )
    )


def test_submit_to_patched_object(fleet: Fleet, cluster: ClusterClient) -> None:
    service = fleet.add_service("submitted", replicas=0)
    fleet.roll_out(service, "v0")
    seen: dict[int, float] = {}
    threading.Thread(target=note_replicas, args=(cluster, "submitted", seen), daemon=True).start()
    time.sleep(1)
    ours, direct = [], []
    for number in range(1, SUBMITS + 1):
        replicas = number % 2
        seen.clear()
        started = time.perf_counter()
        rollout = fleet.api.post(f"{service}/scale", {"replicas": replicas}, expect=202)
        ours.append(arrival(seen, replicas) - started)
        fleet.api.wait(rollout)
        with timed() as floor:
            cluster.get(DEPLOYMENT, NAMESPACE, "submitted")
        direct.append(floor.wall_seconds)
    p99 = percentile(ours, 0.99)
    figures.append(
        Figure(
            f"POST to patched Deployment, p99 of {SUBMITS} (median {milliseconds(median(ours))})",
            milliseconds(p99),
            f"one GET of it {milliseconds(median(direct))}",
            f"{p99 / median(direct):.1f}",
            "100 ms",
            p99 <= 0.1,
        )
    )


def note_replicas(cluster: ClusterClient, name: str, seen: dict[int, float]) -> None:
    """Note when a watcher sees each number of replicas in the spec."""
    with suppress(Exception):
        query = {"fieldSelector": f"metadata.name={name}"}
        for line in cluster.watch(DEPLOYMENT, seconds=600, read_seconds=600, **query):
            event = orjson.loads(line)
            if event["type"] in ("ADDED", "MODIFIED"):
                seen.setdefault(event["object"]["spec"]["replicas"], time.perf_counter())


def arrival(seen: dict[int, float], replicas: int) -> float:
    """Wait for a number of replicas to be seen."""
    ends_at = time.perf_counter() + 10
    while replicas not in seen:
        assert time.perf_counter() < ends_at, "never patched"
        time.sleep(0.0005)
    return seen[replicas]


def test_watch_decode(fleet: Fleet, cluster: ClusterClient) -> None:
    pods = orjson.loads(cluster.list(POD))["items"]
    lines = [orjson.dumps({"type": "MODIFIED", "object": pod}) for pod in pods]
    events = [lines[number % len(lines)] for number in range(DECODED)]
    what = next(kind for kind in ALL_MIRRORED if kind.kind is POD)
    reader = Reader(cluster, what, None, "1")  # type: ignore[arg-type]
    with timed() as ours:
        for line in events:
            list(reader.changes_in(line))
    typed = ApiClient()
    with timed() as theirs:
        for line in events[: DECODED // 10]:
            # What the client library does for each event of a watch.
            body = orjson.dumps(orjson.loads(line)["object"]).decode()
            typed.deserialize(body, "V1Pod", "application/json")
    mine, peer = ours.cpu_seconds / DECODED, theirs.cpu_seconds / (DECODED // 10)
    figures.append(
        Figure(
            f"CPU per watch event, from line to row, {DECODED} events",
            f"{mine * 1e6:.0f} µs",
            f"typed client {peer * 1e6:.0f} µs",
            f"{peer / mine:.0f} times cheaper",
            "20 times",
            peer / mine >= 20,
        )
    )


def test_event_to_row_and_to_listener(fleet: Fleet, cluster: ClusterClient) -> None:
    service = fleet.add_service("watched", replicas=1)
    fleet.roll_out(service, "v0")
    heard: list[float] = []
    threading.Thread(target=listen, args=(fleet, heard), daemon=True).start()
    time.sleep(1)
    rows, listeners = [], []
    with psycopg.connect(fleet.demo.database_url, autocommit=True) as database:
        for number in range(EVENTS):
            heard.clear()
            started = touch(cluster, number)
            rows.append(row_seen(database, number) - started)
    for number in range(EVENTS // 4):
        heard.clear()
        started = time.perf_counter()
        fleet.api.post(f"{service}/scale", {"replicas": 1 + number % 2}, expect=202)
        listeners.append(first(heard) - started)
        wait_until_idle(fleet, service)
    figures.append(
        Figure(
            f"event to committed row, p99 of {EVENTS} (median {milliseconds(median(rows))})",
            milliseconds(percentile(rows, 0.99)),
            "polling every 10 s: 5 s on average",
            f"{5 / median(rows):.0f} times fresher",
            "100 ms",
            percentile(rows, 0.99) <= 0.1,
        )
    )
    figures.append(
        Figure(
            f"change to SSE listener, p99 of {len(listeners)}",
            milliseconds(percentile(listeners, 0.99)),
            "polling every 10 s: 5 s on average",
            f"{5 / median(listeners):.0f} times fresher",
            "250 ms",
            percentile(listeners, 0.99) <= 0.25,
        )
    )


def touch(cluster: ClusterClient, number: int) -> float:
    """Change a Deployment without touching its pods; return when."""
    started = time.perf_counter()
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": "native",
                "namespace": NAMESPACE,
                "annotations": {"bench": str(number)},
            },
            "spec": native_deployment("v1")["spec"] | {"minReadySeconds": number % 7},
        }
    )
    body = cluster.get(DEPLOYMENT, NAMESPACE, "native") or b"{}"
    touch.generation = orjson.loads(body)["metadata"]["generation"]  # type: ignore[attr-defined]
    return started


def row_seen(database: Any, number: int) -> float:
    """Wait until the mirror has the last change."""
    wanted = touch.generation  # type: ignore[attr-defined]
    query = "SELECT generation FROM clusters_workload WHERE kind = 'Deployment' AND name = 'native'"
    ends_at = time.perf_counter() + 10
    while True:
        found = database.execute(query).fetchone()
        if found and found[0] >= wanted:
            return time.perf_counter()
        assert time.perf_counter() < ends_at, f"change {number} never arrived"
        time.sleep(0.001)


def listen(fleet: Fleet, heard: list[float]) -> None:
    """Note when an SSE client hears anything."""
    headers = {"Authorization": fleet.api.http.headers["Authorization"]}
    with (
        suppress(Exception),
        httpx.stream(
            "GET", f"{fleet.demo.url}/api/v1/stream", headers=headers, timeout=600
        ) as stream,
    ):
        for line in stream.iter_lines():
            if line.startswith("data:"):
                heard.append(time.perf_counter())


def first(heard: list[float]) -> float:
    """Wait until something was heard."""
    ends_at = time.perf_counter() + 10
    while not heard:
        assert time.perf_counter() < ends_at, "nothing was heard"
        time.sleep(0.001)
    return heard[0]


def wait_until_idle(fleet: Fleet, service: str) -> None:
    """Wait for the service's rollout to end."""
    running = fleet.api.get(service)["rollout"]
    if running:
        fleet.api.wait(running)


def test_list_of_fifty_services(fleet: Fleet) -> None:
    for number in range(50):
        fleet.add_service(f"listed-{number}", replicas=0)
    ours, floor = [], []
    for _ in range(LISTED):
        with timed() as mine:
            page = fleet.api.get("projects/bench/services", limit=50)
        with timed() as theirs:
            fleet.api.http.get(f"{fleet.demo.url}/healthz")
        ours.append(mine.wall_seconds)
        floor.append(theirs.wall_seconds)
    assert len(page["results"]) == 50
    p99 = percentile(ours, 0.99)
    figures.append(
        Figure(
            f"list of 50 services, p99 of {LISTED} (median {milliseconds(median(ours))})",
            milliseconds(p99),
            f"/healthz {milliseconds(median(floor))}",
            f"{median(ours) / median(floor):.1f}",
            "30 ms",
            p99 <= 0.03,
        )
    )
