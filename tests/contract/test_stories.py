"""What pods of a real control plane say of themselves, where a test plays their kubelet."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import orjson
import pytest

from clusters.client import ClusterClient
from clusters.informer import ClusterMirror
from clusters.kinds import NAMESPACE, NODE, POD
from clusters.models import Cluster, Pod
from clusters.ownership import said_about
from core.waiting import wait_until
from projects import manifests
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.diagnosis.causal_chain import log_hint, root_cause_pod
from serving.diagnosis.judging import record_objects
from serving.diagnosis.pods import Cause, PodFacts, root_cause_of
from serving.diagnosis.read import facts_of
from serving.models import Rollout
from serving.worker.last_words import last_lines_of
from serving.worker.removal import remaining_of, what_is_left
from tests.factories import make_environment, make_rollout, make_service

pytestmark = pytest.mark.django_db(transaction=True)
HOLD = "example.com/hold"
MERGE = "application/merge-patch+json"
REFUSAL = "Allocate failed due to no healthy devices present; cannot allocate unhealthy devices"


@pytest.fixture
def node(client: ClusterClient) -> Iterator[str]:
    """A node that no kubelet and no simulator cares for."""
    name = f"by-hand-{uuid4().hex[:8]}"
    room = {"cpu": "8", "memory": "8Gi", "pods": "110"}
    client.request(
        "POST",
        NODE.path(),
        body=orjson.dumps({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}),
    )
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
    say(client, NODE.path(None, name), {"conditions": [ready], "allocatable": room})
    yield name
    client.delete(NODE, None, name)


@pytest.fixture
def namespace(client: ClusterClient) -> Iterator[str]:
    name = f"stories-{uuid4().hex[:8]}"
    tenancy = manifests.Tenancy(project="p", environment="e", namespace=name)
    client.apply(manifests.namespace(tenancy))
    yield name
    for pod in orjson.loads(client.list(POD, name))["items"]:
        path = POD.path(name, pod["metadata"]["name"])
        client.request("PATCH", path, body=b'{"metadata":{"finalizers":null}}', content_type=MERGE)
    client.delete(NAMESPACE, None, name)


def say(client: ClusterClient, path: str, status: dict[str, Any]) -> None:
    """Write a status as the kubelet does."""
    body = orjson.dumps({"status": status})
    client.request("PATCH", f"{path}/status", body=body, content_type=MERGE)


def container(name: str, **fields: Any) -> dict[str, Any]:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {"name": name, "image": "models.example.com/x:1", "securityContext": security, **fields}


def make_pod(client: ClusterClient, namespace: str, node: str, **metadata: Any) -> str:
    """Make a pod with an init container, a sidecar and a gate, already on its node."""
    name = f"scorer-{uuid4().hex[:5]}"
    spec = {
        "nodeName": node,
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": [
            container("setup"),
            container("proxy", restartPolicy="Always"),
        ],
        "containers": [container("model"), container("agent")],
        "readinessGates": [{"conditionType": "example.com/warm"}],
    }
    client.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, **metadata},
            "spec": spec,
        }
    )
    return name


def status_of(name: str, state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a container's status, as far as the API server wants it."""
    common = {"image": "x", "imageID": "", "ready": False, "restartCount": 0}
    return {"name": name, "state": state, **common, **fields}


def stories(namespace: str, is_explained: Callable[[list[PodFacts]], bool]) -> list[PodFacts]:
    """Return what the mirror knows of pods, once it knows what is waited for."""

    def seen() -> list[PodFacts] | None:
        rows = Pod.objects.filter(namespace=namespace).order_by("-created_at", "-pk")
        said = said_about(rows)
        facts = [facts_of(row, said) for row in rows]
        return facts if is_explained(facts) else None

    found = wait_until(seen, timeout_seconds=20)
    assert found is not None, list(Pod.objects.values())
    return found


def test_a_pod_that_its_node_refused_says_so_and_how_often(
    mirror: ClusterMirror, client: ClusterClient, namespace: str, node: str
) -> None:
    for _ in range(3):
        name = make_pod(client, namespace, node)
        refused = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": REFUSAL}
        say(client, POD.path(namespace, name), {**refused, "containerStatuses": None})
    latest = make_pod(client, namespace, node)
    pods = stories(namespace, lambda facts: sum(pod.is_over for pod in facts) == 3)
    cause = root_cause_of(pods)
    assert cause is not None
    assert cause.reason == "PodRefused"
    assert str(cause.message) == (
        f"3 pods were refused by node {node}. UnexpectedAdmissionError: {REFUSAL}"
    )
    running = {"running": {"startedAt": "2026-11-29T00:00:00Z"}}
    say(
        client,
        POD.path(namespace, latest),
        {
            "phase": "Running",
            "initContainerStatuses": [status_of("setup", {"terminated": {"exitCode": 3}})],
            "containerStatuses": [status_of("model", running)],
        },
    )
    pods = stories(namespace, lambda facts: any(pod.containers for pod in facts))
    cause = root_cause_of(pods)
    assert cause is not None
    assert str(cause.message) == f"{latest}/setup exited. Its last exit code was 3."


