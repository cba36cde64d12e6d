"""Who may speak to an environment's pods: as it is stated, written and shown."""

from typing import Any

import pytest

from audit.models import AuditEvent
from projects.manifests import Peers, Tenancy, Traffic, network_policy
from projects.models import Environment, Role
from tests import factories

TENANCY = Tenancy(project="p", environment="e", namespace="n")
SAME: dict[str, Any] = {"podSelector": {}}
OTHER = {
    "namespaceSelector": {
        "matchLabels": {"slipway.dev/project": "q", "slipway.dev/environment": "staging"}
    }
}
ADDRESSES = {"ipBlock": {"cidr": "10.0.0.0/8"}}
PLATFORM = {
    "namespaceSelector": {
        "matchExpressions": [
            {
                "key": "kubernetes.io/metadata.name",
                "operator": "In",
                "values": ["gateway", "monitoring"],
            }
        ]
    }
}
DNS = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
STATED = Peers(environments=("q/staging",), cidrs=("10.0.0.0/8",))
HERE = ("monitoring", "gateway")


@pytest.mark.parametrize(
    ("traffic", "ingress", "egress"),
    [
        pytest.param(Traffic(), [{"from": [SAME]}], [{}], id="nothing stated"),
        pytest.param(
            Traffic(platform_namespaces=HERE), [{"from": [PLATFORM, SAME]}], [{}], id="platform"
        ),
        pytest.param(
            Traffic(ingress=STATED), [{"from": [SAME, OTHER, ADDRESSES]}], [{}], id="who may in"
        ),
        pytest.param(
            Traffic(ingress=None, egress=STATED, platform_namespaces=HERE),
            [{}],
            [DNS, {"to": [SAME, OTHER, ADDRESSES]}],
            id="everybody in, and out as stated",
        ),
        pytest.param(
            Traffic(egress=Peers()), [{"from": [SAME]}], [DNS, {"to": [SAME]}], id="nobody else"
        ),
    ],
)
def test_a_policy_lets_through_who_is_stated_and_nobody_else(traffic, ingress, egress):
    assert network_policy(TENANCY, traffic)["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }


@pytest.fixture
def environment(db: None) -> Environment:
    return factories.make_environment()


def path_of(environment: Environment) -> str:
    return f"/api/v1/projects/{environment.project.name}/environments/{environment.name}"


def owner_of(environment: Environment) -> Any:
    return factories.signed_in(factories.make_member(environment.project, Role.ADMIN))


def test_an_owner_states_who_may_speak_to_whom(environment, settings):
    settings.PLATFORM_NAMESPACES = ["gateway"]
    staging = factories.make_environment(
        environment.project, "staging", cluster=environment.cluster
    )
    owner = owner_of(environment)
    assert owner.get(path_of(environment)).json()["ingress"] == {"environments": [], "cidrs": []}
    peers = {"environments": [str(staging)], "cidrs": ["10.0.0.0/8", "2001:db8::/32"]}
    answer = owner.patch(path_of(environment), {"ingress": peers, "egress": peers}, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["ingress"], answer.json()["egress"]) == (peers, peers)
    event = AuditEvent.objects.get(action="environment.update")
    assert event.after == {"ingress": peers, "egress": peers}
    changed = Environment.objects.get(pk=environment.pk)
    assert changed.generation == environment.generation + 1
    assert changed.traffic.platform_namespaces == ("gateway",)
    (policy,) = (m for m in changed.setup.manifests if m["kind"] == "NetworkPolicy")
    assert len(policy["spec"]["ingress"][0]["from"]) == 5
    answer = owner.patch(path_of(environment), {"ingress": None}, format="json")
    assert (answer.status_code, answer.json()["ingress"]) == (200, None)


@pytest.mark.parametrize("field", ["ingress", "egress"])
@pytest.mark.parametrize(
    ("peers", "pointer", "said"),
    [
        pytest.param({"cidrs": ["10.0.0.1/8"]}, "cidrs/0", "range", id="a host of a range"),
        pytest.param({"cidrs": ["everywhere"]}, "cidrs/0", "range", id="no address"),
        pytest.param({"cidrs": [167772160]}, "cidrs/0", "range", id="a number"),
        pytest.param({"environments": ["staging"]}, "environments/0", "", id="no project"),
        pytest.param(
            {"environments": ["no/where"]}, "environments", "no environment no/where", id="unknown"
        ),
        pytest.param({"cidrs": ["10.0.0.0/8"] * 51}, "cidrs", "50", id="too many"),
    ],
)
def test_what_nobody_is_cannot_be_stated(environment, field, peers, pointer, said):
    answer = owner_of(environment).patch(path_of(environment), {field: peers}, format="json")
    assert answer.status_code == 400, answer.content
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"/{field}/{pointer}"
    assert said in error["detail"]


def test_an_environment_that_the_caller_may_not_know_of_is_none(environment):
    other = factories.make_environment(cluster=environment.cluster)
    wish = {"ingress": {"environments": [str(other)]}}
    answer = owner_of(environment).patch(path_of(environment), wish, format="json")
    assert answer.status_code == 400
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    assert admin.patch(path_of(environment), wish, format="json").status_code == 200


def test_an_environment_of_another_cluster_has_only_addresses(environment):
    elsewhere = factories.make_environment(environment.project, "elsewhere")
    wish = {"egress": {"environments": [str(elsewhere)]}}
    answer = owner_of(environment).patch(path_of(environment), wish, format="json")
    assert "another cluster" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("role", "wish", "code"),
    [
        (Role.DEPLOYER, {"ingress": None}, 403),
        (Role.ADMIN, {"ingress": None, "quota": {"limits": {}}}, 403),
        (Role.ADMIN, {"image_registries": []}, 403),
    ],
    ids=["a deployer", "with a quota", "registries"],
)
def test_who_may_not_change_all_of_it_changes_nothing(environment, role, wish, code):
    member = factories.signed_in(factories.make_member(environment.project, role))
    assert member.patch(path_of(environment), wish, format="json").status_code == code
    assert Environment.objects.get(pk=environment.pk).generation == environment.generation


def test_registries_are_stated_by_those_who_run_the_fleet(environment):
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    wish = {"image_registries": ["ghcr.io/team", "registry.example.com:5000"]}
    answer: Any = admin.patch(path_of(environment), wish, format="json")
    assert answer.json()["image_registries"] == wish["image_registries"]
    bad: Any = admin.patch(
        path_of(environment), {"image_registries": ["https://ghcr.io"]}, format="json"
    )
    assert bad.json()["errors"][0]["pointer"] == "/image_registries/0"
