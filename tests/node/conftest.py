"""A real node: containerd and a kubelet on this machine, joined to an embedded control plane."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from embedded.controlplane import ControlPlane
from embedded.demo import Demo
from embedded.home import Home
from embedded.ports import Ports
from embedded.process import Process, running
from embedded.prometheus import prometheus
from embedded.tools import Tools
from tests import debian
from tests.e2e.api import Api
from tests.node import footprint, machine
from tests.node.catalogue import Catalogue, build_catalogue
from tests.node.containerd import containerd, import_images
from tests.node.eventually import eventually
from tests.node.kubelet import CARDS, NODE, kubelet, scrape_configs
from tests.node.kubernetes import Kubernetes

LOCK = Path("/run/lock/slipway-test-node")
LOGS_FROM_KUBELET = ("--kubelet-preferred-address-types=InternalIP",)


def run(process: Process) -> AbstractContextManager[object]:
    """Run a part of the node for the length of a block."""
    return running(footprint.contained(process), logs=footprint.HOME / "logs")


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Take the machine for one node, clean before and after."""
    if reason := machine.why_not():
        pytest.skip(f"No real containers on this machine: {reason}")
    debian.install(machine.PACKAGES)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        footprint.tear_down()
        try:
            footprint.set_up()
            yield footprint.HOME
        finally:
            footprint.tear_down()


@pytest.fixture(scope="session")
def ports(home: Path) -> Ports:
    """Return the loopback ports of this run."""
    return Ports(home / "ports.json")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Train the models and build their images."""
    return build_catalogue()


@pytest.fixture(scope="session")
def control_plane(home: Path, tools: Tools, ports: Ports) -> Iterator[ControlPlane]:
    """Run the embedded control plane."""
    plane = ControlPlane(tools, home / "control-plane", ports, LOGS_FROM_KUBELET)
    with ExitStack() as parts:
        for process in plane.processes():
            parts.enter_context(run(process))
        yield plane


@pytest.fixture(scope="session")
def kubernetes(control_plane: ControlPlane) -> Iterator[Kubernetes]:
    """Return the admin's view of the cluster."""
    with Kubernetes(control_plane) as kubernetes:
        yield kubernetes


@pytest.fixture(scope="session")
def node(
    control_plane: ControlPlane, kubernetes: Kubernetes, catalogue: Catalogue
) -> Iterator[str]:
    """Join this machine to the cluster as a node that has the images; return its name."""
    daemon = containerd(catalogue.pause)
    agent = kubelet(control_plane.tools, control_plane.kubeconfig)
    with run(daemon), run(agent):
        import_images(catalogue.images)
        eventually(
            lambda: kubernetes.is_node_ready(NODE), within_seconds=60, what="the node is ready"
        )
        kubernetes.patch(f"/api/v1/nodes/{NODE}/status", {"status": {"capacity": CARDS}})
        yield NODE


@pytest.fixture(scope="session")
def prometheus_url(node: str, home: Path, tools: Tools, ports: Ports) -> Iterator[str]:
    """Run a Prometheus that scrapes the node's kubelet."""
    port = ports.take("prometheus")
    server = prometheus(tools, home / "prometheus", port, scrape_configs())
    with run(server):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def slipway(
    control_plane: ControlPlane,
    prometheus_url: str,
) -> Iterator[Api]:
    """Run web, worker, beat and informer, with the node's cluster in place of simulated ones."""
    cluster = {"KUBECONFIG": str(control_plane.kubeconfig), "PROMETHEUS_URL": prometheus_url}
    brought = {**os.environ, **cluster}
    demo = Demo(Home(footprint.HOME / "slipway"), control_plane.tools, brought)
    token = json.loads(demo.manage("bootstrap", stdin=lambda: '{"username": "admin"}'))["token"]
    with ExitStack() as parts:
        for process in demo.application():
            parts.enter_context(run(process))
        yield Api(demo, token)
