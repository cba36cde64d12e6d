"""Simulated GPU nodes: kwok plays their kubelets, their use of resources and their GPU metrics."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from embedded.ports import answers
from embedded.process import Process
from embedded.tools import GO_MODULE, Tools


@dataclass(frozen=True)
class Shape:
    """A kind of node and how many of it there are."""

    name: str
    count: int
    cpu: str
    memory: str
    gpus: int = 0
    gpu_product: str = ""
    gpu_memory_mib: int = 0


# A dozen nodes: three kinds of GPU and a pool without.
SHAPES = (
    Shape("t4", 4, "32", "128Gi", 4, "Tesla-T4", 15_360),
    Shape("a10", 3, "64", "256Gi", 8, "NVIDIA-A10", 23_028),
    Shape("v100", 2, "48", "192Gi", 2, "Tesla-V100-SXM2-32GB", 32_768),
    Shape("cpu", 3, "64", "256Gi"),
)


# What every simulated container is said to have written.
SAMPLE_LOG = (
    "This pod is simulated: no container runs, and this sample is the log of every simulated pod.",
    "\x1b[32mINFO\x1b[0m  loading model from /models/current",
    "\x1b[33mWARN\x1b[0m  batch size 32 does not fit the card's memory, using 16",
    '{"level": "info", "message": "warmed up", "seconds": 1.84}',
    "\x1b[31mERROR\x1b[0m request 7f3a refused: the input has 511 features, 512 are expected",
    "\x1b[32mINFO\x1b[0m  ready, listening on 0.0.0.0:8080",
)
SAMPLE_PREVIOUS_LOG = (
    "This pod is simulated: no container ran, and this sample is the previous log of every one.",
    "\x1b[32mINFO\x1b[0m  loading model from /models/current",
    "\x1b[31mFATAL\x1b[0m the model file is cut short",
)


def kwok(tools: Tools, kubeconfig: Path, port: int) -> Process:
    """Describe the simulator; its port serves the metrics and the logs of all nodes."""
    folder = GO_MODULE / "kwok"
    return Process(
        name="nodes",
        argv=(
            tools.path("kwok"),
            f"--kubeconfig={kubeconfig}",
            f"--config={folder / 'stages.yaml'}",
            f"--config={folder / 'usage.yaml'}",
            f"--config={sample_logs(kubeconfig.parent)}",
            "-v=ERROR",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            "--node-lease-duration-seconds=40",
            f"--server-address=127.0.0.1:{port}",
            # Where the API server asks for logs.
            "--node-ip=127.0.0.1",
            f"--node-port={port}",
        ),
        is_ready=lambda: answers(port),
    )


def sample_logs(folder: Path) -> Path:
    """Write the logs of simulated containers, and what tells the simulator of them."""
    files = {}
    for name, lines in {"logsFile": SAMPLE_LOG, "previousLogsFile": SAMPLE_PREVIOUS_LOG}.items():
        files[name] = str(folder / f"simulated.{name}")
        began = datetime.now(UTC) - timedelta(seconds=len(lines))
        Path(files[name]).write_text("".join(map(cri_line, times_from(began), lines)))
    config = folder / "simulated-logs.json"
    metadata = {"name": "simulated"}
    document = {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": metadata,
        "spec": {"logs": [{**files, "follow": True}]},
    }
    config.write_text(json.dumps(document))
    return config


def times_from(began: datetime) -> Iterator[datetime]:
    """Yield a moment a second."""
    for number in count():
        yield began + timedelta(seconds=number)


def cri_line(at: datetime, text: str) -> str:
    """Return a line as a container runtime keeps it: when, which stream, whole, and its text."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z stdout F {text}\n"


def manifests(shapes: tuple[Shape, ...] = SHAPES) -> Iterator[dict[str, Any]]:
    """Yield the Node objects of all shapes."""
    for shape in shapes:
        for number in range(1, shape.count + 1):
            yield node(shape, f"{shape.name}-{number}")


def node(shape: Shape, name: str) -> dict[str, Any]:
    """Build one simulated node."""
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "slipway.dev/simulated": "true",
        "slipway.dev/pool": shape.name,
    }
    resources = {"cpu": shape.cpu, "memory": shape.memory, "pods": "110"}
    if shape.gpus:
        labels["nvidia.com/gpu.product"] = shape.gpu_product
        labels["nvidia.com/gpu.count"] = str(shape.gpus)
        labels["nvidia.com/gpu.memory"] = str(shape.gpu_memory_mib)
        resources["nvidia.com/gpu"] = str(shape.gpus)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"capacity": resources, "allocatable": resources},
    }


def create_nodes(tools: Tools, kubeconfig: Path, shapes: tuple[Shape, ...] = SHAPES) -> None:
    """Create the nodes that do not exist yet."""
    document = {"apiVersion": "v1", "kind": "List", "items": list(manifests(shapes))}
    command = [tools.path("kubectl"), f"--kubeconfig={kubeconfig}", "apply", "-f", "-"]
    # To compare and check them itself, kubectl would first read the API's whole description: 1.4 s
    # of a core in place of 0.1 s.
    command += ["--server-side", "--force-conflicts", "--validate=false"]
    subprocess.run(
        command, input=json.dumps(document), text=True, check=True, stdout=subprocess.DEVNULL
    )
