"""Objects that others keep a hand on: fields with two owners, changes that are changed at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT, SERVICE
from core.waiting import wait_until
from projects.models import Environment
from serving.models import ModelService, Rollout
from serving.worker.advance import reconcile_rollout
from tests.contract.kubectl import Kubectl
from tests.contract.test_truth import deploy, deployed, fields, healthy, live, soon

pytestmark = pytest.mark.django_db(transaction=True)
POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: meddling}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
    resourceRules: [{apiVersions: [v1], operations: [CREATE, UPDATE], RESOURCES}]
  mutations: [{patchType: JSONPatch, jsonPatch: {expression: EXPRESSION}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: meddling}
spec: {policyName: meddling}
"""
DEPLOYMENTS = "apiGroups: [apps], resources: [deployments]"
PODS = "apiGroups: [''], resources: [pods]"
SLOW_END = """
'[JSONPatch{op: "add", path: "/spec/template/spec/terminationGracePeriodSeconds", value: 77}]'
"""
OTHER_IMAGE = """
'[JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "example.com/other:77"}]'
"""
POD_SPEC = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "model",
            "image": "example.com/any:1",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
    ],
}


def pod(**labels: str) -> dict[str, Any]:
    metadata = {"name": "theirs", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": POD_SPEC}


def deployment(**labels: str) -> dict[str, Any]:
    labels = {"app": "theirs", **labels}
    template = {"metadata": {"labels": labels}, "spec": POD_SPEC}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "theirs"},
        "spec": {"selector": {"matchLabels": {"app": "theirs"}}, "template": template},
    }


PROBES = {DEPLOYMENTS: deployment(), PODS: pod()}


@pytest.fixture
def refusing(environment: Environment) -> None:
    """Leave the fields of others to them."""
    Environment.objects.filter(pk=environment.pk).update(foreign_fields="refuse")


def test_what_was_taken_over_is_ours_alone_where_the_policy_is_to_refuse(
    mirror, caller, kubectl, client, service, refusing
):
    deployed(caller, env={"A": "1"})
    soon(caller, healthy)
    kubectl("set", "env", "deploy/scorer", "A=2", "B=3")
    soon(caller, lambda shown: shown["drift"])
    assert caller.end(caller.post(f"{caller.service}/take-over", {}))["phase"] == "Succeeded"
    managers = {entry["manager"] for entry in live(client, service)["metadata"]["managedFields"]}
    assert managers == {"slipway", "kube-controller-manager"}
    deployed(caller, "1", env={"A": "4", "B": "5"})
    assert soon(caller, healthy)["drift"] == []


def test_nothing_at_all_is_written_where_the_policy_refuses_a_part(
    caller, kubectl, client, service, refusing
):
    deployed(caller)
    kubectl("set", "env", "deploy/scorer", "MEDDLED=1")
    before = version_of(client, service)
    ended = caller.end(deploy(caller, "2", protocol="grpc"))
    assert (ended["phase"], ended["reason"]) == ("Failed", "FieldsOfOthers")
    assert version_of(client, service) == before


def version_of(client: ClusterClient, service: ModelService) -> Any:
    body = client.get(SERVICE, service.environment.namespace, service.name)
    assert body is not None
    return orjson.loads(body)["metadata"]["resourceVersion"]


def test_a_pause_writes_over_nothing_where_the_policy_is_to_refuse(
    caller, kubectl, client, service, refusing
):
    deployed(caller, replicas=4)
    rollout = deploy(caller, "2", strategy={"type": "rolling", "max_surge": 1})
    caller.work(rollout)
    kubectl("set", "env", "deploy/scorer", "MEDDLED=1")
    caller.post(f"/api/v1/rollouts/{rollout['id']}/pause", {}, 200)

    def refused() -> Any:
        seen = caller.work(rollout)
        return seen if seen["reason"] == "FieldsOfOthers" else None

    # Its status changes all the time, and a pass that met a change looks again.
    assert wait_until(refused, timeout_seconds=15), caller.rollout(rollout)
    assert caller.rollout(rollout)["phase"] == "Paused"
    assert not live(client, service)["spec"].get("paused")


