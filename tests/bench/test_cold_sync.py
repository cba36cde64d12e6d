"""The figures of a mirror's beginning: 1,200 nodes and 6,250 pods of a real API server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import urllib3

from clusters.mirror import ALL_MIRRORED
from embedded.controlplane import ControlPlane
from embedded.home import CHECKOUT
from embedded.nodes import Shape, node
from embedded.tools import Tools
from tests.bench.measure import Figure, figures, median, timed
from tests.contract.own_plane import OwnPlane

NODES, PODS, NAMESPACES, PAIRS, PAGE = 1_200, 6_250, 50, 3, 500
MOST_RATIO, FIRST_SECONDS = 2.0, 1.5
MOST_MEBIBYTES = 60 + 5 * PODS / 1000
CROWD = Shape("crowd", NODES, "64", "256Gi", 8, "NVIDIA-A10", 23_028)


class PlainClient:
    """Reads and writes of an API server as its admin, and nothing more."""

    def __init__(self, plane: ControlPlane) -> None:
        self.url = plane.url
        self.headers = {"Authorization": f"Bearer {plane.token}"}
        self.pool = urllib3.PoolManager(ca_certs=str(plane.certificate), maxsize=16)

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        headers = {**self.headers, "Content-Type": "application/json"}
        text = orjson.dumps(body) if body else None
        answer = self.pool.request(method, self.url + path, body=text, headers=headers)
        assert answer.status < 300, answer.data[:300]
        return answer.data

    def read_lists(self) -> None:
        """Read every kind that is mirrored, page by page."""
        for what in ALL_MIRRORED:
            following = ""
            while True:
                page = self.send("GET", f"{what.kind.path(None)}?limit={PAGE}{following}")
                mark = page[:2_000].partition(b'"continue":"')[2].partition(b'"')[0]
                if not mark:
                    break
                following = f"&continue={mark.decode()}"

    def fill(self) -> None:
        """Make nodes, and pods that run on them."""
        with ThreadPoolExecutor(8) as pool:
            for number in range(NAMESPACES):
                name = {"metadata": {"name": f"crowd-{number}"}}
                self.send("POST", "/api/v1/namespaces", name)
            nodes = (node(CROWD, f"crowd-{number}") for number in range(NODES))
            list(pool.map(lambda one: self.send("POST", "/api/v1/nodes", one), nodes))
            list(pool.map(self.add_pod, range(PODS)))

    def add_pod(self, number: int) -> None:
        """Make a pod of about 5 kB that says it runs."""
        path = f"/api/v1/namespaces/crowd-{number % NAMESPACES}/pods"
        made = orjson.loads(self.send("POST", path, pod(number)))
        state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
        says = {"name": "model", "image": "x", "imageID": "x", "ready": True, "state": state}
        made["status"] = {
            "phase": "Running",
            "conditions": [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Ready")],
            "containerStatuses": [{**says, "restartCount": 0}],
        }
        self.send("PUT", f"{path}/{made['metadata']['name']}/status", made)


def pod(number: int) -> dict[str, Any]:
    """Return a pod as a Deployment's would be."""
    resources = {"requests": {"cpu": "500m", "memory": "1Gi", "nvidia.com/gpu": "1"}}
    container = {
        "name": "model",
        "image": "models.example.com/crowd/scorer:1",
        "env": [{"name": f"VARIABLE_{n}", "value": "v" * 60} for n in range(20)],
        "resources": {**resources, "limits": {"nvidia.com/gpu": "1"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    labels = {"app.kubernetes.io/name": "scorer", "pod-template-hash": "7d4b9c6f5"}
    return {
        "metadata": {"name": f"scorer-7d4b9c6f5-{number}", "labels": labels},
        "spec": {"nodeName": f"crowd-{number % NODES}", "containers": [container]},
    }


@pytest.fixture(scope="module")
def crowd(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPlane]:
    plane = OwnPlane(tools, tmp_path_factory.mktemp("crowd") / "plane")
    with plane.parts:
        PlainClient(plane.plane).fill()
        yield plane


def sync(kubeconfig: Path) -> dict[str, float]:
    """Mirror into a database that has only tables."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    address = {"DATABASE_URL": f"{server}/crowd", "DJANGO_SETTINGS_MODULE": "slipway.settings"}
    paths = {"PYTHONPATH": f"{CHECKOUT / 'apps'}:{CHECKOUT / 'platform'}"}
    environment = {**os.environ, **address, **paths}
    with psycopg.connect(f"{server}/postgres", autocommit=True) as session:
        session.execute("DROP DATABASE IF EXISTS crowd WITH (FORCE)")
        session.execute("CREATE DATABASE crowd")
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(migrate, cwd=CHECKOUT, env=environment, check=True)
    command = [sys.executable, "-m", "tests.bench.cold_sync", str(kubeconfig), str(PODS)]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE
    )
    took: dict[str, float] = orjson.loads(done.stdout)
    return took


def test_cold_sync(crowd: OwnPlane) -> None:
    """The whole mirror from nothing, in turns with a client that reads the same lists."""
    client, ours, raw = PlainClient(crowd.plane), [], []
    for _ in range(PAIRS):
        with timed() as timing:
            client.read_lists()
        raw.append(timing.wall_seconds)
        ours.append(sync(crowd.plane.kubeconfig))
    assert all(took["is whole"] for took in ours)
    whole, lists = median(took["synced"] for took in ours), median(raw)
    first = median(max(took["first node"], took["first pod"]) for took in ours)
    above = median(took["peak"] - took["floor"] for took in ours)
    figures.append(
        Figure(
            f"cold sync of {PODS} pods and {NODES} nodes, median of {PAIRS}",
            f"{whole:.1f} s",
            f"the same lists, read and not looked at {lists:.1f} s",
            f"{whole / lists:.2f}",
            f"{MOST_RATIO}",
            whole <= MOST_RATIO * lists,
        )
    )
    figures.append(
        Figure(
            "first rows of nodes and of pods of it",
            f"{first:.2f} s",
            "-",
            "-",
            f"{FIRST_SECONDS} s",
            first <= FIRST_SECONDS,
        )
    )
    floor = median(took["floor"] for took in ours)
    figures.append(
        Figure(
            "memory of it at most, above what is imported",
            f"{above:.0f} MB",
            f"imported {floor:.0f} MB",
            "-",
            f"{MOST_MEBIBYTES:.0f} MB",
            above <= MOST_MEBIBYTES,
        )
    )
