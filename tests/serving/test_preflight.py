"""Preflight says before a rollout what admission then does, in every way that a service may be."""

from typing import Any

import pytest

from accounts.actor import Actor
from core.errors import Refusal
from core.resources import Resources, format_amount
from projects import admission
from projects.models import Environment, Quota, Role
from serving import actions
from serving.models import ModelService, Rollout
from tests import factories

pytestmark = pytest.mark.django_db
GPU = "nvidia.com/gpu"


@pytest.fixture
def environment() -> Environment:
    limits = Resources.parse({"cpu": "8", "memory": "32Gi", GPU: "4"})
    return factories.make_environment(limits=limits)


@pytest.fixture
def by(environment: Environment) -> Actor:
    return Actor.of(factories.make_member(environment.project, Role.DEPLOYER))


def running(environment: Environment, replicas: int = 2) -> ModelService:
    amounts = Resources.parse({"cpu": "1", "memory": "1Gi"})
    service = factories.make_service(environment, requests=amounts, replicas=replicas)
    revision = factories.make_revision(service)
    ModelService.objects.filter(pk=service.pk).update(
        current_revision=revision, desired_replicas=replicas
    )
    service.refresh_from_db()
    factories.hold_quota(service)
    return service


def ask(service: ModelService, /, **body: Any) -> Any:
    client = factories.signed_in(factories.make_member(service.project, Role.VIEWER))
    asked = {"environment": service.environment.name, "service": service.name, **body}
    return client.post(f"/api/v1/projects/{service.project.name}/preflight", asked)


def roll_out(service: ModelService, by: Actor, **changes: Any) -> Rollout | Refusal:
    version = factories.make_version(service.model)
    try:
        return actions.start_deploy(service=service, version=version, changes=changes, by=by)
    except Refusal as refusal:
        return refusal


def stated(requests: dict[str, str]) -> dict[str, Any]:
    return {"requests": Resources.parse(requests), "limits": Resources.parse(gpus_of(requests))}


def gpus_of(requests: dict[str, str]) -> dict[str, str]:
    return {name: amount for name, amount in requests.items() if name == GPU}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same again": ({}, {}),
    "more pods": ({"replicas": 4}, {"replicas": 4}),
    "more pods than fit": ({"replicas": 40}, {"replicas": 40}),
    "no pods": ({"replicas": 0}, {"replicas": 0}),
    "all at once": ({"strategy": {"type": "recreate"}}, {"strategy": {"type": "recreate"}}),
    "bounds of its own": (
        {"strategy": {"type": "rolling", "max_surge": 3}},
        {"strategy": {"type": "rolling", "max_surge": 3}},
    ),
    "larger pods": (
        {"resources": {"requests": {"cpu": "3", "memory": "1Gi"}}},
        stated({"cpu": "3", "memory": "1Gi"}),
    ),
    "cards": (
        {"resources": {"requests": {"cpu": "1", "memory": "1Gi", GPU: "1"}}},
        stated({"cpu": "1", "memory": "1Gi", GPU: "1"}),
    ),
    "cards that are too many": (
        {"resources": {"requests": {"cpu": "1", "memory": "1Gi", GPU: "4"}}},
        stated({"cpu": "1", "memory": "1Gi", GPU: "4"}),
    ),
    "cards of a product that is limited": (
        {
            "gpu_product": "NVIDIA-A10",
            "resources": {"requests": {"cpu": "1", "memory": "1Gi", GPU: "1"}},
        },
        {"gpu_product": "NVIDIA-A10", **stated({"cpu": "1", "memory": "1Gi", GPU: "1"})},
    ),
    "what is not listed": (
        {"resources": {"requests": {"cpu": "1", "memory": "1Gi", "rdma/hca": "1"}}},
        {
            "requests": Resources.parse({"cpu": "1", "memory": "1Gi", "rdma/hca": "1"}),
            "limits": Resources.parse({"rdma/hca": "1"}),
        },
    ),
    "next to nothing": (
        {"resources": {"requests": {"cpu": "1m", "memory": "1Gi"}}},
        stated({"cpu": "1m", "memory": "1Gi"}),
    ),
}


