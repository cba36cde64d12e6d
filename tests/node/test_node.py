"""The node itself runs what Slipway will ask of it."""

import httpx
import pytest

from serving.manifests import traffic, workload
from serving.manifests.spec import Identity, Scale, ServiceSpec, Stamp
from tests.node.catalogue import Catalogue
from tests.node.eventually import eventually
from tests.node.kubernetes import Kubernetes
from tests.node.traffic import predict
from tests.node.training import accuracy, transactions

NAMESPACE = "rig"
IDENTITY = Identity(
    project="rig", environment="test", namespace=NAMESPACE, service="scorer", service_id="0"
)


@pytest.fixture(scope="module")
def restricted_namespace(kubernetes: Kubernetes) -> str:
    enforced = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"metadata": {"name": NAMESPACE, "labels": enforced}}
    kubernetes.create("/api/v1/namespaces", namespace)
    return NAMESPACE


def spec(catalogue: Catalogue, version: str) -> ServiceSpec:
    return ServiceSpec(
        model="scorer",
        version=version,
        image=catalogue.scorers[version].reference,
        protocol="http",
        port=8080,
        requests={"cpu": "100m", "memory": "64Mi", "nvidia.com/gpu": "1"},
        limits={"cpu": "500m", "memory": "128Mi", "nvidia.com/gpu": "1"},
    )


@pytest.fixture(scope="module")
def address(
    node: str, kubernetes: Kubernetes, restricted_namespace: str, catalogue: Catalogue
) -> str:
    """Run one pod as Slipway builds it; return its address."""
    wanted = spec(catalogue, "1")
    stamp = Stamp(revision=1, rollout="0", epoch=1)
    deployment = workload.deployment(IDENTITY, wanted, Scale(replicas=1), stamp)
    kubernetes.create(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", deployment)
    service = traffic.service(IDENTITY, wanted)
    kubernetes.create(f"/api/v1/namespaces/{NAMESPACE}/services", service)
    addresses = eventually(
        lambda: kubernetes.ready_addresses(NAMESPACE, "scorer"),
        within_seconds=60,
        what="the Service has an endpoint",
    )
    return addresses[0]


def test_a_restricted_pod_with_a_trained_model_answers_correctly(
    address: str, catalogue: Catalogue
) -> None:
    examples = transactions(200, seed=99)
    version, probabilities = predict(address, [features for features, _ in examples])

    assert version == "1"
    model = catalogue.models["1"]
    assert probabilities == pytest.approx([model.probability(f) for f, _ in examples])
    assert accuracy(probabilities, examples) > 0.95


def test_prometheus_sees_what_the_container_uses(address: str, prometheus_url: str) -> None:
    memory = f'container_memory_working_set_bytes{{namespace="{NAMESPACE}",container="model"}}'

    def measured() -> list[float]:
        query = httpx.get(
            f"{prometheus_url}/api/v1/query", params={"query": memory}, trust_env=False
        )
        return [float(series["value"][1]) for series in query.json()["data"]["result"]]

    values = eventually(measured, within_seconds=60, what="Prometheus has the pod's memory")
    assert all(4 * 2**20 < value < 128 * 2**20 for value in values)


def test_logs_come_through_the_api_server(address: str, kubernetes: Kubernetes) -> None:
    predict(address, [(0.1, 0.2)])
    [pod] = kubernetes.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}/log"
    assert "POST /predict" in kubernetes.http.get(path).text
