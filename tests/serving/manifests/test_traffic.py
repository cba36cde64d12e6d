"""The Service and the disruption budget of a service, compared as a whole."""

import msgspec
import pytest

from serving.manifests.traffic import pod_disruption_budget, service
from tests.serving.manifests.test_workload import IDENTITY, LABELS, LEAST

METADATA = {"name": "scorer", "namespace": "fraud-production", "labels": LABELS}
SELECTOR = {"slipway.dev/service-id": "7c1e"}


@pytest.mark.parametrize(
    ("protocol", "app_protocol"),
    [
        ("http", {"appProtocol": "http"}),
        # As gateways call HTTP/2 without TLS.
        ("grpc", {"appProtocol": "kubernetes.io/h2c"}),
        ("thrift", {}),
    ],
)
def test_a_service_says_what_is_spoken_at_its_port(protocol, app_protocol):
    spec = msgspec.structs.replace(LEAST, protocol=protocol, port=9000)
    port = {"name": protocol, "port": 9000, "targetPort": protocol, "protocol": "TCP"}
    assert service(IDENTITY, spec) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": METADATA,
        "spec": {"type": "ClusterIP", "selector": SELECTOR, "ports": [port | app_protocol]},
    }


def test_a_budget_lets_the_only_pod_go_too_or_a_drain_would_never_end():
    assert pod_disruption_budget(IDENTITY, LEAST) == {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": METADATA,
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}},
    }