def test_an_init_container_that_crashes_is_found_behind_those_that_wait_for_it(
    mirror: ClusterMirror, client: ClusterClient, namespace: str, node: str
) -> None:
    name = make_pod(client, namespace, node)
    initializing = {"waiting": {"reason": "PodInitializing"}}
    crash = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    ended = {"terminated": {"exitCode": 139, "reason": "Error"}}
    say(
        client,
        POD.path(namespace, name),
        {
            "phase": "Pending",
            "initContainerStatuses": [
                status_of("setup", crash, restartCount=4, lastState=ended),
                status_of("proxy", initializing),
            ],
            "containerStatuses": [
                status_of("agent", initializing),
                status_of("model", initializing),
            ],
        },
    )
    pods = stories(namespace, lambda facts: any(pod.containers for pod in facts))
    assert [(c["name"], c["kind"]) for c in pods[0].containers] == [
        ("setup", "init"),
        ("proxy", "sidecar"),
        ("model", "container"),
        ("agent", "container"),
    ]
    cause = root_cause_of(pods)
    assert cause is not None
    assert str(cause.message) == (
        f"{name}/setup keeps crashing: 4 restarts. Its last exit code was 139. "
        "It was terminated by signal 11."
    )
    hint = log_hint(root_cause_pod(pods))
    assert hint is not None
    assert (hint.container, hint.previous) == ("setup", True)
    # Nobody serves logs on this node.
    assert last_lines_of(client, namespace, root_cause_pod(pods)) is None


def test_a_gate_that_nobody_opens_and_a_node_that_goes_silent_are_named(
    mirror: ClusterMirror, client: ClusterClient, namespace: str, node: str
) -> None:
    name = make_pod(client, namespace, node)
    runs = {"running": {"startedAt": "2026-11-29T00:00:00Z"}}
    done = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    say(
        client,
        POD.path(namespace, name),
        {
            "phase": "Running",
            "initContainerStatuses": [
                status_of("setup", done, ready=True),
                status_of("proxy", runs, ready=True),
            ],
            "containerStatuses": [
                status_of("agent", runs, ready=True),
                status_of("model", runs, ready=True),
            ],
        },
    )
    pods = stories(namespace, lambda facts: any(pod.containers for pod in facts))
    assert explained(pods) == f"{name} waits for readiness gate example.com/warm."
    silent = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": ""}
    say(client, NODE.path(None, node), {"conditions": [silent]})
    pods = stories(namespace, lambda facts: facts[0].is_node_lost)
    assert explained(pods) == f"{name} is on node {node}, which is not ready."


def explained(pods: list[PodFacts]) -> str:
    cause: Cause | None = root_cause_of(pods)
    return str(cause.message) if cause else ""


@pytest.fixture
def environment(cluster: Cluster, namespace: str) -> Environment:
    environment = make_environment(cluster=cluster)
    environment.namespace = namespace
    environment.save()
    return environment


@pytest.fixture
def decommission(environment: Environment) -> Rollout:
    return make_rollout(make_service(environment, name="scorer"))


def note_as_its_own(decommission: Rollout, client: ClusterClient, pod: str) -> None:
    """Note that a pod was the service's own, as the mirror does while its owners are there."""
    body = client.get(POD, decommission.service.environment.namespace, pod)
    assert body is not None
    record_objects({decommission.service_id: [orjson.loads(body)["metadata"]["uid"]]})


def test_what_waits_for_a_finalizer_is_named(
    client: ClusterClient, namespace: str, node: str, decommission: Rollout
) -> None:
    held = make_pod(client, namespace, node, finalizers=[HOLD])
    note_as_its_own(decommission, client, held)
    client.delete(POD, namespace, held)
    ended = {"phase": "Succeeded"}
    say(client, POD.path(namespace, held), ended)
    left = what_is_left(decommission, remaining_of(decommission, client))
    assert str(left) == (f"1 pod remains. Pod {held} waits for finalizer {HOLD}.")


def test_a_pod_of_a_silent_node_is_named_with_it(
    mirror: ClusterMirror,
    client: ClusterClient,
    namespace: str,
    node: str,
    decommission: Rollout,
) -> None:
    silent = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": ""}
    say(client, NODE.path(None, node), {"conditions": [silent]})
    name = make_pod(client, namespace, node)
    note_as_its_own(decommission, client, name)
    # It stays until its kubelet says that it has ended.
    client.delete(POD, namespace, name)
    stories(namespace, lambda facts: bool(facts) and facts[0].is_node_lost)
    left = what_is_left(decommission, remaining_of(decommission, client))
    assert str(left) == (
        f"1 pod remains. Pod {name} cannot end while its node {node} is not ready."
    )
    gone = {"gracePeriodSeconds": 0}
    client.request("DELETE", POD.path(namespace, name), body=orjson.dumps(gone))


def test_a_namespace_that_stays_says_what_it_waits_for(
    client: ClusterClient, namespace: str, environment: Environment
) -> None:
    metadata = {"name": "kept", "namespace": namespace, "finalizers": [HOLD]}
    settings = f"/api/v1/namespaces/{namespace}/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    client.request("POST", settings, body=orjson.dumps(body))
    held = f"{settings}/kept"
    own = manifests.Tenancy(
        project=environment.project.name, environment=environment.name, namespace=namespace
    )
    client.apply(manifests.namespace(own))

    def named() -> str | None:
        Environment.objects.filter(pk=environment.pk).update(
            phase=Environment.Phase.TERMINATING, next_run_at="2026-01-01T00:00:00Z"
        )
        reconcile_environment(environment.pk)
        message = str(Environment.objects.get(pk=environment.pk).message)
        return message if HOLD in message else None

    message = wait_until(named, timeout_seconds=30)
    client.request("PATCH", held, body=b'{"metadata":{"finalizers":null}}', content_type=MERGE)
    assert message is not None, client.get(NAMESPACE, None, namespace)
    assert message.startswith("The namespace is being deleted. ")
