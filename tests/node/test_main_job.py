"""From a trained model to answered requests and back to nothing, through REST, on a real node."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from core.resources import Resources
from embedded.controlplane import ControlPlane
from tests.e2e.api import Api
from tests.node.catalogue import Catalogue
from tests.node.eventually import eventually
from tests.node.kubelet import NODE, measured
from tests.node.kubernetes import Kubernetes
from tests.node.traffic import RESOLVE_SECONDS, predict, traffic_to
from tests.node.training import accuracy, transactions

pytestmark = pytest.mark.timeout(300)

ENVIRONMENT, NAMESPACE = "projects/fraud/environments/production", "fraud-production"
VERSIONS = "projects/fraud/models/scorer/versions"
POD = {"cpu": "100m", "memory": "64Mi", "nvidia.com/gpu": "1"}
POD_LIMITS = {"cpu": "500m", "memory": "128Mi", "nvidia.com/gpu": "1"}
REPLICAS = 2
CPU, MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"


@pytest.fixture(scope="module")
def api(
    slipway: Api, control_plane: ControlPlane, prometheus_url: str, catalogue: Catalogue
) -> Api:
    """Register the cluster, a project with a quota, and three versions of a model."""
    cluster = {"name": "real", "kubeconfig": control_plane.kubeconfig.read_text()}
    slipway.post("clusters", {**cluster, "prometheus_url": prometheus_url})
    slipway.post("projects", {"name": "fraud"})
    limits = {"cpu": "2", "memory": "2Gi", "nvidia.com/gpu": "8"}
    place = {"name": "production", "cluster": "real", "quota": {"limits": limits}}
    slipway.post("projects/fraud/environments", place)
    slipway.post("projects/fraud/models", {"name": "scorer"})
    for version, image in {**catalogue.scorers, "broken": catalogue.broken}.items():
        slipway.post(VERSIONS, {"version": version, "image": image.reference})
    return slipway


@pytest.fixture
def service(api: Api, request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve version 1 under the test's own name; return the service's path."""
    # What a test is given comes first, lest it is cut off.
    parts = request.node.name.removeprefix("test_").rstrip("]").split("[")
    name = "-".join(reversed(parts)).replace("_", "-")[:40].strip("-")
    wish = {
        "name": name,
        "model": "scorer",
        "port": 8080,
        "replicas": REPLICAS,
        "resources": {"requests": POD, "limits": POD_LIMITS},
        "probes": {"readiness": {"path": "/healthz", "period_seconds": 1}},
        "progress_deadline_seconds": 60,
    }
    api.post(f"{ENVIRONMENT}/services", wish)
    path = f"{ENVIRONMENT}/services/{name}"
    try:
        deployed = api.wait(api.post(f"{path}/rollouts", {"version": "1"}, expect=202))
        assert deployed["phase"] == "Succeeded", deployed
        yield path
    finally:
        # What one test leaves would take the cards of the next.
        if api.get(path)["health"] != "Stopped":
            api.wait(api.post(f"{path}/decommission", expect=202))


def name_of(service: str) -> str:
    return service.rpartition("/")[2]