@contextmanager
def meddling(kubectl: Kubectl, resources: str, expression: str) -> Iterator[None]:
    """Let the cluster change what is written; it takes it a moment to begin and to end."""

    def changes() -> bool:
        probe = orjson.dumps(PROBES[resources]).decode()
        made = kubectl("create", "--dry-run=server", "-o", "yaml", "-f", "-", stdin=probe)
        return "GracePeriodSeconds: 77" in made or "other:77" in made

    policy = POLICY.replace("NAMESPACE", kubectl.namespace).replace("RESOURCES", resources)
    kubectl("apply", "-f", "-", stdin=policy.replace("EXPRESSION", expression.strip()))
    try:
        assert wait_until(lambda: changes() or None, timeout_seconds=15)
        yield
    finally:
        for kind in ("mutatingadmissionpolicybinding", "mutatingadmissionpolicy"):
            kubectl("delete", kind, "meddling")
    assert wait_until(lambda: not changes() or None, timeout_seconds=15)


def test_a_cluster_that_changes_what_is_applied_is_not_fought_without_a_pause(
    mirror, caller, kubectl, monkeypatch
):
    writes = []
    apply = ClusterClient.apply

    def counting(self: ClusterClient, manifest: Any, **about: Any) -> bytes:
        body = apply(self, manifest, **about)
        if manifest["kind"] == DEPLOYMENT.name:
            writes.append(manifest)
        return body

    monkeypatch.setattr(ClusterClient, "apply", counting)
    with meddling(kubectl, DEPLOYMENTS, SLOW_END):
        rollout = deploy(caller)
        shown = caller.work(rollout)
        assert (shown["phase"], shown["reason"]) == ("Progressing", "Overridden")
        assert "terminationGracePeriodSeconds" in shown["message"]
        ended = caller.end(rollout)
        assert (ended["phase"], ended["reason"]) == ("Failed", "Overridden")
        # In ten seconds: three at once, then after two and four.
        assert 3 <= len(writes) <= 5
        assert caller.get(caller.service)["reserved"]["cpu"] == "2", "its pods may still come"
    deployed(caller, "2")
    assert soon(caller, healthy)["drift"] == []


def test_pods_that_run_another_image_than_their_revision_are_replaced(mirror, caller, kubectl):
    with meddling(kubectl, PODS, OTHER_IMAGE):
        deployed(caller)
        shown = soon(caller, lambda shown: len(shown["drift"]) == 2)
    assert (shown["health"], shown["reason"]) == ("Degraded", "Drifted")
    assert {entry["found"] for entry in shown["drift"]} == {"example.com/other:77"}
    assert set(fields(shown)) == {"spec.containers[model].image"}
    assert caller.post(f"{caller.service}/take-over", {}, 409)["reason"] == "CannotBeTakenOver"
    plan = caller.post(f"{caller.service}/restore", {"dry_run": True}, 200)
    assert (plan["kind"], len(plan["changes"])) == ("restart", 2)
    ended = caller.end(caller.post(f"{caller.service}/restore", {"plan": plan["plan"]}))
    assert ended["phase"] == "Succeeded", ended
    assert soon(caller, healthy)["drift"] == []


@pytest.mark.parametrize("theirs", [pod, deployment], ids=["a pod", "a Deployment"])
def test_pods_of_others_that_get_the_requests_are_shown_and_removed(
    mirror, caller, kubectl, service, theirs
):
    deployed(caller)
    soon(caller, healthy)
    body = theirs(**{"slipway.dev/service-id": str(service.pk)})
    kubectl("create", "-f", "-", stdin=orjson.dumps(body).decode())
    shown = soon(caller, lambda shown: shown["drift"])
    (entry,) = shown["drift"]
    assert entry["object"].startswith("Pod/theirs")
    assert (entry["wanted"], entry["found"], shown["ready_replicas"]) == (None, "present", 2)
    if theirs is deployment:
        kubectl("delete", "deploy", "theirs")
    else:
        assert caller.end(caller.post(f"{caller.service}/restore", {}))["phase"] == "Succeeded"
    assert soon(caller, healthy)["drift"] == []


