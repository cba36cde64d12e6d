"""Our client against a real API server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

import msgspec
import orjson
import pytest

from clusters.client import ClusterClient
from clusters.errors import (
    ClusterConflict,
    ClusterError,
    ClusterForbidden,
    ClusterInvalid,
    ClusterUnavailable,
)
from clusters.kinds import DEPLOYMENT, NAMESPACE, POD, REPLICA_SET, SERVICE, Manifest
from clusters.kubeconfig import ClusterAccess, parse_kubeconfig
from clusters.labels import SERVICE_ID
from core.answers import Answer
from core.resources import Resources
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from projects import manifests
from projects.manifests import Bounds, Tenancy
from serving.deployment import decode_deployment
from serving.diagnosis.pods import root_cause_of
from serving.manifests import traffic, workload
from serving.manifests.spec import Identity, Scale, ServiceSpec, Stamp
from tests.listening import listening

IMAGE = f"models.example.com/scorer@sha256:{'a' * 64}"


@pytest.fixture
def tenancy(client: ClusterClient) -> Iterator[Tenancy]:
    """A namespace as Slipway makes it, with room for two GPUs."""
    name = f"contract-{uuid4().hex[:8]}"
    tenancy = Tenancy(project="contract", environment="test", namespace=name)
    client.apply(manifests.namespace(tenancy))
    client.apply(manifests.limit_range(tenancy, Bounds()))
    limits = Resources.parse({"nvidia.com/gpu": "2", "cpu": "8", "memory": "8Gi"})
    client.apply(manifests.resource_quota(tenancy, limits))
    yield tenancy
    client.delete(NAMESPACE, None, name)


def identity(tenancy: Tenancy) -> Identity:
    return Identity(
        project=tenancy.project,
        environment=tenancy.environment,
        namespace=tenancy.namespace,
        service="scorer",
        service_id=str(uuid5(NAMESPACE_DNS, tenancy.namespace)),
    )


def spec(protocol: Any = "http", **fields: Any) -> ServiceSpec:
    requests = {"cpu": "100m", "memory": "64Mi"}
    return ServiceSpec(
        model="scorer",
        version="1",
        image=IMAGE,
        protocol=protocol,
        port=8080,
        **{"requests": requests, "limits": {}, **fields},
    )


def deployment(tenancy: Tenancy, wanted: ServiceSpec, **scale: Any) -> Manifest:
    stamp = Stamp(revision=1, rollout="r", epoch=1)
    return workload.deployment(identity(tenancy), wanted, Scale(**{"replicas": 0, **scale}), stamp)


@pytest.mark.parametrize("protocol", ["http", "grpc", "thrift"])
def test_what_we_build_is_accepted_and_changes_nothing_when_repeated(client, tenancy, protocol):
    who, wanted = identity(tenancy), spec(protocol)
    stamp = Stamp(revision=1, rollout="r", epoch=1)
    built = [
        workload.deployment(who, wanted, Scale(replicas=1), stamp),
        traffic.service(who, wanted),
        traffic.pod_disruption_budget(who, wanted),
    ]
    for manifest in built:
        first = orjson.loads(client.apply(manifest))["metadata"]
        again = orjson.loads(client.apply(manifest))["metadata"]
        assert again.get("generation") == first.get("generation")
    selector = f"{SERVICE_ID}={who.service_id}"

    def admitted() -> bool | None:
        pods = orjson.loads(client.list(POD, tenancy.namespace, labelSelector=selector))["items"]
        return True if pods else None

    assert wait_until(admitted, timeout_seconds=15), "restricted Pod Security refused the pod"


def test_a_writer_that_read_an_older_version_is_refused(client, tenancy):
    manifest = deployment(tenancy, spec())
    before = decode_deployment(client.apply(manifest)).resource_version
    client.apply(deployment(tenancy, spec(env={"A": "1"})))
    with pytest.raises(ClusterConflict):
        client.apply(manifest, resource_version=before)


def test_absence_is_an_answer(client, tenancy):
    assert client.get(DEPLOYMENT, tenancy.namespace, "nothing") is None
    assert client.delete(SERVICE, tenancy.namespace, "nothing") is False


def test_what_the_server_finds_invalid_is_refused_with_its_sentence(client, tenancy):
    manifest = deployment(tenancy, spec(requests={"cpu": "2"}, limits={"cpu": "1"}))
    with pytest.raises(ClusterInvalid, match="must be less than or equal to cpu limit"):
        client.apply(manifest)


def test_pods_beyond_the_resource_quota_are_explained(client, tenancy):
    gpus = {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "3"}
    wanted = spec(requests=gpus, limits={"nvidia.com/gpu": "3"})
    client.apply(deployment(tenancy, wanted, replicas=1))

    def cause() -> Any:
        sets = orjson.loads(client.list(REPLICA_SET, tenancy.namespace))["items"]
        conditions = [c for one in sets for c in one["status"].get("conditions", [])]
        return root_cause_of([], conditions)

    found = wait_until(cause, timeout_seconds=15)
    assert found is not None
    assert found.reason == "FailedCreate"
    assert "exceeded quota: slipway, requested: requests.nvidia.com/gpu=3" in str(found.message)


def test_another_token_is_forbidden(control_plane: ControlPlane):
    access = parse_kubeconfig(control_plane.kubeconfig.read_text())
    stranger = ClusterClient(msgspec.structs.replace(access, token="nobody"))
    with pytest.raises(ClusterForbidden):
        stranger.list(POD)


def test_a_server_with_another_certificate_is_not_trusted(control_plane: ControlPlane):
    access = parse_kubeconfig(control_plane.kubeconfig.read_text())
    with pytest.raises(ClusterUnavailable, match="certificate"):
        ClusterClient(msgspec.structs.replace(access, ca="")).version()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="says nothing"),
        pytest.param(b"", id="hangs up"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", id="speaks another protocol"),
        pytest.param(b"HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\noops!", id="fails"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", id="stops half way"),
        pytest.param(
            b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", id="busy"
        ),
    ],
)
def test_no_foreign_error_crosses_the_boundary(answer, monkeypatch):
    for name in ("READ_SECONDS", "LIST_SECONDS"):
        monkeypatch.setattr(f"clusters.client.{name}", 0.3)
    with listening(answer) as listener:
        client = ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{listener.port}", token="t"))
        for call in (
            lambda: client.list(POD),
            lambda: list(client.watch(POD, seconds=1, read_seconds=0.3)),
        ):
            with pytest.raises(ClusterError) as error:
                call()
            assert error.value.answer in (Answer.AWAY, Answer.BUSY)


def test_nobody_listening_is_an_outage():
    client = ClusterClient(ClusterAccess(server="https://127.0.0.1:1", token="t"))
    with pytest.raises(ClusterUnavailable, match="cannot be reached"):
        client.version()


def test_the_token_leaves_with_every_request():
    body = b'{"gitVersion": "v1.36.3"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with listening(head + body) as listener:
        url = f"http://127.0.0.1:{listener.port}"
        client = ClusterClient(ClusterAccess(server=url, token="the-token"))
        assert client.version() == "v1.36.3"
    assert b"authorization: bearer the-token" in listener.heard[0].lower()


def test_a_silent_stream_ends_when_another_thread_ends_it(client: ClusterClient) -> None:
    nothing = {"watch": "true", "timeoutSeconds": 60, "fieldSelector": "metadata.name=nothing"}
    stream = client.stream(POD.path(), query=nothing, read_seconds=60)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(next, iter(stream), b"")
        assert wait([reading], timeout=0.5).not_done
        stream.end()
        assert wait([reading], timeout=10).done
    stream.end()
