"""The mirror equals the cluster, whatever happens between them."""

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.informer import ClusterMirror
from clusters.kinds import DEPLOYMENT, NAMESPACE, NODE, POD
from clusters.models import Cluster, MirrorCursor, Node, Pod, Workload
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from projects import manifests

pytestmark = pytest.mark.django_db(transaction=True)
LABELS = {"app": "mirrored"}
# How long anything may take on a busy machine.
PATIENCE_SECONDS = 20


@pytest.fixture
def namespace(client: ClusterClient) -> Iterator[str]:
    name = f"mirror-{uuid4().hex[:8]}"
    tenancy = manifests.Tenancy(project="p", environment="e", namespace=name)
    client.apply(manifests.namespace(tenancy))
    yield name
    client.delete(NAMESPACE, None, name)


def deploy(client: ClusterClient, namespace: str, name: str = "a", replicas: int = 1) -> None:
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "name": "c",
        "image": "models.example.com/x:1",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    template = {
        "metadata": {"labels": LABELS},
        "spec": {"securityContext": security, "containers": [container]},
    }
    client.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": LABELS},
                "template": template,
            },
        }
    )


def listed(client: ClusterClient, kind: Any, **query: Any) -> dict[str, int]:
    items = orjson.loads(client.list(kind, **query))["items"]
    return {i["metadata"]["uid"]: int(i["metadata"]["resourceVersion"]) for i in items}


def rows(model: Any, **own: Any) -> dict[str, int]:
    return dict(model.objects.filter(**own).values_list("uid", "resource_version"))


def eventually_equal(client: ClusterClient) -> bool:
    def is_equal() -> bool | None:
        equal = (
            rows(Pod) == listed(client, POD)
            and rows(Workload, kind="Deployment") == listed(client, DEPLOYMENT)
            # What a node merely reports again is heard, and its row is left as it is.
            and rows(Node).keys() == listed(client, NODE).keys()
        )
        return equal or None

    return bool(wait_until(is_equal, timeout_seconds=PATIENCE_SECONDS))


def test_mirror_follows_what_is_made_changed_and_deleted(mirror, client, namespace):
    assert eventually_equal(client)
    assert all(node.is_simulated for node in Node.objects.all())
    deploy(client, namespace, replicas=3)
    assert wait_until(
        lambda: Pod.objects.filter(is_ready=True).count() >= 3 or None,
        timeout_seconds=PATIENCE_SECONDS,
    )
    deploy(client, namespace, replicas=1)
    assert eventually_equal(client)
    client.delete(DEPLOYMENT, namespace, "a")
    gone = Pod.objects.filter(namespace=namespace)
    # The cluster deletes pods after their Deployment.
    assert wait_until(lambda: not gone.exists() or None, timeout_seconds=PATIENCE_SECONDS)
    assert eventually_equal(client)


def test_a_list_of_several_pages_is_whole(cluster, client, namespace, monkeypatch):
    monkeypatch.setattr(informer, "PAGE_LENGTH", 2)
    deploy(client, namespace, replicas=5)
    assert wait_until(
        lambda: len(listed(client, POD)) >= 5 or None, timeout_seconds=PATIENCE_SECONDS
    )
    with mirrored(cluster):
        assert eventually_equal(client)


def test_a_cut_connection_is_resumed_without_a_new_list(mirror, client, namespace, proxy):
    assert eventually_equal(client)
    proxy.cut()
    deploy(client, namespace)
    assert eventually_equal(client)


def test_silence_makes_the_mirror_stale_and_is_caught_up_with(
    mirror, client, namespace, proxy, cluster
):
    assert eventually_equal(client)
    heard = Cluster.objects.filter(mirrored_at__isnull=False)
    assert wait_until(lambda: heard.exists() or None, timeout_seconds=PATIENCE_SECONDS)
    proxy.hold()
    deploy(client, namespace)
    cluster.refresh_from_db()
    assert cluster.mirrored_at is not None
    assert not cluster.is_stale(now=timezone.now())
    assert cluster.is_stale(now=timezone.now() + timedelta(seconds=61))
    proxy.is_passing.set()
    assert eventually_equal(client)


def test_what_was_deleted_before_a_compaction_vanishes(cluster, client, namespace, control_plane):
    deploy(client, namespace)
    with mirrored(cluster):
        assert eventually_equal(client)
    gone = rows(Pod, namespace=namespace)
    client.delete(DEPLOYMENT, namespace, "a")
    assert wait_until(
        lambda: not listed(client, POD).keys() & gone.keys() or None,
        timeout_seconds=PATIENCE_SECONDS,
    )
    compact(control_plane)
    # A place so old that the server has surely forgotten it.
    MirrorCursor.objects.update(resource_version="1")
    with mirrored(cluster):
        assert eventually_equal(client)
    assert not Pod.objects.filter(uid__in=gone).exists()


def test_a_restart_resumes_where_the_rows_left_off(cluster, client, namespace):
    with mirrored(cluster):
        assert eventually_equal(client)
    places = dict(MirrorCursor.objects.values_list("kind", "resource_version"))
    deploy(client, namespace)
    with mirrored(cluster):
        assert eventually_equal(client)
        now = dict(MirrorCursor.objects.values_list("kind", "resource_version"))
        assert all(int(now[kind]) >= int(place) for kind, place in places.items())


class mirrored:
    """Run the informer's threads for the length of a block."""

    def __init__(self, cluster: Cluster) -> None:
        self.mirror = ClusterMirror(cluster)

    def __enter__(self) -> None:
        self.mirror.start()

    def __exit__(self, *_: object) -> None:
        self.mirror.end()


def compact(control_plane: ControlPlane) -> None:
    """Make etcd forget its history, through its own HTTP gateway."""
    base = f"http://127.0.0.1:{control_plane.ports.take_once('etcd')}/v3/kv"

    def call(verb: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"{base}/{verb}", json.dumps(body).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5) as answer:
            return json.load(answer)

    head = call("range", {"key": b64encode(b"x").decode()})["header"]["revision"]
    call("compaction", {"revision": head})