def test_an_autoscaler_that_is_pointed_elsewhere_is_not_ours_any_more(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    kubectl("autoscale", "deploy/scorer", "--min=2", "--max=3", "--name=theirs")
    shown = soon(caller, lambda shown: shown["drift"])
    assert shown["drift"][0]["object"] == "HorizontalPodAutoscaler/theirs"
    elsewhere = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "other"}}
    kubectl("patch", "hpa", "theirs", "-p", orjson.dumps({"spec": elsewhere}).decode())
    assert soon(caller, healthy)["drift"] == []
    assert caller.post(f"{caller.service}/restore", {}, 409)["reason"] == "NothingDiffers"


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (
            ("patch", "deploy", "scorer", "-p", '{"spec":{"progressDeadlineSeconds":2147483647}}'),
            "/progress_deadline_seconds",
        ),
        (("set", "env", "deploy/scorer", "odd-name=1"), "/env/odd-name"),
        (("scale", "deploy/scorer", "--replicas=1001"), "/replicas"),
    ],
    ids=["a deadline", "a variable", "a number"],
)
def test_what_a_request_may_not_state_is_not_taken_over_either(
    mirror, caller, kubectl, command, field
):
    deployed(caller)
    soon(caller, healthy)
    kubectl(*command)
    soon(caller, lambda shown: shown["drift"])
    refusal = caller.post(f"{caller.service}/take-over", {"dry_run": True}, 409)
    assert refusal["reason"] == "CannotBeTakenOver"
    assert refusal["details"]["fields"][0].startswith(f"{field}: ")
    kubectl("scale", "deploy/scorer", "--replicas=0")


@pytest.mark.parametrize("change", ["restore", "decommission"])
def test_a_mirror_that_stands_still_is_no_witness_of_what_was_written_since(
    mirror, caller, kubectl, change
):
    deployed(caller)
    soon(caller, healthy)
    kubectl("scale", "deploy/scorer", "--replicas=1")
    soon(caller, lambda shown: shown["drift"])
    mirror.end()
    assert caller.end(caller.post(f"{caller.service}/{change}", {}))["phase"] == "Succeeded"
    shown = caller.get(caller.service)
    assert shown["drift"] == []
    assert shown["reason"] not in ("Drifted", "BackupRestored")


@pytest.mark.parametrize("epoch", ["9" * 15, "9" * 18, "9" * 30, "-1", ""])
def test_an_epoch_that_was_made_up_stops_no_rollout(mirror, caller, kubectl, service, epoch):
    deployed(caller)
    soon(caller, healthy)
    for version in ("2", "3", "1"):
        kubectl("annotate", "deploy/scorer", f"slipway.dev/epoch={epoch}", "--overwrite")
        soon(caller, lambda shown: fields(shown) == ["metadata.annotations.slipway.dev/epoch"])
        deployed(caller, version)
        assert soon(caller, healthy)["drift"] == []
    assert ModelService.objects.get(pk=service.pk).epoch < 10**17


def test_what_never_ran_is_offered_neither_back_nor_over(mirror, caller, kubectl):
    unschedulable = {"node_selector": {"no": "such"}}
    assert caller.end(deploy(caller, **unschedulable))["phase"] == "Failed"
    kubectl("scale", "deploy/scorer", "--replicas=1")
    shown = soon(caller, lambda shown: shown["drift"])
    offers = {offer["verb"]: offer for offer in shown["actions"]}
    for verb, path in (("restore", "restore"), ("take_over", "take-over")):
        refusal = caller.post(f"{caller.service}/{path}", {}, 409)
        assert not offers[verb]["allowed"]
        assert offers[verb]["reason"] == refusal["reason"] == "NotDeployed"


def test_a_decommission_waits_for_nothing_of_others_that_has_the_label(
    mirror, caller, kubectl, service
):
    deployed(caller)
    soon(caller, healthy)
    body = deployment(**{"slipway.dev/service-id": str(service.pk)})
    kubectl("create", "-f", "-", stdin=orjson.dumps(body).decode())
    soon(caller, lambda shown: shown["drift"])
    refusal = caller.post(f"{caller.service}/restore", {"dry_run": True}, 409)
    assert "belong to something else" in refusal["detail"]
    ended = caller.end(caller.post(f"{caller.service}/decommission", {}))
    assert ended["phase"] == "Succeeded"
    assert kubectl("get", "pods", "--selector=app=theirs", "-o", "name")


def test_a_pod_that_loses_the_label_is_no_stray_any_more(mirror, caller, kubectl, service):
    deployed(caller)
    soon(caller, healthy)
    body = pod(**{"slipway.dev/service-id": str(service.pk)})
    kubectl("create", "-f", "-", stdin=orjson.dumps(body).decode())
    soon(caller, lambda shown: shown["drift"])
    kubectl("label", "pod", "theirs", "slipway.dev/service-id-")
    assert soon(caller, healthy)["drift"] == []


