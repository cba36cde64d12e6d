"""A registered cluster behind a proxy that tests may cut, and its mirror."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import msgspec
import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.credentials import encrypt_access
from clusters.informer import ClusterMirror
from clusters.kinds import NAMESPACE
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster
from embedded.controlplane import ControlPlane
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.models import ModelService
from tests import factories
from tests.contract.caller import Caller
from tests.contract.kubectl import Kubectl
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
        name="c", server=access.server, credentials=encrypt_access(access, cluster="c")
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


@pytest.fixture
def environment(cluster: Cluster, client: ClusterClient) -> Iterator[Environment]:
    """An environment whose namespace is there."""
    environment = factories.make_environment(
        factories.make_project(f"truth-{uuid4().hex[:8]}"),
        cluster=cluster,
        phase=Environment.Phase.PENDING,
    )
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert environment.phase == Environment.Phase.READY
    yield environment
    client.delete(NAMESPACE, None, environment.namespace)


@pytest.fixture
def service(environment: Environment) -> ModelService:
    model = factories.make_model(environment.project)
    for version in ("1", "2", "3"):
        factories.make_version(model, version)
    return factories.make_service(
        environment, "scorer", model=model, replicas=2, progress_deadline_seconds=10
    )


@pytest.fixture
def caller(service: ModelService) -> Caller:
    return Caller(service)


@pytest.fixture
def kubectl(control_plane: ControlPlane, environment: Environment) -> Kubectl:
    return Kubectl(control_plane, environment.namespace)
