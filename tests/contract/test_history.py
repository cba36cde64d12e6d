"""A cluster whose etcd was restored from a backup: its resource versions go back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.credentials import encrypt_access
from clusters.kinds import NODE, POD, ObjectKind
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster, MirrorCursor, Node, Pod
from core.waiting import wait_until
from embedded.tools import Tools
from tests.contract.own_plane import OwnPlane, pod

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def restorable(tools: Tools, folder: Path) -> Iterator[OwnPlane]:
    restorable = OwnPlane(tools, folder / "restorable")
    yield restorable
    restorable.parts.close()


@pytest.fixture
def client(restorable: OwnPlane) -> ClusterClient:
    return ClusterClient(parse_kubeconfig(restorable.plane.kubeconfig.read_text()))


@pytest.fixture
def cluster(restorable: OwnPlane) -> Cluster:
    access = parse_kubeconfig(restorable.plane.kubeconfig.read_text())
    credentials = encrypt_access(access, cluster="c")
    return Cluster.objects.create(name="c", server=access.server, credentials=credentials)


@pytest.fixture(autouse=True)
def short_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(informer, "WATCH_SECONDS", 3)


def versions(client: ClusterClient, kind: ObjectKind) -> dict[str, int]:
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

    assert wait_until(lambda: is_right(client), timeout_seconds=40), mirrored(Pod)
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
