"""What a cluster or a Prometheus answered is for platform admins; others get what we say."""

from typing import Any

import pytest
from django.utils import timezone

from clusters.client import ClusterClient
from clusters.errors import ClusterError
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster, MirrorCursor
from core.reasons import Reason
from prometheus.client import Prometheus, PrometheusUnavailable
from tests.api.world import OUTSIDER, PLATFORM_ADMIN, VIEWER, World
from tests.listening import listening
from usage.models import MetricsStatus

SECRET = "a-word-of-somebody-else"
ANSWER = (
    b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n"
    b'{"kind": "Status", "message": "%b"}' % SECRET.encode()
)


def account_of_cluster(port: int) -> str:
    """Return what is kept of a cluster's answer."""
    client = ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{port}"))
    with pytest.raises(ClusterError) as refusal:
        client.version()
    return refusal.value.account


def account_of_prometheus(port: int) -> str:
    """Return what is kept of a Prometheus' answer."""
    with pytest.raises(PrometheusUnavailable) as refusal:
        Prometheus(f"http://127.0.0.1:{port}").query("up")
    return str(refusal.value)


@pytest.mark.parametrize("path", ["/clusters", "/clusters/{cluster}", "/platform"])
def test_only_platform_admins_read_what_others_said(world: World, path: str) -> None:
    with listening(ANSWER) as place:
        cluster, prometheus = account_of_cluster(place.port), account_of_prometheus(place.port)
    said = {"reason": Reason.CLUSTER_FORBIDDEN, "message": cluster}
    row = Cluster.objects.get(name=world.parameters["cluster"])
    now = timezone.now()
    Cluster.objects.filter(pk=row.pk).update(is_reachable=False, probed_at=now, **said)
    MirrorCursor.objects.create(cluster=row, kind="Pod", **said)
    MetricsStatus.objects.create(
        cluster=row,
        tried_at=now,
        reason=Reason.PROMETHEUS_UNAVAILABLE,
        message=prometheus,
    )
    Cluster.objects.filter(pk=row.pk).update(prometheus_url=f"http://127.0.0.1:{place.port}")
    shown: Any = {c: world.clients[c].get(world.path(path)) for c in (PLATFORM_ADMIN, VIEWER)}
    shown[OUTSIDER] = world.clients[OUTSIDER].get(world.path(path))
    assert SECRET in shown[PLATFORM_ADMIN].content.decode()
    for caller in (VIEWER, OUTSIDER):
        body = shown[caller].content.decode()
        assert SECRET not in body
        assert "The API server answered 403." in body
        assert "ClusterForbidden" in body


def test_the_chinese_reader_reads_ours_in_chinese_and_theirs_as_it_is(world: World) -> None:
    with listening(ANSWER) as place:
        said = account_of_cluster(place.port)
    clusters = Cluster.objects.filter(name=world.parameters["cluster"])
    clusters.update(is_reachable=False, reason=Reason.CLUSTER_FORBIDDEN, message=said)
    path = world.path("/clusters/{cluster}")
    answer: Any = world.clients[PLATFORM_ADMIN].get(path, HTTP_ACCEPT_LANGUAGE="zh-hans")
    ours, theirs = answer.json()["status"]["message"].split("\n")
    assert theirs == SECRET
    assert "403" in ours
    assert "API server answered" not in ours