def change(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a change and wait for its end."""
    rollout: dict[str, Any] = api.wait(api.post(path, body, expect=202))
    return rollout


def is_in_order(clock: dict[str, str]) -> bool:
    """Return whether a rollout passed all its stages, one after the other."""
    stages = ("registered_at", "requested_at", "applied_at", "first_ready_at", "finished_at")
    times = [datetime.fromisoformat(clock[stage]) for stage in stages]
    return times == sorted(times)


def only(kubernetes: Kubernetes, count: int) -> None:
    """Wait until replaced pods have stopped too: a request could still fail on them."""
    eventually(
        lambda: len(kubernetes.pods(NAMESPACE)) == count,
        within_seconds=30,
        what=f"only {count} pods are left",
    )


def test_a_trained_model_answers_predictions(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue
) -> None:
    addresses = kubernetes.ready_addresses(NAMESPACE, name_of(service))
    assert len(addresses) == REPLICAS

    examples = transactions(200, seed=99)
    for address in addresses:
        version, probabilities = predict(address, [features for features, _ in examples])
        assert version == "1"
        expected = [catalogue.models["1"].probability(features) for features, _ in examples]
        assert probabilities == pytest.approx(expected)
        assert accuracy(probabilities, examples) > 0.95

    shown = api.get(service)
    assert (shown["health"], shown["current_version"]) == ("Healthy", "1")
    assert is_in_order(api.get(f"{service}/rollouts")["results"][0]["clock"])
    pods = api.get(f"{service}/pods")["results"]
    assert {pod["ip"] for pod in pods} == set(addresses)
    assert {pod["node"] for pod in pods} == {NODE}


def test_logs_are_the_containers_own(api: Api, service: str) -> None:
    pod = api.get(f"{service}/pods")["results"][0]
    predict(pod["ip"], [(0.1, 0.2)])

    log = api.http.get(f"{service}/logs", params={"pod": pod["name"], "tail": "500"})

    assert "POST /predict" in log.text


def test_a_followed_log_comes_as_it_is_written(api: Api, service: str) -> None:
    pod = api.get(f"{service}/pods")["results"][0]
    asked = {"pod": pod["name"], "tail": "1", "follow": "true"}
    with api.http.stream("GET", f"{service}/logs", params=asked, timeout=10) as log:
        chunks = log.iter_text()
        for _ in range(2):
            predict(pod["ip"], [(0.1, 0.2)])
            assert any("POST /predict" in chunk for chunk in chunks)


def test_upgrade_and_rollback_fail_no_request(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue
) -> None:
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models) as traffic:
        upgraded = change(api, f"{service}/rollouts", {"version": "2"})
        back = change(api, f"{service}/rollback", {})
        only(kubernetes, REPLICAS)

    assert upgraded["phase"] == "Succeeded", upgraded
    assert (back["phase"], back["kind"], back["to_version"]) == ("Succeeded", "rollback", "1"), back
    assert traffic.failures == []
    assert set(traffic.versions) == {"1", "2"}
    assert traffic.total > 200


def start(api: Api, service: str, strategy: dict[str, Any]) -> str:
    """Start version 2 by steps, and wait until it stands where a person is to promote it."""
    wish = {"version": "2", "strategy": strategy}
    path = f"rollouts/{api.post(f'{service}/rollouts', wish, expect=202)['id']}"
    eventually(
        lambda: api.get(path)["reason"] == "AwaitingPromotion",
        within_seconds=60,
        what="the rollout waits for a person",
    )
    return path


def ended(api: Api, path: str) -> dict[str, Any]:
    rollout: dict[str, Any] = api.wait(api.get(path))
    return rollout


@pytest.mark.parametrize("verb", ["promote", "abort"])
def test_a_canary_gets_its_share_and_fails_no_request(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue, verb: str
) -> None:
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models) as traffic:
        canary = {"type": "canary", "steps": [{"weight": 50}, {"pause": None}]}
        path = start(api, service, canary)
        share = api.get(path)["traffic"]["share"]
        # Callers know of the new endpoints by then.
        time.sleep(2 * RESOLVE_SECONDS)
        before = traffic.versions.copy()
        eventually(
            lambda: (traffic.versions - before).total() > 1000,
            within_seconds=60,
            what="a thousand requests are answered",
        )
        seen = traffic.versions - before
        api.post(f"{path}/{verb}", expect=200)
        rollout = ended(api, path)
        only(kubernetes, REPLICAS)

    assert share == 0.5
    assert seen["2"] / seen.total() == pytest.approx(share, abs=0.06)
    assert rollout["phase"] == {"promote": "Succeeded", "abort": "Aborted"}[verb], rollout
    assert traffic.failures == []
    assert api.get(service)["current_version"] == {"promote": "2", "abort": "1"}[verb]


@pytest.mark.parametrize("verb", ["promote", "abort"])
def test_blue_green_switches_all_at_once_and_fails_no_request(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue, verb: str
) -> None:
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models) as traffic:
        path = start(api, service, {"type": "blue_green", "steps": [{"pause": None}]})
        assert len(kubernetes.pods(NAMESPACE)) == 2 * REPLICAS
        time.sleep(2 * RESOLVE_SECONDS)
        before = set(traffic.versions)
        api.post(f"{path}/{verb}", expect=200)
        rollout = ended(api, path)
        only(kubernetes, REPLICAS)
        time.sleep(2 * RESOLVE_SECONDS)

    assert before == {"1"}, "nothing was asked of the new version before it was promoted"
    assert rollout["phase"] == {"promote": "Succeeded", "abort": "Aborted"}[verb], rollout
    assert traffic.failures == []
    assert set(traffic.versions) == {"promote": {"1", "2"}, "abort": {"1"}}[verb]


def test_bad_version_fails_and_the_last_good_one_keeps_answering(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue
) -> None:
    wish = {"version": "broken", "progress_deadline_seconds": 20}
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models) as traffic:
        failed = change(api, f"{service}/rollouts", wish)
        only(kubernetes, REPLICAS)

    assert (failed["phase"], failed["rolled_back"]) == ("Failed", True), failed
    assert "exit code was 1" in failed["message"]
    assert traffic.failures == []
    assert set(traffic.versions) == {"1"}
    shown = api.get(service)
    assert (shown["health"], shown["current_version"]) == ("Healthy", "1")


def test_scaling_down_fails_no_request(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue
) -> None:
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models) as traffic:
        scaled = change(api, f"{service}/scale", {"replicas": 1})
        only(kubernetes, 1)

    assert scaled["phase"] == "Succeeded", scaled
    assert traffic.failures == []
    assert len(kubernetes.ready_addresses(NAMESPACE, name_of(service))) == 1


def used(api: Api, service: str) -> Resources:
    """Return what the summary says that a service uses, by resource."""
    summary = api.get("projects/fraud/summary", window="5m")
    assert summary["simulated"] is False
    [own] = [row for row in summary["services"] if row["service"] == name_of(service)]
    return Resources.parse({row["resource"]: row["used"] or "0" for row in own["resources"]})


def test_summary_shows_what_the_kubelet_measured(
    api: Api, service: str, kubernetes: Kubernetes, catalogue: Catalogue
) -> None:
    with traffic_to(kubernetes, NAMESPACE, name_of(service), catalogue.models):
        began, before = time.monotonic(), measured(CPU, namespace=NAMESPACE)

        def shows_what_the_traffic_costs() -> bool:
            taken = measured(CPU, namespace=NAMESPACE) - before
            cores = taken / (time.monotonic() - began)
            return cores / 1.5 < used(api, service).get("cpu", 0) / 1000 < cores * 1.5

        what = "the summary shows the CPU time that the kubelet counts"
        eventually(shows_what_the_traffic_costs, within_seconds=150, what=what)

    memory_bytes = measured(MEMORY, namespace=NAMESPACE)
    assert used(api, service)["memory"] == pytest.approx(memory_bytes, rel=0.3)


def test_decommission_leaves_nothing_and_returns_the_quota(
    api: Api, service: str, kubernetes: Kubernetes
) -> None:
    held = api.get(ENVIRONMENT)["reserved"]
    assert held["nvidia.com/gpu"] == str(REPLICAS)

    gone = change(api, f"{service}/decommission", {"reason": "The test is over."})

    assert gone["phase"] == "Succeeded", gone
    for kind in ("pods", "services", "endpoints"):
        path = f"/api/v1/namespaces/{NAMESPACE}/{kind}"
        assert kubernetes.get(path)["items"] == []
    assert api.get(ENVIRONMENT)["reserved"] == {}
