"""What Slipway says is what is, whatever others do to the cluster meanwhile."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT, NAMESPACE, REPLICA_SET
from clusters.models import Pod
from core.waiting import wait_until
from projects.models import Environment, Quota
from serving.models import ModelService, Rollout
from serving.worker import advance
from tests.contract.caller import Caller
from tests.contract.kubectl import Kubectl
from tests.contract.test_drift import PATCHES

pytestmark = pytest.mark.django_db(transaction=True)


def deploy(caller: Caller, version: str = "1", **changes: Any) -> Any:
    return caller.post(f"{caller.service}/rollouts", {"version": version, **changes})


def deployed(caller: Caller, version: str = "1", **changes: Any) -> Any:
    ended = caller.end(deploy(caller, version, **changes))
    assert ended["phase"] == "Succeeded", (ended["reason"], ended["message"])
    return ended


def soon(caller: Caller, is_so: Callable[[Any], bool], seconds: float = 10) -> Any:
    """Return the service as it is shown once something is so."""

    def look() -> Any:
        found = caller.get(caller.service)
        return found if is_so(found) else None

    shown = wait_until(look, timeout_seconds=seconds)
    assert shown is not None, caller.get(caller.service)
    return shown


def healthy(shown: Any) -> bool:
    return bool(shown["health"] == "Healthy")


def fields(shown: Any) -> list[str]:
    return [entry["field"] for entry in shown["drift"]]


def live(client: ClusterClient, service: ModelService) -> Any:
    body = client.get(DEPLOYMENT, service.environment.namespace, service.name)
    return orjson.loads(body) if body else None


def reserved(service: ModelService) -> dict[str, str]:
    quota = Quota.objects.get(environment=service.environment_id)
    return quota.reserved.canonical()


def test_a_number_that_somebody_else_wrote_is_drift_and_can_be_put_back(
    mirror, caller, kubectl, client, service
):
    deployed(caller)
    soon(caller, healthy)
    kubectl("scale", "deploy/scorer", "--replicas=1")
    shown = soon(caller, lambda shown: shown["drift"] and shown["ready_replicas"] == 1)
    assert (shown["health"], shown["reason"]) == ("Degraded", "Drifted")
    assert shown["message"].startswith("1 of 2 pods are ready.")
    (entry,) = shown["drift"]
    assert (entry["object"], entry["field"]) == ("Deployment/scorer", "spec.replicas")
    assert (entry["wanted"], entry["found"], entry["manager"]) == (2, 1, "kubectl")

    plan = caller.post(f"{caller.service}/restore", {"dry_run": True}, 200)
    assert plan["changes"] == [
        {"object": "Deployment/scorer", "field": "spec.replicas", "from": 1, "to": 2}
    ]
    assert not Rollout.objects.unfinished().exists(), "a plan changes nothing"
    ended = caller.end(caller.post(f"{caller.service}/restore", {"plan": plan["plan"]}))
    assert ended["phase"] == "Succeeded"
    shown = soon(caller, healthy)
    assert (shown["drift"], shown["ready_replicas"]) == ([], 2)
    assert live(client, service)["spec"]["replicas"] == 2


def test_a_number_that_somebody_else_wrote_can_be_taken_over(mirror, caller, kubectl, service):
    deployed(caller)
    soon(caller, healthy)
    kubectl("scale", "deploy/scorer", "--replicas=3")
    soon(caller, lambda shown: shown["drift"])
    ended = caller.end(caller.post(f"{caller.service}/take-over", {}))
    assert (ended["kind"], ended["phase"], ended["desired_replicas"]) == ("scale", "Succeeded", 3)
    shown = soon(caller, healthy)
    assert (shown["replicas"], shown["desired_replicas"], shown["drift"]) == (3, 3, [])
    assert reserved(service)["cpu"] == "3"


def test_settings_that_somebody_else_wrote_can_be_taken_over(mirror, caller, kubectl, service):
    deployed(caller, env={"A": "1"})
    soon(caller, healthy)
    digest = "sha256:" + "7" * 64
    kubectl("set", "env", "deploy/scorer", "A=2", "B=3")
    kubectl("set", "image", "deploy/scorer", f"model=models.example.com/other@{digest}")
    kubectl("set", "resources", "deploy/scorer", "--requests=cpu=500m,memory=1Gi")
    soon(caller, lambda shown: len(shown["drift"]) == 4)
    plan = caller.post(f"{caller.service}/take-over", {"dry_run": True}, 200)
    changed = {change["field"] for change in plan["changes"]}
    assert changed == {"version", "image", "env", "requests"}
    ended = caller.end(caller.post(f"{caller.service}/take-over", {"plan": plan["plan"]}))
    assert ended["phase"] == "Succeeded", ended
    shown = soon(caller, healthy)
    assert shown["env"] == {"A": "2", "B": "3"}
    assert shown["resources"]["requests"]["cpu"] == "500m"
    assert shown["current_version"] == ended["to_version"] == f"taken-over-{'7' * 12}"


def test_what_no_revision_can_hold_is_named_and_not_taken_over(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    kubectl("patch", "deploy", "scorer", "-p", PATCHES["a toleration"])
    soon(caller, lambda shown: shown["drift"])
    refusal = caller.post(f"{caller.service}/take-over", {}, 409)
    assert refusal["reason"] == "CannotBeTakenOver"
    assert refusal["details"]["fields"] == ["Deployment/scorer spec.template.spec.tolerations"]


def test_a_plan_of_before_is_refused(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    assert caller.post(f"{caller.service}/restore", {}, 409)["reason"] == "NothingDiffers"
    kubectl("scale", "deploy/scorer", "--replicas=1")
    soon(caller, lambda shown: shown["drift"])
    plan = caller.post(f"{caller.service}/restore", {"dry_run": True}, 200)["plan"]
    kubectl("scale", "deploy/scorer", "--replicas=4")
    soon(caller, lambda shown: shown["drift"] and shown["drift"][0]["found"] == 4)
    refusal = caller.post(f"{caller.service}/restore", {"plan": plan}, 409)
    assert refusal["reason"] == "PlanStale"


@pytest.mark.parametrize("patch", ["a command", "a toleration", "a sidecar", "a label of pods"])
@pytest.mark.parametrize("change", ["restart", "deploy", "rollback"])
def test_a_rollouts_pods_are_exactly_its_revision(caller, kubectl, client, service, patch, change):
    deployed(caller)
    deployed(caller, "2")
    kubectl("patch", "deploy", "scorer", "-p", PATCHES[patch])
    ended = caller.end(
        {
            "restart": lambda: caller.post(f"{caller.service}/restart", {}),
            "deploy": lambda: deploy(caller, "3"),
            "rollback": lambda: caller.post(f"{caller.service}/rollback", {}),
        }[change]()
    )
    assert ended["phase"] == "Succeeded", ended
    (said,) = [e["message"] for e in ended["timeline"] if e["reason"] == "FieldsOfOthers"]
    assert said.startswith("Fields that others had written were overwritten. spec.template.")
    assert "(kubectl-patch)" in said
    template = live(client, service)["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert "command" not in container
    assert "tolerations" not in template["spec"]
    assert "team" not in template["metadata"]["labels"]


def test_where_the_policy_is_to_refuse_a_rollout_stops_and_says_whose_fields_they_are(
    caller, kubectl, client, service, environment
):
    deployed(caller)
    Environment.objects.filter(pk=environment.pk).update(foreign_fields="refuse")
    kubectl("patch", "deploy", "scorer", "-p", PATCHES["a command"])
    ended = caller.end(deploy(caller, "2"))
    assert (ended["phase"], ended["reason"]) == ("Failed", "FieldsOfOthers")
    assert "spec.template.spec.containers[model].command (kubectl-patch)" in ended["message"]
    assert live(client, service)["spec"]["template"]["spec"]["containers"][0]["command"]


def test_objects_beside_the_deployment_are_compared_too(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    kubectl("delete", "pdb", "scorer")
    shown = soon(caller, lambda shown: shown["drift"])
    assert [(e["object"], e["found"]) for e in shown["drift"]] == [
        ("PodDisruptionBudget/scorer", None)
    ]
    kubectl("patch", "service", "scorer", "-p", '{"spec":{"selector":{"app":"other"}}}')
    kubectl("autoscale", "deploy", "scorer", "--min=1", "--max=5")
    shown = soon(caller, lambda shown: len(shown["drift"]) == 3)
    assert {e["object"] for e in shown["drift"]} == {
        "PodDisruptionBudget/scorer",
        "Service/scorer",
        "HorizontalPodAutoscaler/scorer",
    }
    caller.end(caller.post(f"{caller.service}/restore", {}))
    assert soon(caller, healthy)["drift"] == []
    assert "No resources found" in kubectl("get", "hpa", "--no-headers", "--ignore-not-found") + (
        "No resources found"
    )
    assert "scorer" in kubectl("get", "pdb")


def test_what_was_decommissioned_and_came_back_is_drift(mirror, caller, kubectl):
    deployed(caller)
    dumped = kubectl("get", "deploy", "scorer", "-o", "json")
    caller.end(caller.post(f"{caller.service}/decommission", {}))
    soon(caller, lambda shown: shown["health"] == "Stopped")
    kubectl("create", "-f", "-", stdin=dumped)
    shown = soon(caller, lambda shown: shown["health"] == "Degraded")
    assert [(e["object"], e["wanted"]) for e in shown["drift"]] == [("Deployment/scorer", None)]
    ended = caller.end(caller.post(f"{caller.service}/restore", {}))
    assert (ended["kind"], ended["phase"]) == ("decommission", "Succeeded")
    soon(caller, lambda shown: shown["health"] == "Stopped")


def test_a_label_that_was_taken_off_hides_nothing(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    kubectl("label", "deploy/scorer", "slipway.dev/service-id-", "app.kubernetes.io/managed-by-")
    shown = soon(caller, lambda shown: shown["drift"])
    assert set(fields(shown)) == {
        "metadata.labels.app.kubernetes.io/managed-by",
        "metadata.labels.slipway.dev/service-id",
    }


def test_what_is_paused_moves_nothing(caller, client, service, kubectl):
    """A change of the number cannot be held; a replacement is held where it is."""
    deployed(caller, replicas=4)
    scale = caller.post(f"{caller.service}/scale", {"replicas": 1})
    refusal = caller.post(f"/api/v1/rollouts/{scale['id']}/pause", {}, 409)
    assert refusal["reason"] == "IllegalTransition"
    caller.end(scale)
    pending = deploy(caller, "2", replicas=5)
    caller.post(f"/api/v1/rollouts/{pending['id']}/pause", {}, 200)
    shown = caller.work(pending)
    assert (shown["phase"], live(client, service)["spec"]["replicas"]) == ("Paused", 1)
    caller.post(f"/api/v1/rollouts/{pending['id']}/abort", {}, 200)
    assert caller.end(pending)["phase"] == "Aborted"
    assert live(client, service)["spec"]["replicas"] == 1


def told_replicas(client: ClusterClient, namespace: str) -> list[int]:
    items = orjson.loads(client.list(REPLICA_SET, namespace))["items"]
    return sorted(item["spec"]["replicas"] for item in items)


def test_a_replacement_that_is_paused_on_its_way_stays_there(caller, client, service, environment):
    deployed(caller, replicas=4)
    # A node that does not exist: new pods never become ready.
    rollout = deploy(caller, "2", replicas=6, node_selector={"zone": "nowhere"})
    caller.work(rollout)
    assert wait_until(
        lambda: len(told_replicas(client, environment.namespace)) == 2 or None, timeout_seconds=10
    )
    caller.post(f"/api/v1/rollouts/{rollout['id']}/pause", {}, 200)
    caller.work(rollout)
    held = told_replicas(client, environment.namespace)
    assert live(client, service)["spec"]["paused"]
    pods = kubectl_pods(client, environment)
    assert not wait_until(
        lambda: told_replicas(client, environment.namespace) != held or None, timeout_seconds=3
    )
    assert len(pods) == len(kubectl_pods(client, environment))
    caller.post(f"/api/v1/rollouts/{rollout['id']}/abort", {}, 200)
    caller.end(rollout)
    assert live(client, service)["spec"]["replicas"] == 4


def kubectl_pods(client: ClusterClient, environment: Environment) -> list[Any]:
    from clusters.kinds import POD

    items: list[Any] = orjson.loads(client.list(POD, environment.namespace))["items"]
    return items


@pytest.mark.parametrize("refusal", ["an object count", "an admission policy"])
def test_a_refusal_is_said_at_once_and_ends_in_its_time(caller, kubectl, service, refusal):
    refuse(kubectl, refusal, service.environment.namespace)
    try:
        rollout = deploy(caller)
        shown = caller.work(rollout)
        assert shown["reason"] == "ClusterForbidden", shown
        first = Rollout.objects.get(pk=rollout["id"]).progressed_at
        later = timezone.now() - timedelta(seconds=11)
        Rollout.objects.filter(pk=rollout["id"]).update(progressed_at=later)
        assert first is not None
        ended = caller.work(rollout)
        assert (ended["phase"], ended["reason"]) == ("Failed", "ClusterForbidden")
    finally:
        allow(kubectl, refusal)


POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-deployments}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  validations: [{expression: "false", message: not here, reason: Forbidden}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-deployments}
spec: {policyName: no-deployments, validationActions: [Deny]}
"""


