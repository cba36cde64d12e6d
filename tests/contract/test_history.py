"""A cluster whose etcd was restored from a backup: its resource versions go back."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.credentials import seal
from clusters.informer import ClusterMirror
from clusters.kinds import NODE, POD, Kind
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster, MirrorCursor, Node, Pod
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from embedded.ports import Ports
from embedded.process import Process, running
from embedded.tools import Tools
from tests.contract.tcp_proxy import TcpProxy

pytestmark = pytest.mark.django_db(transaction=True)


class Restorable:
    """An API server and its etcd, whose data can be put back to what they were."""

    def __init__(self, tools: Tools, home: Path) -> None:
        # Nothing runs here but the API: pods need no account, nodes no kubelet.
        flags = ("--disable-admission-plugins=ServiceAccount",)
        self.plane = ControlPlane(tools, home, Ports(home / "ports.json"), flags)
        self.data, self.kept = home / "etcd", home / "kept"
        self.parts = ExitStack()
        self.etcd = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start both; return etcd."""
        etcd = self.run(self.plane.etcd())
        self.run(self.plane.apiserver())
        return etcd

    def run(self, process: Process) -> "subprocess.Popen[bytes]":
        return self.parts.enter_context(running(process, logs=self.plane.home / "logs"))

    def back_up(self) -> None:
        """Copy the data as they are at one moment."""
        self.etcd.send_signal(signal.SIGSTOP)
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.data, self.kept)
        self.etcd.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        """Start again from the copy."""
        self.parts.close()
        shutil.rmtree(self.data)
        self.kept.rename(self.data)
        self.etcd = self.start()


@pytest.fixture(scope="module")
def restorable(tools: Tools, folder: Path) -> Iterator[Restorable]:
    home = folder / "restorable"
    home.mkdir()
    restorable = Restorable(tools, home)
    yield restorable
    restorable.parts.close()


@pytest.fixture
def client(restorable: Restorable) -> ClusterClient:
    return ClusterClient(parse_kubeconfig(restorable.plane.kubeconfig.read_text()))


@pytest.fixture
def proxy(restorable: Restorable) -> Iterator[TcpProxy]:
    proxy = TcpProxy(restorable.plane.ports.take_once("apiserver"))
    yield proxy
    proxy.close()


@pytest.fixture
def cluster(restorable: Restorable, proxy: TcpProxy) -> Cluster:
    access = parse_kubeconfig(restorable.plane.kubeconfig.read_text())
    access = msgspec.structs.replace(access, server=f"https://127.0.0.1:{proxy.port}")
    credentials = seal(access, cluster="c")
    return Cluster.objects.create(name="c", server=access.server, credentials=credentials)


@pytest.fixture(autouse=True)
def short_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(informer, "WATCH_SECONDS", 3)


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


def pod(name: str, **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "models.example.com/x:1"}]},
    }


def versions(client: ClusterClient, kind: Kind) -> dict[str, int]:
    items = orjson.loads(client.list(kind))["items"]
    return {i["metadata"]["name"]: int(i["metadata"]["resourceVersion"]) for i in items}


def mirrored(model: Any) -> dict[str, int]:
    return dict(model.objects.values_list("name", "resource_version"))


def is_right(client: ClusterClient) -> bool | None:
    same = [mirrored(model) == versions(client, kind) for model, kind in KINDS]
    return all(same) or None


KINDS = ((Pod, POD), (Node, NODE))


@pytest.mark.parametrize("is_watching", [True, False], ids=["while it watches", "while it is away"])
def test_the_mirror_follows_a_history_that_went_back(
    cluster, client, restorable, mirrors, is_watching
):
    client.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
    for name in ("kept", "changed", "deleted"):
        client.apply(pod(name))
    mirror = mirrors(cluster)
    assert wait_until(lambda: is_right(client), timeout_seconds=15)

    restorable.back_up()
    client.apply(pod("changed", it="is-another"))
    client.delete(POD, "default", "deleted")
    for number in range(20):
        client.apply(pod("lost", time=str(number)))
    assert wait_until(lambda: is_right(client), timeout_seconds=15)
    places = {cursor.kind: int(cursor.resource_version) for cursor in MirrorCursor.objects.all()}
    if not is_watching:
        mirror.end()
    restorable.restore()
    if not is_watching:
        mirrors(cluster)

    assert wait_until(lambda: is_right(client), timeout_seconds=25), mirrored(Pod)
    assert "lost" not in mirrored(Pod)
    assert mirrored(Pod).keys() >= {"kept", "changed", "deleted"}
    pods = MirrorCursor.objects.get(kind="Pod")
    assert int(pods.resource_version) < places["Pod"]
    cluster.refresh_from_db()
    assert cluster.restored_at is not None, "it is remembered that its history went back"

    client.apply(pod("after"))
    assert wait_until(lambda: is_right(client), timeout_seconds=15), "and the watch goes on"
    cluster.refresh_from_db()
    assert not cluster.is_stale(now=timezone.now())
