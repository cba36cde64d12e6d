"""The figures of tests/bench/README.md; `make bench` prints them as a table."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import orjson
import psycopg
from kubernetes.client import ApiClient

from clusters.client import ClusterClient
from clusters.informer import Reader
from clusters.kinds import DEPLOYMENT, POD, Manifest
from clusters.mirror import ALL_MIRRORED
from serving.manifests import workload
from serving.manifests.spec import Identity, Scale, ServiceSpec, Stamp
from tests.bench.fleet import NAMESPACE, REPLICAS, Fleet
from tests.bench.measure import Figure, figures, median, milliseconds, percentile, timed
from tests.e2e.api import image

PAIRS, SUBMITS, EVENTS, DECODED, LISTED = 6, 100, 200, 2_000, 200


def native_deployment(version: str) -> Manifest:
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
    return workload.deployment(who, spec, Scale(replicas=REPLICAS), stamp)


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
    row, listener, bare = Arrivals(), Arrivals(), Arrivals()
    row.follow(rows_of, fleet, "watched")
    listener.follow(messages_of, fleet, fleet.api.get(service)["id"])
    bare.follow(watch_events_of, cluster, "watched")
    for number in range(EVENTS):
        # The stream says that a service changed, not which change: the one before has to be over.
        time.sleep(0.3)
        started = time.perf_counter()
        version = touch(cluster, "watched", number)
        for arrivals in (bare, row, listener):
            arrivals.note(version, started)
    for arrivals in (bare, row, listener):
        arrivals.is_over.set()
    for arrivals, name, goal in ((row, "committed row", 0.1), (listener, "SSE client", 0.25)):
        p99, middle = percentile(arrivals.seconds, 0.99), median(arrivals.seconds)
        floor = median(bare.seconds)
        figures.append(
            Figure(
                f"cluster event to {name}, p99 of {EVENTS} (median {milliseconds(middle)})",
                milliseconds(p99),
                f"a bare watch of it {milliseconds(floor)}",
                f"{middle / floor:.1f}",
                milliseconds(goal),
                p99 <= goal,
            )
        )


def touch(cluster: ClusterClient, name: str, number: int) -> int:
    """Change a Deployment without touching its pods; return its version."""
    body = cluster.request(
        "PATCH",
        DEPLOYMENT.path(NAMESPACE, name),
        query={"fieldManager": "bench"},
        body=orjson.dumps({"metadata": {"annotations": {"bench": str(number)}}}),
        content_type="application/merge-patch+json",
    )
    return int(orjson.loads(body)["metadata"]["resourceVersion"])


class Arrivals:
    """When something that is told of changes heard of each."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, float]] = []
        self.seconds: list[float] = []
        self.is_over = threading.Event()

    def follow(self, source: Any, *arguments: Any) -> None:
        """Listen in the background, from now on until it is over."""
        is_listening = threading.Event()

        def run() -> None:
            with suppress(Exception):
                for version in source(is_listening, *arguments):
                    if self.is_over.is_set():
                        return
                    if version is not None:
                        self.heard.append((version, time.perf_counter()))

        threading.Thread(target=run, daemon=True).start()
        assert is_listening.wait(10)

    def note(self, version: int, started: float) -> None:
        """Wait until a version was heard of, and keep how long that took."""
        ends_at = time.perf_counter() + 10
        while True:
            for heard, at in self.heard:
                if at >= started and heard >= version:
                    self.seconds.append(at - started)
                    return
            assert time.perf_counter() < ends_at, f"{version} never arrived"
            time.sleep(0.0005)


def watch_events_of(listening: threading.Event, cluster: ClusterClient, name: str) -> Iterator[int]:
    """Yield the versions that a watch tells of."""
    query = {"fieldSelector": f"metadata.name={name}"}
    for line in cluster.watch(DEPLOYMENT, seconds=600, read_seconds=600, **query):
        listening.set()
        yield int(orjson.loads(line)["object"]["metadata"]["resourceVersion"])


def rows_of(listening: threading.Event, fleet: Fleet, name: str) -> Iterator[int | None]:
    """Yield the versions that the mirror has; None whenever a look finds nothing new."""
    query = """
        SELECT resource_version FROM clusters_workload WHERE kind = 'Deployment' AND name = %s
    """
    last = 0
    with psycopg.connect(fleet.demo.database_url, autocommit=True) as database:
        while True:
            (version,) = database.execute(query, [name]).fetchone() or (0,)
            listening.set()
            yield version if version > last else None
            last = version
            time.sleep(0.002)


def messages_of(listening: threading.Event, fleet: Fleet, service_id: str) -> Iterator[int]:
    """Yield infinity whenever the stream tells of a service: it says what changed, not how."""
    headers = {"Authorization": fleet.api.http.headers["Authorization"]}
    url = f"{fleet.demo.url}/api/v1/stream"
    with httpx.stream("GET", url, headers=headers, timeout=600) as stream:
        listening.set()
        for line in stream.iter_lines():
            if line.startswith("data:") and service_id in line:
                yield sys.maxsize


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