@pytest.mark.parametrize("others", [0, 4, 5], ids=["room", "little room", "hardly any room"])
@pytest.mark.parametrize(
    "state", ["running", "scaled for a while", "drafted", "never deployed", "being deleted"]
)
@pytest.mark.parametrize(("body", "changes"), CASES.values(), ids=CASES)
def test_it_says_what_admission_does(environment, by, body, changes, state, others):
    Quota.objects.filter(environment=environment).update(gpu_products={"NVIDIA-A10": 1})
    if others:
        running(environment, others)
    service = in_state(state, environment, by)
    foreseen = ask(service, **body)
    assert foreseen.status_code == 200, foreseen.content
    found = foreseen.json()
    before = admission.reserved_by(service.pk).resources
    done = roll_out(service, by, **changes)
    if isinstance(done, Refusal):
        assert found["verdict"] == "cannot"
        assert (found["reason"], found["message"]) == (done.reason, str(done.message))
        return
    assert (found["verdict"], found["reason"]) == ("unknown", "NodesNotChecked")
    assert found["missing"] == []
    assert found["replicas"] == done.to_replicas
    assert (found["replacement"] is not None) is bool(service.desired_replicas)
    if found["replacement"]:
        assert found["replacement"] == done.strategy
    after = admission.reserved_by(service.pk).resources
    needs = {need["resource"]: need for need in found["needs"] if not need["gpu_product"]}
    assert of_each(needs, "held") == written(before)
    assert of_each(needs, "peak") == written(after)


def of_each(needs: dict[str, Any], fact: str) -> dict[str, str]:
    return {name: need[fact] for name, need in needs.items() if need[fact] != "0"}


def written(resources: Resources) -> dict[str, str]:
    return {name: format_amount(name, amount) for name, amount in resources.items() if amount}


def in_state(state: str, environment: Environment, by: Actor) -> ModelService:
    if state == "never deployed":
        return factories.make_service(
            environment, requests=Resources.parse({"cpu": "1", "memory": "1Gi"}), replicas=2
        )
    service = running(environment)
    if state == "drafted":
        actions.update_service(service=service, changes={"replicas": 3}, by=by)
    if state == "scaled for a while":
        ModelService.objects.filter(pk=service.pk).update(
            temporary_replicas=1, temporary_expires_at="2030-01-01T00:00:00Z"
        )
    if state == "being deleted":
        Environment.objects.update(phase=Environment.Phase.TERMINATING)
    service.refresh_from_db()
    return service


def test_of_a_service_that_does_not_exist_yet_it_says_the_same(environment, by):
    project = environment.project.name
    client = factories.signed_in(by.user)
    body = {"environment": environment.name, "replicas": 3}
    resources = {"requests": {"cpu": "2", "memory": "1Gi"}}
    found = client.post(f"/api/v1/projects/{project}/preflight", {**body, "resources": resources})
    assert found.status_code == 200, found.content
    cpu = next(need for need in found.json()["needs"] if need["resource"] == "cpu")
    assert cpu == {
        "resource": "cpu",
        "gpu_product": "",
        "held": "0",
        "peak": "6",
        "more": "6",
        "left": "8",
        "fits": True,
    }
    assert found.json()["replacement"] is None
    by_default = client.post(f"/api/v1/projects/{project}/preflight", body).json()
    assert by_default["verdict"] == "unknown", "requests that are not stated are the environment's"


def test_nothing_is_kept_of_it(environment, by, django_assert_num_queries):
    service = running(environment)
    before = Quota.objects.values().get(), ModelService.objects.values().get()
    assert ask(service, replicas=4).status_code == 200
    assert (Quota.objects.values().get(), ModelService.objects.values().get()) == before
    assert not Rollout.objects.exists()


def test_it_does_not_grow_with_the_revisions_of_a_service(environment, by):
    service = running(environment)
    for _ in range(210):
        factories.make_revision(service)
    assert ask(service, replicas=3).json()["replacement"] == {
        "type": "rolling",
        "max_surge": 1,
        "max_unavailable": 0,
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"service": "nobody"}, "/service"),
        ({"environment": "nowhere"}, "/environment"),
        ({"replicas": -1}, "/replicas"),
        ({"version": "1"}, "/version"),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(environment, by, body, pointer):
    answer = ask(running(environment), **body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_pods_are_replaced_where_what_runs_would_differ(environment, by):
    secret = factories.make_secret(environment, password="one")
    service = factories.make_service(environment, replicas=2)
    version, other = factories.make_version(service.model), factories.make_version(service.model)
    uses = [{"secret": secret.name, "key": "password", "env": "PASSWORD"}]
    first = actions.start_deploy(service=service, version=version, changes={"secrets": uses}, by=by)
    ModelService.objects.filter(pk=service.pk).update(
        current_revision=first.to_revision, desired_replicas=2, secrets=uses
    )
    service.refresh_from_db()

    def is_replaced(**body: Any) -> bool:
        answer = ask(service, **body)
        assert answer.status_code == 200, answer.content
        return answer.json()["replacement"] is not None

    assert not is_replaced(version=version.version)
    assert not is_replaced(version=version.version, replicas=3)
    assert not is_replaced(version=version.version, strategy={"type": "recreate"})
    assert is_replaced(version=version.version, env={"LOG": "1"})
    assert is_replaced(version=other.version)
    assert is_replaced()
    secret.version += 1
    secret.save()
    factories.seal_version(secret, {"password": "two"})
    assert is_replaced(version=version.version)


def test_a_version_that_is_not_there_is_named(environment):
    answer = ask(running(environment), version="none")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/version"