def refuse(kubectl: Kubectl, how: str, namespace: str) -> None:
    if how == "an object count":
        kubectl("create", "quota", "objects", "--hard=count/deployments.apps=0")
        return
    kubectl("apply", "-f", "-", stdin=POLICY.replace("NAMESPACE", namespace))
    # The API server compiles a policy a moment after it has taken it.
    probe = json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "probe"},
            "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "x:1"}]},
                },
            },
        }
    )

    def is_refused() -> bool | None:
        try:
            kubectl("create", "--dry-run=server", "-f", "-", stdin=probe)
        except AssertionError as error:
            return "not here" in str(error) or None
        return None

    assert wait_until(is_refused, timeout_seconds=15)


def allow(kubectl: Kubectl, how: str) -> None:
    if how == "an admission policy":
        kubectl("delete", "validatingadmissionpolicybinding", "no-deployments")
        kubectl("delete", "validatingadmissionpolicy", "no-deployments")


def test_a_database_that_was_set_back_is_named_and_drives_nothing(
    mirror, caller, kubectl, client, service
):
    deployed(caller)
    soon(caller, healthy)
    started = deploy(caller, "2")
    kubectl("annotate", "deploy", "scorer", "slipway.dev/epoch=60", "--overwrite")
    ended = caller.work(started)
    assert (ended["phase"], ended["reason"]) == ("Failed", "BackupRestored"), ended
    assert (
        live(client, service)["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"]
        == "1"
    )
    shown = soon(caller, lambda shown: shown["reason"] == "BackupRestored")
    assert "slipway.dev/epoch" in shown["drift"][0]["field"]
    again = deployed(caller, "2")
    assert again["to_version"] == "2"
    assert soon(caller, healthy)["drift"] == []


