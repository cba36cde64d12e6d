"""The real parts that tests run against; each starts when the first test asks for it."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clusters.client import ClusterClient
from clusters.kubeconfig import parse_kubeconfig
from core.supervision import FAULTS
from embedded.controlplane import ControlPlane
from embedded.demo import Demo
from embedded.home import CHECKOUT, Home
from embedded.nodes import create_nodes, kwok
from embedded.ports import Ports
from embedded.process import running
from embedded.tools import Tools, ensure_tools
from tests.e2e.browser import chromium

pytest_plugins = ["tests.emptied", "tests.prometheus.server", "tests.unrun"]
LONGEST = ("tests/faults", "tests/crash", "tests/e2e", "tests/contract")
LONGEST_SECONDS = 600


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what runs whole clusters first; of two processes that test none then ends alone.

    The first test that needs one also waits until all of it is up.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    for item in items:
        if item.nodeid.startswith(LONGEST) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest.fixture(autouse=True)
def no_faults_of_others() -> None:
    """What the loops of an earlier test met is no news of this one."""
    FAULTS.take()


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The cluster's programs, built where they are absent."""
    return ensure_tools()


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder with a short path that PostgreSQL's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="slipway-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def control_plane(tools: Tools, folder: Path) -> Iterator[ControlPlane]:
    """A Kubernetes control plane with simulated GPU nodes."""
    home = folder / "control-plane"
    home.mkdir()
    plane = ControlPlane(tools, home, Ports(home / "ports.json"))
    with ExitStack() as parts:
        for process in plane.processes():
            parts.enter_context(running(process, logs=home / "logs"))
        nodes = kwok(tools, plane.kubeconfig, plane.ports.take_once("nodes"))
        parts.enter_context(running(nodes, logs=home / "logs"))
        create_nodes(tools, plane.kubeconfig)
        yield plane


@pytest.fixture(scope="session")
def client(control_plane: ControlPlane) -> ClusterClient:
    """Our client of the control plane, as its admin."""
    return ClusterClient(parse_kubeconfig(control_plane.kubeconfig.read_text()))


@pytest.fixture(scope="session")
def dashboard() -> None:
    """The dashboard as it is served, built where it is absent or older than its source."""
    subprocess.run(["make", "--silent", "frontend/dist/index.html"], cwd=CHECKOUT, check=True)


@pytest.fixture(scope="session")
def stack(tools: Tools, dashboard: None, folder: Path) -> Iterator[Demo]:
    """All of Slipway as `make demo` runs it, in a home of its own; no story is told."""
    demo = Demo(Home(folder / "stack"), tools)
    try:
        demo.bring_up()
        yield demo
    finally:
        demo.supervisor.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; it runs an event loop in our thread, which other modules could not bear."""
    if reason := chromium.why_not():
        pytest.skip(f"No browser on this machine: {reason}")
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch that lasts as long as the run."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
