"""Whatever people and strangers do in whatever order: what Slipway says equals the cluster.

An independent reader looks at the cluster with kubectl, and knows nothing of the mirror.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.resources import PODS, Resources, of_one_pod, total
from core.waiting import wait_until
from projects.models import Quota
from serving.models import ModelService
from tests.contract.caller import Caller
from tests.contract.kubectl import Kubectl

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_SECONDS = 10
IMAGES = ("models.example.com/other@sha256:" + "7" * 64, "models.example.com/third:1")


class Reader:
    """What the cluster has of a service, as kubectl tells it."""

    def __init__(self, kubectl: Kubectl, service: ModelService) -> None:
        self.kubectl = kubectl
        self.service = service

    def objects(self, kind: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, "-o", "json"))["items"]
        return items

    @property
    def deployment(self) -> dict[str, Any] | None:
        named = [d for d in self.objects("deploy") if d["metadata"]["name"] == self.service.name]
        return named[0] if named else None

    def own_pods(self, deployment: dict[str, Any]) -> list[dict[str, Any]]:
        uid = deployment["metadata"]["uid"]
        sets = {r["metadata"]["uid"] for r in self.objects("rs") if owner(r) == uid}
        return [pod for pod in self.objects("pods") if owner(pod) in sets]

    def ready(self) -> int:
        deployment = self.deployment
        if deployment is None:
            return 0
        return sum(
            condition["status"] == "True"
            for pod in self.own_pods(deployment)
            for condition in pod["status"].get("conditions", [])
            if condition["type"] == "Ready"
        )

    def requested(self) -> Resources:
        deployment = self.deployment
        pods = self.own_pods(deployment) if deployment else []
        containers = [c for pod in pods for c in pod["spec"]["containers"]]
        requested = total(Resources.parse(c["resources"].get("requests", {})) for c in containers)
        return Resources({**requested, PODS: len(pods)})


def owner(item: dict[str, Any]) -> str:
    references = item["metadata"].get("ownerReferences", [])
    return next((r["uid"] for r in references if r.get("controller")), "")


class AnyOrder(RuleBasedStateMachine):
    """People ask through the API, strangers write with kubectl; each step ends in agreement."""

    caller: Caller
    kubectl: Kubectl
    service: ModelService

    def __init__(self) -> None:
        super().__init__()
        self.reader = Reader(self.kubectl, self.service)
        # What the service should be, and the Deployment as it was then.
        self.wanted: tuple[int, str] | None = None
        self.told: dict[str, Any] | None = None

    def shown(self) -> Any:
        return self.caller.get(self.caller.service)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        answer: Any = self.caller.http.post(f"{self.caller.service}/{path}", body, format="json")
        if answer.status_code != 202:
            assert answer.status_code in (403, 409), answer.content
            return None
        return self.caller.end(answer.json())

    def follow(self, ended: Any) -> None:
        """Take note of a change that has ended."""
        if ended is None:
            return
        assert ended["phase"] == "Succeeded", ended
        is_gone = ended["kind"] == "decommission"
        self.wanted = None if is_gone else (ended["desired_replicas"], ended["to_version"])
        self.told = (self.reader.deployment or {}).get("spec")

    @rule(version=st.sampled_from(["1", "2", "3"]), replicas=st.none() | st.integers(0, 3))
    def deploy(self, version: str, replicas: int | None) -> None:
        number = {} if replicas is None else {"replicas": replicas}
        self.follow(self.ask("rollouts", {"version": version, **number}))

    @rule(replicas=st.integers(0, 3))
    def scale(self, replicas: int) -> None:
        self.follow(self.ask("scale", {"replicas": replicas}))

    @rule()
    def roll_back(self) -> None:
        self.follow(self.ask("rollback", {}))

    @rule()
    def restart(self) -> None:
        self.follow(self.ask("restart", {}))

    @rule()
    def decommission(self) -> None:
        self.follow(self.ask("decommission", {}))

    @rule()
    def restore(self) -> None:
        self.follow(self.ask("restore", {}))

    @rule()
    def take_over(self) -> None:
        self.follow(self.ask("take-over", {}))

    def meddle(self, *arguments: str) -> None:
        """Let a stranger write, if there is anything to write to."""
        if self.reader.deployment is not None:
            self.kubectl(*arguments)

    @rule(replicas=st.integers(0, 3))
    def somebody_scales(self, replicas: int) -> None:
        self.meddle("scale", f"deploy/{self.service.name}", f"--replicas={replicas}")

    @rule(image=st.sampled_from(IMAGES))
    def somebody_sets_an_image(self, image: str) -> None:
        self.meddle("set", "image", f"deploy/{self.service.name}", f"model={image}")

    @rule()
    def somebody_adds_a_variable(self) -> None:
        self.meddle("set", "env", f"deploy/{self.service.name}", "MEDDLED=1")

    @rule()
    def somebody_restarts_it(self) -> None:
        self.meddle("rollout", "restart", f"deploy/{self.service.name}")

    @rule()
    def somebody_deletes_it(self) -> None:
        self.meddle("delete", "deploy", self.service.name, "--wait=false")

    @rule()
    def somebody_deletes_the_pods(self) -> None:
        self.kubectl("delete", "pods", "--all", "--wait=false")

    @invariant()
    def what_is_shown_is_what_is(self) -> None:
        doubts: list[str] = []

        def agree() -> bool | None:
            doubts[:] = self.doubts()
            return not doubts or None

        assert wait_until(agree, timeout_seconds=LONGEST_SECONDS, interval_seconds=0.2), (
            doubts,
            self.shown(),
        )

    def doubts(self) -> list[str]:
        """Return in what the service as shown is not as the cluster has it."""
        shown, deployment = self.shown(), self.reader.deployment
        number, version = self.wanted or (0, None)
        is_whole = deployment is not None and deployment["spec"] == self.told
        checks: dict[str, Callable[[], bool]] = {
            "version": lambda: shown["current_version"] == version,
            "number": lambda: shown["desired_replicas"] == number,
            "ready": lambda: shown["ready_replicas"] == self.reader.ready(),
            "drift": lambda: bool(shown["drift"]) == (bool(self.wanted) and not is_whole),
            "health": lambda: self.is_health_right(shown, is_whole, number),
            "ledger": self.is_ledger_right,
        }
        return [name for name, holds in checks.items() if not holds()]

    def is_health_right(self, shown: Any, is_whole: bool, number: int) -> bool:
        if self.wanted is None or (is_whole and number == 0):
            return bool(shown["health"] == "Stopped")
        is_well = is_whole and shown["ready_replicas"] == number
        return bool((shown["health"] == "Healthy") == is_well)

    def is_ledger_right(self) -> bool:
        """What is reserved is what the service may run, or what does run where that is more."""
        reserved = Quota.objects.get(environment=self.service.environment_id).reserved
        number = self.wanted[0] if self.wanted else 0
        may_run = (of_one_pod(self.service.requests) * number).most(self.reader.requested())
        return {n: a for n, a in reserved.items() if a} == {n: a for n, a in may_run.items() if a}


def test_what_is_shown_is_what_is_whatever_happens_in_whatever_order(
    mirror, caller, kubectl, service
):
    machine = type(
        "Machine", (AnyOrder,), {"caller": caller, "kubectl": kubectl, "service": service}
    )

    def begin() -> AnyOrder:
        """Begin each run with a service of which nothing is left."""
        kubectl("delete", "deploy,hpa", "--all")
        if ModelService.objects.get(pk=service.pk).current_revision_id:
            found = machine()
            found.wanted = (0, "")
            found.decommission()
        return machine()

    run_state_machine_as_test(
        begin,
        settings=settings(
            max_examples=6,
            stateful_step_count=10,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
