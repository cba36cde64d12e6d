"""An API server that does not stream lists, as those before 1.32 and those that turned it off."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.credentials import encrypt_access
from clusters.errors import ClusterInvalid
from clusters.kinds import POD
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster, Pod
from core.messages import Message
from core.waiting import wait_until
from embedded.tools import Tools
from tests.contract.own_plane import OwnPlane, pod

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def plane(tools: Tools, folder: Path) -> Iterator[OwnPlane]:
    plane = OwnPlane(tools, folder / "no-streams", "--feature-gates=WatchList=false")
    yield plane
    plane.parts.close()


def test_it_is_listed_in_pages_and_watched(plane, mirrors, monkeypatch):
    monkeypatch.setattr(informer, "WATCH_SECONDS", 3)
    monkeypatch.setattr(informer, "PAGE_LENGTH", 2)
    access = parse_kubeconfig(plane.plane.kubeconfig.read_text())
    client = ClusterClient(access)
    wish = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    with pytest.raises(ClusterInvalid, match="sendInitialEvents"):
        client.watch(POD, seconds=1, read_seconds=2, **wish)
    for number in range(5):
        client.apply(pod(f"p-{number}"))
    credentials = encrypt_access(access, cluster="c")
    cluster = Cluster.objects.create(name="c", server=access.server, credentials=credentials)
    mirrors(cluster)

    def is_right() -> bool | None:
        items = orjson.loads(client.list(POD))["items"]
        there = {i["metadata"]["uid"]: int(i["metadata"]["resourceVersion"]) for i in items}
        cluster.refresh_from_db()
        is_present = not cluster.is_stale(now=timezone.now())
        rows = dict(Pod.objects.values_list("uid", "resource_version"))
        return (is_present and rows == there) or None

    assert wait_until(is_right, timeout_seconds=15)
    assert Pod.objects.count() == 5
    client.apply(pod("later"))
    client.delete(POD, "default", "p-0")
    assert wait_until(is_right, timeout_seconds=15)
    assert not cluster.cursors.exclude(message=Message()).exists()
