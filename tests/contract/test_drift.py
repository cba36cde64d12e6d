"""What somebody else wrote is found whole, and taken over whole, by a real API server."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

import msgspec
import orjson
import pytest

from clusters.apply import Policy, applied
from clusters.client import ClusterClient
from clusters.drift import Difference, compare
from clusters.errors import ClusterConflict
from clusters.kinds import NAMESPACE, Manifest, kind_of
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from projects import manifests
from projects.manifests import Tenancy
from serving.manifests import traffic, workload
from serving.manifests.spec import Identity, Probe, Probes, Scale, ServiceSpec, Stamp
from tests.contract.kubectl import Kubectl

SPEC = ServiceSpec(
    model="scorer",
    version="1",
    image="models.example.com/scorer@sha256:" + "1" * 64,
    protocol="http",
    port=8080,
    requests={"cpu": "1500m", "memory": "1Gi", "nvidia.com/gpu": "1"},
    limits={"cpu": "2", "nvidia.com/gpu": "1"},
    gpu_product="NVIDIA-A10",
    env={"A": "1", "EMPTY": ""},
    args=("--fast",),
    probes=Probes(liveness=Probe(path="/live"), startup=Probe(initial_delay_seconds=3)),
)


@pytest.fixture
def namespace(client: ClusterClient) -> Iterator[str]:
    tenancy = Tenancy(project="p", environment="e", namespace=f"drift-{uuid4().hex[:8]}")
    client.apply(manifests.namespace(tenancy))
    yield tenancy.namespace
    client.delete(NAMESPACE, None, tenancy.namespace)


@pytest.fixture
def identity(namespace: str) -> Identity:
    return Identity(
        project="p",
        environment="e",
        namespace=namespace,
        service="scorer",
        service_id=str(uuid5(NAMESPACE_DNS, namespace)),
    )


@pytest.fixture
def kubectl(control_plane: ControlPlane, namespace: str) -> Kubectl:
    return Kubectl(control_plane, namespace)


@pytest.fixture
def deployment(client: ClusterClient, identity: Identity) -> Manifest:
    stamp = Stamp(revision=1, rollout="r", epoch=3)
    manifest = workload.deployment(identity, SPEC, Scale(replicas=2), stamp)
    client.apply(manifest)
    return manifest


def read(client: ClusterClient, manifest: Manifest) -> dict[str, Any]:
    metadata = manifest["metadata"]
    body = client.get(kind_of(manifest), metadata["namespace"], metadata["name"])
    assert body is not None
    found: dict[str, Any] = orjson.loads(body)
    return found


def drift(client: ClusterClient, manifest: Manifest) -> list[Difference]:
    return compare(manifest, read(client, manifest))


@pytest.mark.parametrize("protocol", ["http", "grpc", "thrift"])
@pytest.mark.parametrize("recreate", [False, True])
def test_what_was_just_applied_differs_in_nothing(client, identity, protocol, recreate):
    spec = msgspec.structs.replace(SPEC, protocol=protocol)
    for manifest in (
        workload.deployment(
            identity,
            spec,
            Scale(replicas=0, recreate=recreate),
            Stamp(revision=1, rollout="r", epoch=1),
        ),
        traffic.service(identity, spec),
        traffic.pod_disruption_budget(identity, spec),
    ):
        client.apply(manifest)
        assert drift(client, manifest) == []


FOREIGN = {
    "a number": (
        ["scale", "deploy", "scorer", "--replicas=1"],
        [("spec.replicas", 2, 1)],
    ),
    "an image": (
        ["set", "image", "deploy/scorer", "model=example.com/other:2"],
        [("spec.template.spec.containers[model].image", SPEC.image, "example.com/other:2")],
    ),
    "a variable": (
        ["set", "env", "deploy/scorer", "B=2"],
        [("spec.template.spec.containers[model].env[B]", None, {"name": "B", "value": "2"})],
    ),
    "a variable less": (
        ["set", "env", "deploy/scorer", "A-"],
        [("spec.template.spec.containers[model].env[A]", {"name": "A", "value": "1"}, None)],
    ),
    "a restart": (
        ["rollout", "restart", "deploy/scorer"],
        [("spec.template.metadata.annotations", None, ...)],
    ),
    "a pause": (["rollout", "pause", "deploy/scorer"], [("spec.paused", False, True)]),
    "other resources": (
        ["set", "resources", "deploy/scorer", "--limits=cpu=3"],
        [("spec.template.spec.containers[model].resources.limits.cpu", "2", "3")],
    ),
    "a label less": (
        ["label", "deploy/scorer", "slipway.dev/service-id-"],
        [("metadata.labels.slipway.dev/service-id", ..., None)],
    ),
}


def pods(spec: str) -> str:
    """Return a patch of a Deployment's pods."""
    return f'{{"spec":{{"template":{{"spec":{spec}}}}}}}'


