"""Environments are looked at again: what others take away or change is shown and put back."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from accounts.actor import SYSTEM
from clusters import informer
from clusters.client import ClusterClient
from clusters.informer import ClusterMirror
from clusters.kinds import LIMIT_RANGE, NAMESPACE, RESOURCE_QUOTA, ObjectKind
from clusters.models import Cluster, Companion
from core.resources import Resources
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from projects import actions
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.models import Rollout
from serving.worker.advance import reconcile_rollout
from tests import factories
from tests.contract.kubectl import Kubectl
from tests.contract.tcp_proxy import TcpProxy

pytestmark = pytest.mark.django_db(transaction=True)
HOLD = '{"metadata":{"finalizers":["example.com/hold"]}}'
FREE = '[{"op":"remove","path":"/metadata/finalizers"}]'
QUOTA_OF_OTHERS = """
apiVersion: v1
kind: ResourceQuota
metadata: {name: theirs}
spec: {hard: {count/configmaps: "50"}}
"""


@pytest.fixture
def environment(cluster: Cluster, client: ClusterClient) -> Iterator[Environment]:
    """An environment that was made."""
    environment = factories.make_environment(
        factories.make_project(f"again-{uuid4().hex[:8]}"),
        cluster=cluster,
        phase=Environment.Phase.PENDING,
    )
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert environment.phase == "Ready", str(environment.message)
    yield environment
    client.delete(NAMESPACE, None, environment.namespace)


@pytest.fixture
def kubectl(control_plane: ControlPlane, environment: Environment) -> Kubectl:
    return Kubectl(control_plane, environment.namespace)


@pytest.fixture
def watched(environment: Environment, mirror: ClusterMirror) -> Environment:
    """The environment, seen by the mirror as it was made."""
    kinds = ("LimitRange", "ResourceQuota", "NetworkPolicy")
    named = {(kind, "slipway") for kind in kinds}
    seen = {("Namespace", environment.namespace), *named}

    def is_seen() -> bool | None:
        rows = Companion.objects.filter(namespace=environment.namespace)
        return seen <= set(rows.values_list("kind", "name")) or None

    assert wait_until(is_seen, timeout_seconds=20)
    assert not wait_until(lambda: current(environment).drift or None, timeout_seconds=1)
    return environment


def current(environment: Environment) -> Environment:
    return Environment.objects.select_related("project", "cluster", "quota").get(pk=environment.pk)


def until(environment: Environment, is_so: Callable[[Environment], Any]) -> Environment:
    """Wait, without any worker, until the row is so."""

    def so() -> Environment | None:
        row = current(environment)
        return row if is_so(row) else None

    row = wait_until(so, timeout_seconds=20)
    assert row, (current(environment).__dict__, "never so")
    return row


def shown_drift(environment: Environment) -> Environment:
    return until(environment, lambda row: row.drift)


def work(environment: Environment, is_so: Callable[[Environment], Any] = lambda row: True) -> Any:
    """Do what workers do until nothing is due and the row is so; return it."""

    def rested() -> Environment | None:
        while reconcile_environment(environment.pk):
            pass
        row = current(environment)
        is_resting = row.next_run_at is not None and row.next_run_at > timezone.now()
        return row if is_resting and is_so(row) else None

    row = wait_until(rested, timeout_seconds=30)
    assert row, (current(environment).__dict__, "never so")
    return row


def is_well(row: Environment) -> bool:
    return (row.phase, row.reason, row.drift) == ("Ready", "", [])


def fields(row: Environment) -> set[tuple[str, str]]:
    return {(entry["object"], entry["field"]) for entry in row.drift}


def live(
    client: ClusterClient, kind: ObjectKind, environment: Environment, name: str = "slipway"
) -> Any:
    namespace = None if kind is NAMESPACE else environment.namespace
    body = client.get(kind, namespace, name if namespace else environment.namespace)
    return orjson.loads(body) if body is not None else None


def stays_well(environment: Environment) -> None:
    """What comes from the mirror afterwards finds nothing to do."""
    work(environment, is_well)
    assert not wait_until(
        lambda: None if is_well(current(environment)) else True, timeout_seconds=2
    )


def test_what_was_just_made_differs_in_nothing(watched):
    assert is_well(current(watched))
    Environment.objects.update(next_run_at=timezone.now())
    assert is_well(work(watched)), "and so it is found by a worker"


def test_a_namespace_that_was_deleted_is_said_and_made_anew(watched, kubectl, client):
    before = live(client, NAMESPACE, watched)["metadata"]["uid"]
    kubectl("delete", "namespace", watched.namespace, "--wait=false")
    row = until(watched, lambda row: row.reason == "Missing")
    assert (row.phase, str(row.message)) == (
        "Pending",
        "The namespace is no longer in the cluster. It is being recreated.",
    )
    assert ("Namespace/" + watched.namespace, "") in fields(row)
    started = time.monotonic()
    work(watched, is_well)
    assert time.monotonic() - started < 5
    assert live(client, NAMESPACE, watched)["metadata"]["uid"] != before
    assert live(client, LIMIT_RANGE, watched)
    assert live(client, RESOURCE_QUOTA, watched)["spec"]["hard"]["requests.cpu"] == "64"
    stays_well(watched)


def test_what_ran_in_a_namespace_that_was_made_anew_is_rolled_out_again(watched, kubectl):
    model = factories.make_model(watched.project)
    factories.make_version(model, "1")
    service = factories.make_service(watched, "scorer", model=model, replicas=2)
    http = factories.signed_in(factories.make_user(is_platform_admin=True))
    path = f"/api/v1/projects/{watched.project.name}/environments/{watched.name}"

    def roll_out() -> None:
        wish = {"version": "1"}
        answer: Any = http.post(f"{path}/services/scorer/rollouts", wish, format="json")
        assert answer.status_code == 202, answer.content
        rollout = answer.json()["id"]

        def succeeded() -> bool | None:
            while reconcile_rollout(rollout):
                pass
            return Rollout.objects.get(pk=rollout).phase == "Succeeded" or None

        assert wait_until(succeeded, timeout_seconds=30), str(
            Rollout.objects.get(pk=rollout).message
        )

    roll_out()
    kubectl("delete", "namespace", watched.namespace)
    until(watched, lambda row: row.reason == "Missing")
    work(watched, is_well)
    roll_out()
    pods = kubectl("get", "pods", "-l", f"slipway.dev/service-id={service.pk}", "-o", "name")
    assert len(pods.split()) == 2


CHANGES = {
    "a ResourceQuota less": (["delete", "resourcequota", "slipway"], ("ResourceQuota/slipway", "")),
    "a LimitRange less": (["delete", "limitrange", "slipway"], ("LimitRange/slipway", "")),
    "a NetworkPolicy less": (
        ["delete", "networkpolicy", "slipway"],
        ("NetworkPolicy/slipway", ""),
    ),
    "everybody let in": (
        [
            "patch",
            "networkpolicy",
            "slipway",
            "-p",
            '{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}]}}',
        ],
        ("NetworkPolicy/slipway", "spec.ingress"),
    ),
    "no minimum": (
        [
            "patch",
            "limitrange",
            "slipway",
            "--type=json",
            '-p=[{"op":"remove","path":"/spec/limits/0/min"}]',
        ],
        ("LimitRange/slipway", "spec.limits"),
    ),
    "more in a ResourceQuota": (
        ["patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"requests.cpu":"900"}}}'],
        ("ResourceQuota/slipway", "spec.hard.requests.cpu"),
    ),
    "another limit in a ResourceQuota": (
        ["patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"pods":"0"}}}'],
        ("ResourceQuota/slipway", "spec.hard.pods"),
    ),
    "a limit less": (
        [
            "patch",
            "resourcequota",
            "slipway",
            "--type=json",
            '-p=[{"op":"remove","path":"/spec/hard/requests.memory"}]',
        ],
        ("ResourceQuota/slipway", "spec.hard.requests.memory"),
    ),
    "other defaults": (
        [
            "patch",
            "limitrange",
            "slipway",
            "--type=json",
            '-p=[{"op":"add","path":"/spec/limits/0/max","value":{"cpu":"1"}}]',
        ],
        ("LimitRange/slipway", "spec.limits"),
    ),
    "weaker Pod Security": (
        ["label", "ns", "{}", "pod-security.kubernetes.io/enforce=privileged", "--overwrite"],
        ("Namespace/{}", "metadata.labels.pod-security.kubernetes.io/enforce"),
    ),
    "no Pod Security": (
        ["label", "ns", "{}", "pod-security.kubernetes.io/enforce-"],
        ("Namespace/{}", "metadata.labels.pod-security.kubernetes.io/enforce"),
    ),
    "an owner less": (
        ["label", "ns", "{}", "slipway.dev/project-"],
        ("Namespace/{}", "metadata.labels.slipway.dev/project"),
    ),
    "another tool": (
        ["label", "ns", "{}", "app.kubernetes.io/managed-by=Helm", "--overwrite"],
        ("Namespace/{}", "metadata.labels.app.kubernetes.io/managed-by"),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_sets_up_a_namespace_is_shown_and_put_back(watched, kubectl, client, case):
    arguments, (name, field) = CHANGES[case]
    kubectl(*(argument.replace("{}", watched.namespace) for argument in arguments))
    row = shown_drift(watched)
    assert fields(row) == {(name.replace("{}", watched.namespace), field)}
    assert (row.phase, row.reason) == ("Ready", "Drifted")
    assert str(row.message) == "It differs from what was applied in 1 place. It is being restored."
    assert row.next_run_at <= timezone.now()
    work(watched, is_well)
    stays_well(watched)


def test_all_labels_that_were_taken_away_are_put_back(watched, kubectl):
    labels = current(watched).setup.manifests[0]["metadata"]["labels"]
    kubectl("label", "namespace", watched.namespace, *(f"{name}-" for name in labels))
    shown_drift(watched)
    work(watched, is_well)


def test_labels_are_put_back_of_what_was_made_before_its_uid_was_noted(watched, kubectl):
    Environment.objects.update(namespace_uid="")
    kubectl("label", "namespace", watched.namespace, "slipway.dev/project-")
    shown_drift(watched)
    assert work(watched, is_well).namespace_uid


def test_who_wrote_it_and_when_is_shown_to_callers(watched, kubectl):
    kubectl("patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"requests.cpu":"900"}}}')
    shown_drift(watched)
    user = factories.make_user(is_platform_admin=True)
    path = f"/api/v1/projects/{watched.project.name}/environments/{watched.name}"
    answer = factories.signed_in(user).get(path).json()
    (entry,) = answer["drift"]
    assert (entry["wanted"], entry["found"]) == ("64", "900")
    assert (entry["manager"], bool(entry["since"])) == ("kubectl-patch", True)
    assert answer["status"]["reason"] == "Drifted"


@pytest.mark.parametrize("kind", ["resourcequota", "limitrange"])
def test_what_others_put_into_a_namespace_is_shown_and_left_to_them(watched, kubectl, client, kind):
    theirs = QUOTA_OF_OTHERS
    if kind == "limitrange":
        theirs = theirs.replace("ResourceQuota", "LimitRange")
        theirs = theirs.replace('{hard: {count/configmaps: "50"}}', "{limits: [{type: Pod}]}")
    kubectl("create", "-f", "-", stdin=theirs)
    row = shown_drift(watched)
    (entry,) = row.drift
    assert entry["object"].endswith("/theirs")
    assert (entry["wanted"], entry["found"], entry["manager"]) == (
        None,
        "present",
        "kubectl-create",
    )
    assert (row.phase, row.reason) == ("Ready", "")
    kubectl("delete", "resourcequota", "slipway")
    until(watched, lambda row: row.reason == "Drifted")
    row = work(watched, lambda row: row.reason == "")
    assert [e["object"] for e in row.drift] == [entry["object"]]
    assert kubectl("get", kind, "theirs")
    kubectl("delete", kind, "theirs")
    until(watched, is_well)


def test_fields_of_others_are_left_to_them_where_the_policy_says_so(watched, kubectl, client):
    admin = factories.make_user(is_platform_admin=True)
    http = factories.signed_in(admin)
    path = f"/api/v1/projects/{watched.project.name}/environments/{watched.name}"
    answer: Any = http.patch(path, {"foreign_fields": "refuse"}, format="json")
    assert answer.status_code == 200, answer.content
    work(watched, is_well)
    kubectl("patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"requests.cpu":"900"}}}')
    kubectl("delete", "limitrange", "slipway")
    shown_drift(watched)
    row = work(watched, lambda row: row.reason == "FieldsOfOthers" and len(row.drift) == 1)
    assert row.phase == "Ready"
    assert "spec.hard.requests.cpu (kubectl-patch)" in str(row.message)
    assert live(client, RESOURCE_QUOTA, watched)["spec"]["hard"]["requests.cpu"] == "900"
    assert live(client, LIMIT_RANGE, watched), "what is nobody's is put back"
    kubectl("patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"requests.cpu":"64"}}}')
    work(watched, is_well)

    kubectl("patch", "resourcequota", "slipway", "-p", '{"spec":{"hard":{"requests.cpu":"900"}}}')
    until(watched, lambda row: row.drift)
    http.patch(path, {"foreign_fields": "take_over"}, format="json")
    work(watched, is_well)
    assert live(client, RESOURCE_QUOTA, watched)["spec"]["hard"]["requests.cpu"] == "64"


def test_a_quota_is_followed_and_is_no_drift(watched, client):
    limits = Resources.parse({"cpu": "3", "memory": "1Gi"})
    actions.set_quota(environment=current(watched), limits=limits, gpu_products={}, by=SYSTEM)
    work(watched, is_well)
    hard = live(client, RESOURCE_QUOTA, watched)["spec"]["hard"]
    stated = {"requests.cpu": "3", "requests.memory": "1Gi", "pods": "200"}
    assert hard == {**stated, "requests.nvidia.com/gpu": "0"}, "which its nodes have"
    stays_well(watched)


@pytest.mark.parametrize("where", ["content", "the namespace itself"])
def test_a_namespace_that_cannot_go_is_waited_for_and_said(watched, kubectl, where):
    held = ("configmap", "held") if where == "content" else ("namespace", watched.namespace)
    if where == "content":
        kubectl("create", "configmap", "held")
    kubectl("patch", *held, "--type=merge", "-p", HOLD)
    try:
        kubectl("delete", "namespace", watched.namespace, "--wait=false")
        row = until(watched, lambda row: row.reason == "WaitingForDeletion")
        assert row.phase == "Pending"
        assert [e["found"] for e in row.drift] == ["Terminating"]
        Environment.objects.update(next_run_at=timezone.now())

        def held_row() -> Environment | None:
            Environment.objects.update(next_run_at=timezone.now())
            reconcile_environment(watched.pk)
            row = current(watched)
            return row if "example.com/hold" in str(row.message) else None

        row = wait_until(held_row, timeout_seconds=20)
        assert row, str(current(watched).message)
        assert str(row.message).startswith("Somebody deleted the namespace.")
        assert row.reason == "WaitingForDeletion"
    finally:
        kubectl("patch", *held, "--type=json", "-p", FREE)
    until(watched, lambda row: row.reason == "Missing")
    work(watched, is_well)


@pytest.mark.parametrize("labels", [[], ["slipway.dev/project=rival"]])
def test_a_namespace_that_somebody_else_made_in_its_place_is_never_adopted(
    watched, kubectl, client, labels
):
    kubectl("delete", "namespace", watched.namespace)
    kubectl("create", "namespace", watched.namespace)
    kubectl("create", "-f", "-", stdin=QUOTA_OF_OTHERS)
    for label in labels:
        kubectl("label", "namespace", watched.namespace, label)
    row = work(watched, lambda row: row.reason == "NamespaceConflict")
    assert row.phase == "Pending"
    assert [(e["object"], e["found"]) for e in row.drift] == [
        ("Namespace/" + watched.namespace, "somebody else's")
    ]
    assert live(client, RESOURCE_QUOTA, watched) is None
    kubectl("delete", "namespace", watched.namespace)
    work(watched, is_well)


def test_a_namespace_that_was_given_to_another_owner_is_theirs(watched, kubectl, client):
    kubectl("label", "ns", watched.namespace, "slipway.dev/project=rival", "--overwrite")
    row = work(watched, lambda row: row.reason == "NamespaceConflict")
    assert row.phase == "Pending"
    labels = live(client, NAMESPACE, watched)["metadata"]["labels"]
    assert labels["slipway.dev/project"] == "rival"


def test_an_environment_is_given_up_though_its_namespace_lost_labels(watched, kubectl, client):
    kubectl("label", "ns", watched.namespace, "slipway.dev/project-")
    actions.delete_environment(environment=current(watched), by=SYSTEM)

    def gone() -> bool | None:
        Environment.objects.update(next_run_at=timezone.now())
        reconcile_environment(watched.pk)
        return None if Environment.objects.exists() else True

    assert wait_until(gone, timeout_seconds=30)
    assert live(client, NAMESPACE, watched) is None


def test_without_a_mirror_a_rollout_or_time_finds_it(environment, kubectl, client):
    assert current(environment).next_run_at > timezone.now()
    kubectl("delete", "resourcequota", "slipway")
    actions.look_at_environment(environment)
    work(environment, is_well)
    assert live(client, RESOURCE_QUOTA, environment)
    kubectl("delete", "limitrange", "slipway")
    Environment.objects.update(next_run_at=timezone.now())
    work(environment, is_well)
    assert live(client, LIMIT_RANGE, environment)


def test_a_cluster_that_is_away_is_no_drift(environment, proxy: TcpProxy):
    proxy.refuse()
    Environment.objects.update(next_run_at=timezone.now())
    assert is_well(work(environment))


def test_of_kinds_that_the_mirror_may_not_read_nothing_is_said(
    environment, mirrors, kubectl, monkeypatch
):
    readable = [what for what in informer.ALL_MIRRORED if what.kind is not LIMIT_RANGE]
    monkeypatch.setattr(informer, "ALL_MIRRORED", readable)
    mirrors(environment.cluster)
    kubectl("label", "ns", environment.namespace, "pod-security.kubernetes.io/enforce-")
    shown = {name for name, _ in fields(shown_drift(environment))}
    assert shown == {f"Namespace/{environment.namespace}"}


def test_what_somebody_undoes_again_and_again_is_put_back_less_often(watched, kubectl):
    for expected in (2, 3):
        kubectl("delete", "limitrange", "slipway")
        Environment.objects.update(next_run_at=timezone.now())
        assert work(watched, is_well).writes == expected
    kubectl("delete", "limitrange", "slipway")
    Environment.objects.update(next_run_at=timezone.now(), writes=4, written_at=timezone.now())
    row = work(watched, lambda row: str(row.message).endswith("so it is done less often."))
    assert fields(row) == {("LimitRange/slipway", "")}
    assert (row.phase, row.reason) == ("Ready", "Drifted")
    assert row.next_run_at is not None
    assert row.next_run_at - timezone.now() < timedelta(seconds=5)
    assert is_well(work(watched, is_well))