def test_a_cluster_that_was_set_back_is_named_too(mirror, caller, client, service):
    for version in ("1", "2"):
        deployed(caller, version)
    soon(caller, healthy)
    service.refresh_from_db()
    *_, manifest = service.applied
    manifest["metadata"]["annotations"]["slipway.dev/epoch"] = "1"
    client.apply(manifest)
    shown = soon(caller, lambda shown: shown["reason"] == "BackupRestored")
    assert "back in epoch 1" in shown["message"]


def test_what_kubectl_has_undone_is_no_backup(mirror, caller, kubectl):
    for version in ("1", "2"):
        deployed(caller, version)
    soon(caller, healthy)
    kubectl("rollout", "undo", "deploy/scorer")
    shown = soon(caller, lambda shown: shown["drift"])
    assert (shown["health"], shown["reason"]) == ("Degraded", "Drifted")


STRANGER = {
    "Deployment": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: scorer}
spec:
  replicas: 1
  selector: {matchLabels: {app: theirs}}
  template:
    metadata: {labels: {app: theirs}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: c
        image: models.example.com/theirs:1
        resources: {requests: {cpu: "1", memory: 1Gi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
""",
    "Service": """
apiVersion: v1
kind: Service
metadata: {name: scorer}
spec: {selector: {app: theirs}, ports: [{port: 80}]}
""",
}


@pytest.mark.parametrize("kind", STRANGER)
def test_what_was_never_ours_is_neither_written_nor_counted_nor_deleted(
    mirror, caller, kubectl, service, kind
):
    kubectl("create", "-f", "-", stdin=STRANGER[kind])
    before = spec_of(kubectl, kind)
    wait_until(
        lambda: Pod.objects.filter(namespace=kubectl.namespace, is_ready=True).exists() or None,
        timeout_seconds=5,
    )
    ended = caller.end(deploy(caller))
    assert (ended["phase"], ended["reason"]) == ("Failed", "NameTaken"), ended
    shown = caller.get(caller.service)
    assert (shown["health"], shown["ready_replicas"]) == ("Stopped", 0)
    assert caller.get(f"{caller.service}/pods")["results"] == []
    assert set(reserved(service).values()) <= {"0"}
    caller.post(f"{caller.service}/decommission", {}, 409)
    assert spec_of(kubectl, kind) == before


def spec_of(kubectl: Kubectl, kind: str) -> Any:
    return json.loads(kubectl("get", kind, "scorer", "-o", "json"))["spec"]


def test_a_decommission_leaves_nothing_behind_unsaid(mirror, caller, kubectl):
    """A pod whose label was taken off, and a Service that somebody holds."""
    deployed(caller)
    soon(caller, healthy)
    name = caller.get(f"{caller.service}/pods")["results"][0]["name"]
    kubectl("label", "pod", name, "slipway.dev/service-id-")
    hold = '{"metadata":{"finalizers":["example.com/hold"]}}'
    kubectl("patch", "service", "scorer", "--type=merge", "-p", hold)
    soon(caller, lambda shown: shown["ready_replicas"] == 2)
    gone = caller.post(f"{caller.service}/decommission", {})

    def held() -> Any:
        shown = caller.work(gone)
        is_so = shown["message"].startswith("1 Service remains.")
        return shown if is_so else None

    shown = wait_until(held, timeout_seconds=20)
    assert shown is not None, caller.rollout(gone)
    assert "Service scorer waits for finalizer example.com/hold." in shown["message"]
    kubectl("patch", "service", "scorer", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert caller.end(gone)["phase"] == "Succeeded"
    assert name not in kubectl("get", "pods", "-o", "name")


def test_a_copy_with_our_labels_is_not_the_service(mirror, caller, kubectl, client, service):
    deployed(caller)
    soon(caller, healthy)
    copy = json.loads(kubectl("get", "deploy", "scorer", "-o", "json"))
    elsewhere = f"copy-{uuid4().hex[:8]}"
    copy["metadata"] = {
        "name": "scorer",
        "namespace": elsewhere,
        "labels": copy["metadata"]["labels"],
        "annotations": {"slipway.dev/epoch": "999"},
    }
    kubectl("create", "namespace", elsewhere)
    try:
        kubectl("create", "-f", "-", f"--namespace={elsewhere}", stdin=json.dumps(copy))
        beside = {**copy, "metadata": {**copy["metadata"], "name": "copy"}}
        del beside["metadata"]["namespace"]
        assert wait_until(
            lambda: Pod.objects.filter(namespace=elsewhere, is_ready=True).count() == 2 or None,
            timeout_seconds=15,
        )
        shown = caller.get(caller.service)
        assert (shown["health"], shown["ready_replicas"]) == ("Healthy", 2)
        assert len(caller.get(f"{caller.service}/pods")["results"]) == 2
        kubectl("delete", "deploy", "scorer", "--wait=true")
        shown = soon(caller, lambda shown: shown["health"] == "Degraded")
        assert (shown["reason"], shown["ready_replicas"]) == ("Missing", 0)
        found = wait_until(
            lambda: not caller.get(f"{caller.service}/pods")["results"] or None, timeout_seconds=10
        )
        assert found
    finally:
        client.delete(NAMESPACE, None, elsewhere)


def test_events_are_told_by_uid_and_outlive_their_pods(mirror, caller, kubectl, service):
    deployed(caller)
    soon(caller, healthy)
    stranger = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "foreign", "namespace": service.environment.namespace},
        "involvedObject": {
            "kind": "Pod",
            "name": "scorer-foreign",
            "namespace": service.environment.namespace,
            "uid": str(uuid4()),
        },
        "reason": "Foreign",
        "message": "not ours",
        "type": "Warning",
        "lastTimestamp": "2026-11-29T12:00:00Z",
    }
    kubectl("create", "-f", "-", stdin=json.dumps(stranger))
    kubectl("delete", "pods", "--all", "--wait=true")

    def told() -> Any:
        events = caller.get(f"{caller.service}/events", limit="500")["results"]
        names = {event["object_name"] for event in events if event["object_kind"] == "Pod"}
        # Those of the pods that went are told too; the mirror sees pods and events in any order.
        return events if len(names) == 4 else None

    events = wait_until(told, timeout_seconds=20)
    assert events is not None, caller.get(f"{caller.service}/events", limit="500")
    assert "Foreign" not in {event["reason"] for event in events}


def test_numbers_and_clock_of_a_rollout_are_of_what_was_asked(mirror, caller, service):
    deployed(caller)
    soon(caller, healthy)
    scaled = caller.end(caller.post(f"{caller.service}/scale", {"replicas": 3}))
    clock = [
        datetime.fromisoformat(scaled["clock"][stage])
        for stage in (
            "requested_at",
            "admitted_at",
            "applied_at",
            "scheduled_at",
            "started_at",
            "first_ready_at",
            "finished_at",
        )
        if scaled["clock"][stage]
    ]
    assert clock == sorted(clock)
    failing = deploy(caller, "2", node_selector={"zone": "nowhere"})
    caller.work(failing)
    caller.post(f"/api/v1/rollouts/{failing['id']}/abort", {}, 200)
    ended = caller.end(failing)
    numbers = [ended[f"{name}_replicas"] for name in ("updated", "ready", "available")]
    assert (ended["phase"], numbers) == ("Aborted", [0, 0, 0])


def test_what_is_being_deleted_is_neither_healthy_nor_done(mirror, caller, kubectl, client):
    deployed(caller)
    soon(caller, healthy)
    hold = '{"metadata":{"finalizers":["example.com/hold"]}}'
    kubectl("patch", "deploy", "scorer", "--type=merge", "-p", hold)
    assert healthy(caller.get(caller.service)), "a finalizer alone changes nothing"
    kubectl("delete", "deploy", "scorer", "--wait=false", "--cascade=orphan")
    shown = soon(caller, lambda shown: shown["health"] == "Degraded")
    assert fields(shown) == ["metadata.deletionTimestamp"]
    waiting = caller.work(caller.post(f"{caller.service}/restart", {}))
    assert (waiting["reason"], waiting["finished"]) == ("WaitingForDeletion", False)
    kubectl("patch", "deploy", "scorer", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert caller.end(waiting)["phase"] == "Succeeded"
    assert soon(caller, healthy)["drift"] == []


def test_a_worker_that_died_before_it_could_say_what_it_applied_leaves_no_drift(
    mirror, caller, monkeypatch
):
    deployed(caller)
    soon(caller, healthy)
    rollout = deploy(caller, "2")
    with monkeypatch.context() as patched:
        patched.setattr("serving.worker.advance.commit", None)
        with pytest.raises(TypeError):
            advance.reconcile_rollout(rollout["id"])
    Rollout.objects.update(lease_until=None)
    assert caller.end(rollout)["phase"] == "Succeeded"
    assert soon(caller, healthy)["drift"] == []


def test_an_epoch_on_another_object_moves_nothing(mirror, caller, kubectl):
    deployed(caller)
    soon(caller, healthy)
    kubectl("annotate", "service/scorer", "slipway.dev/epoch=999999999")
    kubectl("annotate", "deploy/scorer", "slipway.dev/epoch=999999999", "--overwrite")
    soon(caller, lambda shown: shown["reason"] == "BackupRestored")
    deployed(caller, "2")
    assert soon(caller, healthy)["drift"] == []
    deployed(caller, "3")


def test_a_restore_is_consent_where_the_policy_is_to_refuse(mirror, caller, kubectl, environment):
    deployed(caller)
    soon(caller, healthy)
    Environment.objects.filter(pk=environment.pk).update(foreign_fields="refuse")
    kubectl("set", "env", "deploy/scorer", "MEDDLED=1")
    soon(caller, lambda shown: shown["drift"])
    assert caller.end(caller.post(f"{caller.service}/restore", {}))["phase"] == "Succeeded"
    assert soon(caller, healthy)["drift"] == []
