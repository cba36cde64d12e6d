"""A registered cluster behind a proxy that tests may cut, and its mirror."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import msgspec
import pytest

from clusters import informer
from clusters.credentials import seal
from clusters.informer import ClusterMirror
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster
from embedded.controlplane import ControlPlane
from tests.contract.tcp_proxy import TcpProxy


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[TcpProxy]:
    proxy = TcpProxy(control_plane.ports.take_once("apiserver"))
    yield proxy
    proxy.close()


@pytest.fixture
def cluster(control_plane: ControlPlane, proxy: TcpProxy) -> Cluster:
    """A registered cluster that is reached through the proxy."""
    access = parse_kubeconfig(control_plane.kubeconfig.read_text())
    access = msgspec.structs.replace(access, server=f"https://127.0.0.1:{proxy.port}")
    return Cluster.objects.create(
        name="c", server=access.server, credentials=seal(access, cluster="c")
    )


@pytest.fixture
def mirror(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterMirror]:
    """The informer's threads, with watches that are short and quick to find silence."""
    monkeypatch.setattr(informer, "WATCH_SECONDS", 3)
    monkeypatch.setattr(informer, "READ_SECONDS", 4.0)
    mirror = ClusterMirror(cluster)
    mirror.start()
    yield mirror
    mirror.end()


@pytest.fixture
def mirrors() -> Iterator[Callable[[Cluster], ClusterMirror]]:
    """Start the informer's threads of a cluster; they end with the test."""
    with ExitStack() as ends:

        def started(cluster: Cluster) -> ClusterMirror:
            mirror = ClusterMirror(cluster)
            mirror.start()
            ends.callback(mirror.end)
            return mirror

        yield started