def test_a_restore_keeps_the_pods_that_were_left_without_their_deployment(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    before = kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}")
    kubectl("delete", "deploy", "scorer", "--cascade=orphan")
    # Until it is gone, it is there and being deleted.
    shown = soon(caller, lambda shown: shown["reason"] == "Missing")
    assert shown["health"] == "Degraded"
    assert [entry["object"] for entry in shown["drift"]] == ["Deployment/scorer"]
    assert caller.end(caller.post(f"{caller.service}/restore", {}))["phase"] == "Succeeded"
    assert soon(caller, healthy)["drift"] == []
    assert kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}") == before


def test_consent_is_to_what_was_seen_and_to_nothing_since(
    mirror, caller, kubectl, client, service, refusing
):
    deployed(caller, env={"A": "1"})
    soon(caller, healthy)
    kubectl("set", "env", "deploy/scorer", "A=2")
    soon(caller, lambda shown: shown["drift"])
    mirror.end()
    kubectl("set", "env", "deploy/scorer", "A=3", "NEW=1")
    for path in ("take-over", "restore"):
        ended = caller.end(caller.post(f"{caller.service}/{path}", {}))
        assert (ended["phase"], ended["reason"]) == ("Failed", "FieldsOfOthers")
    (container,) = live(client, service)["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "3"}, {"name": "NEW", "value": "1"}]


def test_what_a_dead_worker_wrote_stays_in_the_ledger(
    caller, kubectl, service, refusing, monkeypatch
):
    rollout = deploy(caller, replicas=4, node_selector={"no": "such"})
    held = caller.get(caller.service)["reserved"]
    with monkeypatch.context() as patched:
        patched.setattr("serving.worker.advance.commit", None)
        with pytest.raises(TypeError):
            reconcile_rollout(rollout["id"])
    kubectl("set", "env", "deploy/scorer", "MEDDLED=1")
    Rollout.objects.filter(pk=rollout["id"]).update(lease_until=None)
    assert caller.end(rollout)["reason"] == "FieldsOfOthers"
    assert caller.get(caller.service)["reserved"] == held


def test_what_somebody_makes_in_this_very_moment_is_not_written_over(
    caller, kubectl, service, refusing, monkeypatch
):
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "scorer"},
        "spec": {"selector": {"app": "theirs"}, "ports": [{"name": "http", "port": 8080}]},
    }
    apply = ClusterClient.apply

    def late(self: ClusterClient, manifest: Any, **about: Any) -> bytes:
        if manifest["kind"] == SERVICE.name:
            monkeypatch.setattr(ClusterClient, "apply", apply)
            kubectl("create", "-f", "-", stdin=orjson.dumps(theirs).decode())
        return apply(self, manifest, **about)

    monkeypatch.setattr(ClusterClient, "apply", late)
    assert caller.end(deploy(caller))["reason"] == "NameTaken"
    assert kubectl("get", "service", "scorer", "-o", "jsonpath={.spec.selector.app}") == "theirs"


def test_a_pause_that_somebody_undoes_is_not_fought_without_a_pause(
    mirror, caller, kubectl, client, service
):
    deployed(caller, replicas=4)
    rollout = deploy(caller, "2", strategy={"type": "rolling", "max_surge": 1})
    caller.work(rollout)
    caller.post(f"/api/v1/rollouts/{rollout['id']}/pause", {}, 200)
    for _ in range(4):
        caller.work(rollout)
        if live(client, service)["spec"].get("paused"):
            kubectl("rollout", "resume", "deploy/scorer")
    shown = caller.work(rollout)
    assert (shown["phase"], shown["reason"]) == ("Paused", "Overridden")
    assert Rollout.objects.get(pk=rollout["id"]).writes <= 4


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (("delete", "deploy", "scorer"), ""),
        (("scale", "deploy", "scorer", "--replicas=1"), "spec.replicas"),
        (("delete", "pdb", "scorer"), ""),
    ],
)
def test_what_others_do_while_a_rollout_is_paused_is_said(mirror, caller, kubectl, command, field):
    deployed(caller, replicas=4)
    rollout = deploy(caller, "2", strategy={"type": "rolling", "max_surge": 1})
    caller.work(rollout)
    caller.post(f"/api/v1/rollouts/{rollout['id']}/pause", {}, 200)
    caller.work(rollout)
    assert caller.get(caller.service)["drift"] == [], "what is held is as it shall be"
    kubectl(*command)
    shown = soon(caller, lambda shown: shown["drift"])
    assert [entry["field"] for entry in shown["drift"]] == [field]
    assert shown["health"] == "Degraded"