PATCHES = {
    "a command": pods('{"containers":[{"name":"model","command":["sleep","9"]}]}'),
    "a toleration": pods('{"tolerations":[{"operator":"Exists"}]}'),
    "a sidecar": pods('{"containers":[{"name":"spy","image":"spy:1"}]}'),
    "an init container": pods('{"initContainers":[{"name":"spy","image":"spy:1"}]}'),
    "a volume": pods('{"volumes":[{"name":"v","emptyDir":{}}]}'),
    "a label of pods": '{"spec":{"template":{"metadata":{"labels":{"team":"x"}}}}}',
    "a node": pods('{"nodeSelector":{"zone":"a"}}'),
    "a deadline": '{"spec":{"minReadySeconds":5}}',
    "a security context": pods('{"securityContext":{"runAsUser":7}}'),
    "a strategy": '{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":2}}}}',
    "an account": pods('{"serviceAccountName":"robot"}'),
    "a group of 0": pods('{"securityContext":{"fsGroup":0}}'),
    "a node label without a value": pods('{"nodeSelector":{"gpu":""}}'),
    "a label that is named as a field": (
        '{"spec":{"template":{"metadata":{"labels":{"protocol":"TCP","finalizers":"x"}}}}}'
    ),
    "a token in each pod": pods('{"automountServiceAccountToken":true}'),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_command_of_somebody_else_is_found_with_its_manager(client, deployment, kubectl, case):
    arguments, expected = FOREIGN[case]
    kubectl(*arguments)
    found = drift(client, deployment)
    assert [d.field for d in found] == [field for field, _, _ in expected]
    for difference, (_, wanted, has) in zip(found, expected, strict=True):
        assert wanted is ... or difference.wanted == wanted
        assert has is ... or difference.found == has
        assert difference.found is None or difference.manager.startswith("kubectl")


@pytest.mark.parametrize("case", PATCHES)
def test_a_patch_of_somebody_else_is_found_and_taken_over(client, deployment, kubectl, case):
    kubectl("patch", "deploy", "scorer", "--type=strategic", "-p", PATCHES[case])
    found = drift(client, deployment)
    assert found, "nothing is seen of it"
    assert {d.manager for d in found} == {"kubectl-patch"}
    assert take_over(client, deployment) == []


def test_what_is_written_under_our_own_name_or_with_no_record_is_found_too(
    client, deployment, kubectl
):
    kubectl("patch", "deploy", "scorer", "--field-manager=slipway", "-p", PATCHES["a toleration"])
    assert [d.field for d in drift(client, deployment)] == ["spec.template.spec.tolerations"]
    wiped = '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]'
    kubectl("patch", "deploy", "scorer", "--type=json", "-p", wiped)
    assert [d.field for d in drift(client, deployment)] == ["spec.template.spec.tolerations"]
    assert take_over(client, deployment) == []


def test_a_service_and_a_budget_are_compared_too(client, identity, deployment, kubectl):
    service = traffic.service(identity, SPEC)
    budget = traffic.pod_disruption_budget(identity, SPEC)
    client.apply(service)
    client.apply(budget)
    kubectl("patch", "service", "scorer", "-p", '{"spec":{"selector":{"x":"y"},"type":"NodePort"}}')
    kubectl("patch", "pdb", "scorer", "--type=merge", "-p", '{"spec":{"maxUnavailable":"50%"}}')
    fields = {d.field for d in drift(client, service)}
    assert {"spec.type", "spec.selector.x"} <= fields
    assert [d.field for d in drift(client, budget)] == ["spec.maxUnavailable"]
    assert take_over(client, service) == []
    assert take_over(client, budget) == []


def test_the_same_object_made_anew_by_hand_differs_in_nothing(client, deployment, kubectl):
    dumped = kubectl("get", "deploy", "scorer", "-o", "json")
    kubectl("delete", "deploy", "scorer", "--wait=true", "--cascade=foreground")
    kubectl("create", "-f", "-", stdin=dumped)
    assert drift(client, deployment) == []


def take_over(client: ClusterClient, manifest: Manifest) -> list[Difference]:
    """Apply so that nothing of others stays; return what still differs."""

    def once() -> bool | None:
        with suppress(ClusterConflict):
            applied(client, manifest, read(client, manifest), policy=Policy.TAKE_OVER)
            return True
        return None

    assert wait_until(once, timeout_seconds=10, interval_seconds=0.1)
    return drift(client, manifest)
