"""The objects of an environment, compared as a whole: nothing is missing, nothing is added."""

from typing import Any

import pytest

from core.resources import PODS, Resources
from projects.manifests import (
    Bounds,
    Peers,
    Tenancy,
    Traffic,
    limit_range,
    namespace,
    network_policy,
    resource_quota,
)

TENANCY = Tenancy(project="fraud", environment="production", namespace="fraud-production")
OWNER = {
    "app.kubernetes.io/managed-by": "slipway",
    "slipway.dev/project": "fraud",
    "slipway.dev/environment": "production",
}
METADATA = {"name": "slipway", "namespace": "fraud-production", "labels": OWNER}
NOTHING = Resources()


def amounts(**stated: str) -> Resources:
    return Resources.parse(stated, also=(PODS,))


def test_a_namespace_says_whose_it_is_and_what_its_pods_must_meet():
    assert namespace(TENANCY) == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "fraud-production",
            "labels": {
                **OWNER,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
            },
        },
    }


@pytest.mark.parametrize(
    ("limits", "devices", "hard"),
    [
        pytest.param(NOTHING, (), {}, id="nothing limited, and no devices"),
        pytest.param(
            NOTHING,
            ("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"),
            {"requests.nvidia.com/gpu": "0"},
            id="nothing limited but what only some nodes have",
        ),
        pytest.param(
            Resources.parse(
                {
                    "cpu": "1500m",
                    "memory": "65536Mi",
                    "ephemeral-storage": "10Gi",
                    "nvidia.com/gpu": "2",
                    "pods": "9",
                },
                also=(PODS,),
            ),
            ("nvidia.com/gpu", "rdma/hca"),
            {
                "requests.cpu": "1500m",
                "requests.memory": "64Gi",
                "requests.ephemeral-storage": "10Gi",
                "requests.nvidia.com/gpu": "2",
                "requests.rdma/hca": "0",
                "pods": "9",
            },
            id="everything",
        ),
        pytest.param(
            amounts(cpu="0", pods="0"), (), {"requests.cpu": "0", "pods": "0"}, id="nothing allowed"
        ),
    ],
)
def test_a_resource_quota(limits, devices, hard):
    assert resource_quota(TENANCY, limits, devices) == {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": METADATA,
        "spec": {"hard": hard},
    }


@pytest.mark.parametrize(
    ("bounds", "container"),
    [
        pytest.param(
            Bounds(),
            {
                "min": {"cpu": "10m", "memory": "16Mi"},
                "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
            },
            id="those of the platform",
        ),
        pytest.param(
            Bounds(
                minimum=amounts(cpu="50m"),
                default_requests=amounts(cpu="200m", memory="256Mi"),
                default_limits=amounts(cpu="2", memory="1Gi"),
            ),
            {
                "min": {"cpu": "50m"},
                "defaultRequest": {"cpu": "200m", "memory": "256Mi"},
                "default": {"cpu": "2", "memory": "1Gi"},
            },
            id="everything",
        ),
        pytest.param(
            Bounds(minimum=NOTHING, default_requests=NOTHING, default_limits=NOTHING),
            {},
            id="nothing",
        ),
    ],
)
def test_a_limit_range(bounds, container):
    assert limit_range(TENANCY, bounds) == {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": METADATA,
        "spec": {"limits": [{"type": "Container", **container}]},
    }


def policy(ingress: list[Any], egress: list[Any]) -> dict[str, Any]:
    """Return a policy for every pod, and both ways, whatever is stated."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": METADATA,
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        },
    }


def test_a_network_policy_of_which_nothing_is_stated_closes_the_way_in():
    closed = [{"from": [{"podSelector": {}}]}]
    assert network_policy(TENANCY, Traffic()) == policy(closed, [{}])


def test_a_network_policy_that_states_everything():
    everything = Traffic(
        ingress=Peers(environments=("fraud/staging", "ads/production"), cidrs=("10.0.0.0/8",)),
        egress=Peers(environments=("ads/production",), cidrs=("192.0.2.0/24", "2001:db8::/32")),
        platform_namespaces=("monitoring", "gateway", "monitoring"),
    )
    staging = {"slipway.dev/project": "fraud", "slipway.dev/environment": "staging"}
    ads = {"slipway.dev/project": "ads", "slipway.dev/environment": "production"}
    assert network_policy(TENANCY, everything) == policy(
        [
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {
                                    "key": "kubernetes.io/metadata.name",
                                    "operator": "In",
                                    "values": ["gateway", "monitoring"],
                                }
                            ]
                        }
                    },
                    {"podSelector": {}},
                    {"namespaceSelector": {"matchLabels": staging}},
                    {"namespaceSelector": {"matchLabels": ads}},
                    {"ipBlock": {"cidr": "10.0.0.0/8"}},
                ]
            }
        ],
        [
            {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
            {
                "to": [
                    {"podSelector": {}},
                    {"namespaceSelector": {"matchLabels": ads}},
                    {"ipBlock": {"cidr": "192.0.2.0/24"}},
                    {"ipBlock": {"cidr": "2001:db8::/32"}},
                ]
            },
        ],
    )


def test_a_network_policy_that_is_open_both_ways_names_nobody():
    opened = Traffic(ingress=None, egress=None, platform_namespaces=("gateway",))
    assert network_policy(TENANCY, opened) == policy([{}], [{}])
