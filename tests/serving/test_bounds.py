"""Quota binds everybody: what a pod asks for at least, how many there are, and of which devices."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from accounts.actor import Actor
from clusters.models import Workload
from core.errors import Refusal
from core.reasons import Reason
from core.resources import PODS, Resources
from projects.models import Environment, Quota, Role
from serving import actions, resolve
from serving.api.changes import held_to_limits
from serving.models import ModelService
from tests import factories
from tests.serving.changes import deploy, finish

pytestmark = pytest.mark.django_db
LIMITS = Resources.parse({"cpu": "64", "memory": "256Gi"})


@pytest.fixture
def service() -> ModelService:
    """A service of one pod that runs, in an environment without devices."""
    environment = factories.make_environment(limits=Resources({**LIMITS, PODS: 3}))
    model = factories.make_model(environment.project)
    for version in ("1", "2"):
        factories.make_version(model, version)
    return factories.make_service(environment, "scorer", model=model)


@pytest.fixture
def http(service: ModelService) -> APIClient:
    return factories.signed_in(factories.make_member(service.project, Role.DEPLOYER))


def path_of(service: ModelService) -> str:
    environment = service.environment
    return f"/api/v1/projects/{service.project.name}/environments/{environment.name}/services"


def refused(answer: Any, reason: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code in (400, 403), body
    assert body["reason"] == reason, body
    return body


def raise_minimum(service: ModelService, **minimum: str) -> None:
    """Let the environment ask for more than what runs has."""
    Quota.objects.filter(environment=service.environment).update(
        minimum=Resources.parse(minimum), default_requests=Resources.parse(minimum)
    )


@pytest.mark.parametrize(
    ("requests", "named"),
    [
        pytest.param({"cpu": "0", "memory": "0"}, "10m cpu", id="nothing at all"),
        pytest.param({"cpu": "9m", "memory": "1Gi"}, "10m cpu", id="less CPU"),
        pytest.param({"cpu": "1", "memory": "15Mi"}, "16Mi memory", id="less memory"),
    ],
)
@pytest.mark.parametrize("way", ["create", "patch", "deploy"])
def test_less_than_the_minimum_is_refused_and_says_what_it_is(service, http, way, requests, named):
    path, wish = path_of(service), {"resources": {"requests": requests, "limits": {}}}
    if way == "create":
        answer = http.post(path, {"name": "a", "model": service.model.name, **wish}, format="json")
    elif way == "patch":
        answer = http.patch(f"{path}/scorer", wish, format="json")
    else:
        answer = http.post(f"{path}/scorer/rollouts", {"version": "1", **wish}, format="json")
    body = refused(answer, "BelowMinimum")
    assert named in body["detail"]
    assert body["errors"][0]["pointer"].startswith("/resources/requests/")
    service.refresh_from_db()
    assert service.requests == factories.SMALL


def test_as_much_as_the_minimum_is_enough(service, http):
    wish = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {}}
    answer = http.patch(f"{path_of(service)}/scorer", {"resources": wish}, format="json")
    assert answer.status_code == 200, answer.content


def test_pods_are_counted_surge_included(service, http, by):
    finish(deploy(service, "1", by, replicas=3))
    quota = Quota.objects.get(environment=service.environment)
    assert quota.reserved[PODS] == 3
    body = refused(
        http.post(f"{path_of(service)}/scorer/scale", {"replicas": 4}, format="json"),
        "QuotaExceeded",
    )
    assert (body["details"]["resource"], body["details"]["headroom"]) == ("pods", "0")
    rollout = deploy(service, "2", by)
    assert rollout.strategy == {"type": "rolling", "max_surge": 0, "max_unavailable": 1}


@pytest.mark.parametrize(
    "name",
    ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb", "amd.com/gpu", "nvidia.com/gpumem", "rdma/hca"],
)
@pytest.mark.parametrize("way", ["create", "patch", "deploy"])
def test_what_only_some_nodes_have_is_not_allowed_unless_it_is_listed(service, http, way, name):
    path = path_of(service)
    wish = {"resources": {"requests": {name: "1"}, "limits": {name: "1"}}}
    if way == "create":
        answer = http.post(path, {"name": "a", "model": service.model.name, **wish}, format="json")
    elif way == "patch":
        answer = http.patch(f"{path}/scorer", wish, format="json")
    else:
        answer = http.post(f"{path}/scorer/rollouts", {"version": "1", **wish}, format="json")
    body = refused(answer, "QuotaExceeded")
    assert f"does not list {name}" in body["detail"]
    assert (body["details"]["resource"], body["details"]["headroom"]) == (name, "0")


def test_what_every_node_has_is_not_limited_unless_it_is_listed(service, http):
    Quota.objects.update(limits=Resources())
    wish = {"resources": {"requests": {"cpu": "900", "ephemeral-storage": "1Ti"}}, "version": "1"}
    answer = http.post(f"{path_of(service)}/scorer/rollouts", wish, format="json")
    assert answer.status_code == 202, answer.content


def meddled(service: ModelService, change: Callable[[dict[str, Any]], Any]) -> ModelService:
    """Let somebody else have changed the container of a service that runs."""
    factories.drift(service)
    deployment = Workload.objects.get(namespace=service.environment.namespace, kind="Deployment")
    content = orjson.loads(deployment.content)
    change(content["spec"]["template"]["spec"]["containers"][0])
    deployment.content = orjson.dumps(content).decode()
    deployment.save()
    return service


NEXT_TO_NOTHING = {"requests": {"cpu": "0", "memory": "0"}}
A_CARD = {"requests": {"amd.com/gpu": "1"}, "limits": {"amd.com/gpu": "1"}}
ELSEWHERE = f"quay.io/team/scorer@sha256:{'b' * 64}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"resources": NEXT_TO_NOTHING}, Reason.BELOW_MINIMUM, id="next to nothing"),
        pytest.param({"resources": A_CARD}, Reason.QUOTA_EXCEEDED, id="a card"),
        pytest.param({"image": ELSEWHERE}, Reason.REGISTRY_NOT_ALLOWED, id="an image"),
    ],
)
def test_what_others_wrote_is_not_taken_over_where_nobody_may_ask_for_it(by, change, reason):
    service = meddled(factories.make_deployed_service(), lambda container: container.update(change))
    Environment.objects.update(image_registries=["ghcr.io"])
    with pytest.raises(Refusal) as refusal:
        resolve.start_take_over(service=service, check=held_to_limits, by=by)
    assert refusal.value.reason == reason, str(refusal.value.message)
    assert not service.model.versions.filter(image=ELSEWHERE).exists()


WAYS: dict[str, Callable[[ModelService, Actor], Any]] = {
    "scale up": lambda service, by: actions.start_scale(service=service, replicas=3, by=by),
    "restart": lambda service, by: actions.start_restart(service=service, by=by),
    "another version": lambda service, by: deploy(service, "2", by),
    "restore": lambda service, by: resolve.start_restore(
        service=meddled(service, lambda container: container.update(image=ELSEWHERE)), by=by
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_new_pods_below_a_minimum_that_was_raised_are_refused(service, by, way):
    finish(deploy(service, "1", by, replicas=2))
    raise_minimum(service, cpu="2")
    before = service.rollouts.count()
    with pytest.raises(Refusal) as refusal:
        WAYS[way](ModelService.objects.get(pk=service.pk), by)
    assert refusal.value.reason == Reason.BELOW_MINIMUM, str(refusal.value.message)
    assert service.rollouts.count() == before


def test_pods_below_a_minimum_that_was_raised_may_become_fewer_and_go(service, by):
    finish(deploy(service, "1", by, replicas=2))
    raise_minimum(service, cpu="2")
    service.refresh_from_db()
    finish(actions.start_scale(service=service, replicas=1, by=by))
    assert actions.start_decommission(service=service, by=by)


def test_what_states_nothing_is_given_what_the_environment_says(service, http):
    Quota.objects.update(
        default_requests=Resources.parse({"cpu": "300m", "memory": "1Gi"}),
        default_limits=Resources.parse({"memory": "2Gi"}),
    )
    wish = {"name": "given", "model": service.model.name}
    given = http.post(path_of(service), wish, format="json").json()["resources"]
    assert given == {"requests": {"cpu": "300m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}
    above = {"resources": {"requests": {"memory": "3Gi"}, "limits": {}}}
    refused(http.patch(f"{path_of(service)}/given", above, format="json"), "RequestsAboveLimits")
