"""Quota binds everybody: what a pod asks for at least, how many there are, and of which devices."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.resources import PODS, Resources
from projects.models import Quota, Role
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
