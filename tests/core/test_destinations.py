"""Machines' own metadata is never asked for somebody else: not by address, name or redirect."""

import socket
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from clusters import following
from clusters.client import ClusterClient
from clusters.errors import ClusterInvalid
from clusters.kubeconfig import ClusterAccess, parse_kubeconfig
from clusters.models import Cluster
from core import destinations
from core.destinations import DENIED, is_denied
from core.errors import Invalid
from prometheus.client import Prometheus, PrometheusUnavailable
from registry.images import pinned_image
from tests.api.matrix import KUBECONFIG
from tests.listening import listening

DENIED_HOSTS = (
    "169.254.169.254",
    "169.254.0.1",
    "169.254.170.2",
    "[fe80::1]",
    "fe80::1%eth0",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    # The same address, as resolvers read it too.
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "metadata",
    "metadata.google.internal",
    "Metadata.Google.Internal.",
    "metadata.goog",
    "instance-data",
)
ASKED_HOSTS = (
    "127.0.0.1",
    "::1",
    "localhost",
    "10.0.0.1",
    "192.168.169.254",
    "172.16.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "fec0::1",
    "fd00:ec1::254",
    "metadata.example.com",
    "kubernetes.default.svc",
    "",
)


@pytest.mark.parametrize("host", DENIED_HOSTS)
def test_a_place_of_metadata_is_denied_however_it_is_written(host: str) -> None:
    assert is_denied(host)


@pytest.mark.parametrize("host", ASKED_HOSTS)
def test_any_other_place_is_asked(host: str) -> None:
    assert not is_denied(host)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "metadata.google.internal"])
def test_a_kubeconfig_that_leads_there_is_refused(host: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_kubeconfig(KUBECONFIG.replace("127.0.0.1:1", f"{host}:6443"))
    assert str(DENIED) in str(refusal.value.message)


@pytest.fixture
def named_loopback(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that leads to loopback, which is a place of metadata here."""
    real = socket.getaddrinfo

    def resolved(host: Any, *args: Any, **kwargs: Any) -> Any:
        is_turned = host in ("turned.example.com", b"turned.example.com")
        return real("127.0.0.1" if is_turned else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(destinations, "DENIED_NETWORKS", (destinations.ip_network("127.0.0.0/8"),))
    return "turned.example.com"


def test_a_name_that_leads_there_gets_no_word_of_ours(named_loopback: str) -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n") as place:
        for path in ("", "/%7eprom", "/a b", "/prom[1]", "/a/../b", "/é"):
            prometheus = Prometheus(f"http://{named_loopback}:{place.port}{path}")
            with pytest.raises(PrometheusUnavailable, match=str(DENIED)):
                prometheus.query("up")
        client = ClusterClient(ClusterAccess(server=f"https://{named_loopback}:{place.port}"))
        with pytest.raises(ClusterInvalid) as refusal:
            client.version()
    assert refusal.value.message == DENIED
    assert [heard for heard in place.heard if heard] == []


def test_a_log_and_an_image_are_asked_for_only_where_we_may(
    named_loopback: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n") as place:
        registry = f"{named_loopback}:{place.port}"
        settings.IMAGE_REGISTRIES = settings.INSECURE_REGISTRIES = [registry]
        with pytest.raises(Invalid, match=str(DENIED)):
            pinned_image(f"{registry}/scorer:1")
        access = ClusterAccess(server=f"https://{registry}", token="secret")
        monkeypatch.setattr(following, "decrypt_access", lambda *_, **__: access)
        with pytest.raises(ClusterInvalid, match=str(DENIED)):
            async_to_sync(first_chunk)(following.LogReader(Cluster(name="x")))
    assert [heard for heard in place.heard if heard] == []


async def first_chunk(reader: following.LogReader) -> bytes:
    return await anext(reader.chunks("fraud", "velocity-0"))


ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"


def test_nobody_is_followed_who_says_to_ask_elsewhere() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n") as place, listening(ELSEWHERE % place.port) as one:
        with pytest.raises(PrometheusUnavailable):
            Prometheus(f"http://127.0.0.1:{one.port}").query("up")
        client = ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{one.port}"))
        with pytest.raises(ClusterInvalid) as refusal:
            client.request("GET", "/version")
    assert str(refusal.value.message) == "The API server answered 302."
    assert place.heard == []
