"""What a container requests at least and is given: as callers set it, and after an upgrade."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from audit.models import AuditEvent
from core.errors import Refusal
from core.resources import PODS, Resources
from projects.manifests import Bounds, Tenancy, limit_range, resource_quota
from projects.models import DEFAULT_PODS, Environment, Quota, Role
from projects.quota import refuse_container
from tests import factories

GPU = "nvidia.com/gpu"
TENANCY = Tenancy(project="p", environment="e", namespace="n")
MIGRATION = "0007_bounds_and_traffic"


@pytest.fixture
def environment(db: None) -> Environment:
    return factories.make_environment()


@pytest.fixture
def admin(environment: Environment) -> APIClient:
    return factories.signed_in(factories.make_user(is_platform_admin=True))


def path_of(environment: Environment) -> str:
    return f"/api/v1/projects/{environment.project.name}/environments/{environment.name}"


def test_a_quota_that_states_no_bounds_has_those_of_the_platform(environment, admin):
    quota = admin.get(path_of(environment)).json()["quota"]
    assert quota["minimum"] == {"cpu": "10m", "memory": "16Mi"}
    assert quota["default_requests"] == {"cpu": "100m", "memory": "128Mi"}
    assert quota["default_limits"] == {}
    assert quota["headroom"][PODS] == str(DEFAULT_PODS)


def test_bounds_are_set_beside_the_limits_kept_by_who_says_nothing_and_audited(environment, admin):
    stated = {
        "minimum": {"cpu": "0.05", "memory": "65536Ki"},
        "default_requests": {"cpu": "200m", "memory": "64Mi"},
        "default_limits": {"memory": "1024Mi"},
    }
    canonical = {
        "minimum": {"cpu": "50m", "memory": "64Mi"},
        "default_requests": {"cpu": "200m", "memory": "64Mi"},
        "default_limits": {"memory": "1Gi"},
    }
    limits = {"cpu": "8", "pods": "12"}
    answer: Any = admin.put(
        f"{path_of(environment)}/quota", {"limits": limits, **stated}, format="json"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["quota"].items() >= {**canonical, "limits": limits}.items()
    assert AuditEvent.objects.get(action="quota.update").after.items() >= canonical.items()
    answer = admin.put(f"{path_of(environment)}/quota", {"limits": {}}, format="json")
    assert answer.json()["quota"].items() >= {**canonical, "limits": {}}.items()


@pytest.mark.parametrize(
    ("bounds", "pointer"),
    [
        pytest.param({"minimum": {GPU: "1"}}, f"/minimum/{GPU}", id="of a device"),
        pytest.param({"minimum": {"cpu": "lots"}}, "/minimum/cpu", id="no quantity"),
        pytest.param({"minimum": {"pods": "1"}}, "/minimum/pods", id="of pods"),
        pytest.param({"minimum": {"cpu": "1"}}, "/default_requests/cpu", id="above the default"),
        pytest.param({"default_requests": {}}, "/default_requests/cpu", id="nothing given"),
        pytest.param(
            {"default_limits": {"cpu": "50m"}},
            "/default_limits/cpu",
            id="a limit below the request",
        ),
        pytest.param({"limits": {"pods": "1.5"}}, "/limits/pods", id="half a pod"),
    ],
)
def test_bounds_that_no_container_could_meet_are_refused_where_they_stand(
    environment, admin, bounds, pointer
):
    before = Quota.objects.values().get(environment=environment)
    answer: Any = admin.put(f"{path_of(environment)}/quota", bounds, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer.replace("nvidia.com/", "nvidia.com~1")
    assert Quota.objects.values().get(environment=environment) == before


def test_who_may_not_set_the_quota_may_not_set_its_bounds(environment):
    member = factories.signed_in(factories.make_member(environment.project, Role.ADMIN))
    answer: Any = member.put(f"{path_of(environment)}/quota", {"minimum": {}}, format="json")
    assert answer.status_code == 403


def test_the_second_fence_states_what_the_first_one_means():
    limits = Resources.parse({"cpu": "4", GPU: "2", "pods": "9"}, also=(PODS,))
    devices = {"cpu", "memory", "ephemeral-storage", GPU, "nvidia.com/mig-1g.5gb", "rdma/hca"}
    assert resource_quota(TENANCY, limits, devices)["spec"]["hard"] == {
        "requests.cpu": "4",
        f"requests.{GPU}": "2",
        "pods": "9",
        "requests.nvidia.com/mig-1g.5gb": "0",
        "requests.rdma/hca": "0",
    }
    bounds = Bounds(default_limits=Resources.parse({"memory": "1Gi"}))
    assert limit_range(TENANCY, bounds)["spec"]["limits"] == [
        {
            "type": "Container",
            "min": {"cpu": "10m", "memory": "16Mi"},
            "default": {"memory": "1Gi"},
            "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
        }
    ]


def is_let_in_by_a_limit_range(item: dict[str, Any], requests: Any, limits: Any) -> bool:
    """Tell what the LimitRanger of Kubernetes does with a container.

    Source: plugin/pkg/admission/limitranger, mergeContainerResources and minConstraint
    """
    stops_at = {**Resources.parse(item.get("default", {})), **limits}
    asked = {**Resources.parse(item["defaultRequest"]), **limits, **requests}
    is_least = all(
        asked.get(name, 0) >= least and stops_at.get(name, least) >= least
        for name, least in Resources.parse(item.get("min", {})).items()
    )
    return is_least and all(asked.get(name, 0) <= limit for name, limit in stops_at.items())


amounts = st.dictionaries(st.sampled_from(["cpu", "memory"]), st.integers(0, 30)).map(Resources)


@given(amounts, amounts, st.none() | amounts, amounts, amounts)
def test_both_fences_say_the_same_of_any_container(minimum, room, more, requests, limits):
    asked = minimum + room
    at_most = Resources() if more is None else (asked + more).only(asked)
    bounds = Bounds(minimum=minimum, default_requests=asked, default_limits=at_most)
    (item,) = limit_range(TENANCY, bounds)["spec"]["limits"]
    item = {"defaultRequest": {}, **item}
    try:
        refuse_container(Resources(), bounds, requests=requests, stops_at=limits)
    except Refusal:
        is_admitted = False
    else:
        is_admitted = True
    assert is_admitted is is_let_in_by_a_limit_range(item, requests, limits)


@pytest.mark.django_db
def test_what_runs_goes_on_after_an_upgrade():
    service = factories.make_deployed_service()
    environment = service.environment
    asked = Resources.parse({"cpu": "5m", "memory": "1Gi", GPU: "1", "nvidia.com/mig-1g.5gb": "1"})
    for _ in range(DEFAULT_PODS):
        factories.make_pod(service, requests=asked)
    stated = Resources.parse({"cpu": "64", GPU: "8"})
    Quota.objects.filter(environment=environment).update(limits=stated)
    upgrade = import_module(f"projects.migrations.{MIGRATION}")
    upgrade.keep_what_runs(apps, None)
    quota = Quota.objects.get(environment=environment)
    assert quota.limits == {
        **stated,
        "nvidia.com/mig-1g.5gb": DEFAULT_PODS,
        PODS: 2 * DEFAULT_PODS,
    }
    assert quota.minimum == Resources.parse({"cpu": "5m", "memory": "16Mi"})
    environment.refresh_from_db()
    assert environment.ingress is None, "and everybody may speak to it as before"
    assert environment.generation == 2


@pytest.mark.django_db
def test_pods_that_are_held_are_counted_after_an_upgrade():
    service = factories.make_deployed_service()
    quotas = Quota.objects.filter(environment=service.environment)
    quotas.update(reserved=service.requests)
    service.environment.quota.reservations.update(resources=service.requests)
    import_module("serving.migrations.0010_count_pods").count_pods(apps, None)
    assert quotas.get().reserved == {**service.requests, PODS: 1}
    assert quotas.get().reservations.get().resources == {**service.requests, PODS: 1}


def test_what_runs_below_the_minimum_is_told_and_left_alone(environment, admin):
    service = factories.make_deployed_service(environment)
    for cpu in ("1", "20m", "5m"):
        requests = Resources.parse({"cpu": cpu, "memory": "1Gi"})
        factories.make_pod(service, name=f"pod-of-{cpu}", requests=requests)
    factories.make_pod(service, name="over", requests=Resources(), phase="Succeeded")
    assert admin.get(path_of(environment)).json()["below_minimum"] == ["pod-of-5m"]
    minimum = {"minimum": {"cpu": "50m"}, "default_requests": {"cpu": "50m"}}
    answer: Any = admin.put(f"{path_of(environment)}/quota", minimum, format="json")
    assert answer.json()["below_minimum"] == ["pod-of-20m", "pod-of-5m"]
    page = path_of(environment).rpartition("/")[0]
    assert admin.get(page).json()["results"][0]["below_minimum"] == ["pod-of-20m", "pod-of-5m"]
