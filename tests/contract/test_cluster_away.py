"""A cluster that is away: what is accepted waits and says why, and nothing looks green."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from clusters.client import ClusterClient
from clusters.kinds import NAMESPACE
from clusters.models import Cluster, MirrorCursor, Pod
from clusters.probe import probe
from core.waiting import wait_until
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.models import ModelService, Rollout
from tests import factories
from tests.contract.caller import Caller
from tests.contract.tcp_proxy import TcpProxy

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = ("ClusterUnavailable", "The API server cannot be reached.")


@pytest.fixture
def environment(cluster: Cluster, client: ClusterClient) -> Iterator[Environment]:
    """An environment that was asked for, and has no namespace yet."""
    environment = factories.make_environment(
        factories.make_project(f"away-{uuid4().hex[:8]}"),
        cluster=cluster,
        phase=Environment.Phase.PENDING,
    )
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    yield environment
    client.delete(NAMESPACE, None, environment.namespace)


@pytest.fixture
def service(environment: Environment) -> ModelService:
    """A service of two pods and a model of two versions; nothing of it runs."""
    model = factories.make_model(environment.project)
    for version in ("1", "2"):
        factories.make_version(model, version)
    return factories.make_service(environment, "scorer", model=model, replicas=2)


@pytest.fixture
def caller(service: ModelService) -> Caller:
    return Caller(service)


def become_ready(environment: Environment) -> None:
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert environment.phase == Environment.Phase.READY, str(environment.message)


def deploy(caller: Caller, version: str = "1") -> Any:
    return caller.post(f"{caller.service}/rollouts", {"version": version})


def reasons(rollout: dict[str, Any]) -> list[str]:
    return [entry["reason"] for entry in rollout["timeline"]]


def a_minute_passes() -> None:
    """Move into the past what nobody has written since."""
    minute = timedelta(seconds=61)
    Cluster.objects.update(mirrored_at=F("mirrored_at") - minute)
    MirrorCursor.objects.update(heard_at=F("heard_at") - minute)


def test_a_wish_that_was_accepted_is_kept_until_the_cluster_is_back(environment, caller, proxy):
    become_ready(environment)
    proxy.refuse()
    accepted = deploy(caller)
    assert accepted["reason"] == "Admitted"
    waiting = caller.work(accepted)
    assert (waiting["phase"], waiting["finished"]) == ("Pending", False)
    assert (waiting["reason"], waiting["message"]) == AWAY
    assert waiting["clock"]["applied_at"] is None
    assert caller.get(caller.environment)["reserved"] == {
        "cpu": "2",
        "memory": "2Gi",
        "pods": "2",
    }
    assert caller.get(caller.service)["health"] == "Stopped", "nothing of it was ever told"

    proxy.listen()
    ended = caller.end(accepted)
    assert (ended["phase"], ended["ready_replicas"]) == ("Succeeded", 2)
    assert reasons(ended)[:2] == ["Admitted", "ClusterUnavailable"]


def test_an_environment_is_made_when_its_cluster_is_back(environment, caller, proxy):
    proxy.refuse()
    accepted = deploy(caller)
    reconcile_environment(environment.pk)
    shown = caller.get(caller.environment)
    status = shown["status"]
    assert (status["phase"], status["reason"], status["message"]) == ("Pending", *AWAY)
    waiting = caller.work(accepted)
    assert (waiting["reason"], waiting["message"]) == ("WaitingForEnvironment", AWAY[1])

    proxy.listen()
    Environment.objects.update(next_run_at=timezone.now())
    become_ready(environment)
    assert caller.end(accepted)["phase"] == "Succeeded"


def test_an_outage_does_not_count_towards_the_progress_deadline(environment, caller, proxy):
    become_ready(environment)
    accepted = deploy(caller)
    assert caller.work(accepted)["phase"] == "Progressing"
    proxy.refuse()
    Rollout.objects.update(progressed_at=timezone.now() - timedelta(hours=1))
    waiting = caller.work(accepted)
    assert (waiting["phase"], waiting["reason"]) == ("Progressing", "ClusterUnavailable")
    proxy.listen()
    assert caller.end(accepted)["phase"] == "Succeeded"


def test_a_deadline_counts_from_when_the_cluster_was_told(environment, caller):
    become_ready(environment)
    accepted = deploy(caller)
    Rollout.objects.update(progressed_at=timezone.now() - timedelta(hours=1))
    assert caller.work(accepted)["phase"] == "Progressing"
    assert caller.end(accepted)["phase"] == "Succeeded"


def test_waiting_for_an_environment_does_not_count_towards_the_deadline(environment, caller):
    accepted = deploy(caller)
    Rollout.objects.update(progressed_at=timezone.now() - timedelta(hours=1))
    assert caller.work(accepted)["reason"] == "WaitingForEnvironment"
    assert Rollout.objects.get().progressed_at > timezone.now() - timedelta(minutes=1)


def test_an_environment_leaves_a_namespace_of_somebody_else_where_it_is(environment, client):
    client.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": environment.namespace}}
    )
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert environment.reason == "NamespaceConflict"
    Environment.objects.update(phase=Environment.Phase.TERMINATING, next_run_at=timezone.now())
    reconcile_environment(environment.pk)
    assert not Environment.objects.exists()
    assert client.get(NAMESPACE, None, environment.namespace) is not None


def test_what_is_paused_says_so_again_when_the_cluster_is_back(environment, caller, proxy):
    become_ready(environment)
    accepted = deploy(caller)
    caller.work(accepted)
    proxy.refuse()
    caller.post(f"/api/v1/rollouts/{accepted['id']}/pause", {}, expect=200)
    waiting = caller.work(accepted)
    assert (waiting["phase"], waiting["reason"]) == ("Paused", "ClusterUnavailable")
    proxy.listen()
    paused = caller.work(accepted)
    assert (paused["phase"], paused["reason"]) == ("Paused", "PausedByUser")
    assert "cannot be reached" not in paused["message"]


def test_an_abort_during_an_outage_is_carried_out_after_it(environment, caller, proxy):
    become_ready(environment)
    first = caller.end(deploy(caller))
    upgrade = deploy(caller, "2")
    caller.work(upgrade)
    proxy.refuse()
    caller.post(f"/api/v1/rollouts/{upgrade['id']}/abort", {}, expect=200)
    waiting = caller.work(upgrade)
    assert (waiting["phase"], waiting["reason"]) == ("RollingBack", "ClusterUnavailable")
    proxy.listen()
    ended = caller.end(upgrade)
    assert (ended["phase"], ended["reason"]) == ("Aborted", "AbortedByUser")
    assert ended["rolled_back"]
    assert caller.get(caller.service)["current_version"] == first["to_version"]


def test_a_service_is_unknown_while_its_cluster_is_away(
    environment, caller, proxy, mirror, cluster
):
    become_ready(environment)
    caller.end(deploy(caller))

    def healthy() -> Any:
        shown = caller.get(caller.service)
        return shown if shown["health"] == "Healthy" and not shown["stale"] else None

    def unknown() -> Any:
        shown = caller.get(caller.service)
        return shown if shown["health"] == "Unknown" else None

    assert wait_until(healthy, timeout_seconds=20)
    probe(cluster.pk)
    assert caller.get("/api/v1/clusters/c")["status"]["reachable"] is True

    proxy.refuse()
    # What the informer had taken in before the cut may still be on its way to the rows.
    assert wait_until(lambda: mirror.changes.empty() or None, timeout_seconds=5)

    def aged() -> Any:
        a_minute_passes()
        return unknown()

    shown = wait_until(aged, timeout_seconds=10)
    assert shown is not None
    assert (shown["stale"], shown["reason"]) == (True, "Stale")
    assert shown["observed_at"] is not None
    assert caller.get(f"{caller.environment}/services", health="Healthy")["results"] == []
    assert caller.get("/api/v1/fleet/nodes")["results"][0]["stale"] is True
    probe(cluster.pk)
    status = caller.get("/api/v1/clusters/c")["status"]
    assert (status["reachable"], status["reason"], status["message"]) == (False, *AWAY)
    assert status["stale"] is True
    assert status["version"].startswith("v1."), "what was last known outlives the outage"

    proxy.listen()
    assert wait_until(healthy, timeout_seconds=30), caller.get(caller.service)
    probe(cluster.pk)
    assert caller.get("/api/v1/clusters/c")["status"]["reachable"] is True


def test_scaled_to_nothing_is_unknown_too_once_the_cluster_was_told_otherwise(service, caller):
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(seconds=61))
    assert caller.get(caller.service)["health"] == "Stopped"
    ModelService.objects.update(desired_replicas=2)
    assert caller.get(caller.service)["health"] == "Unknown"


def refused_log(caller: Caller, pod: Pod, expect: int = 503) -> Any:
    answer: Any = caller.http.get(f"{caller.service}/logs", {"pod": pod.name})
    assert answer.status_code == expect, answer
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()


def refuse(proxy: TcpProxy) -> None:
    proxy.refuse()


def hold(proxy: TcpProxy) -> None:
    proxy.hold()


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [(refuse, "cannot be reached"), (hold, "did not answer in time")],
    ids=["refuses", "is silent"],
)
def test_logs_of_a_cluster_that_is_away_are_a_503_with_the_reason(
    service, caller, proxy, break_it, sentence
):
    pod = factories.make_pod(service)
    break_it(proxy)
    problem = refused_log(caller, pod)
    assert problem["reason"] == "ClusterUnavailable"
    assert sentence in problem["detail"]


def test_logs_with_credentials_that_do_not_open_are_a_503_with_the_reason(service, caller, cluster):
    pod = factories.make_pod(service)
    Cluster.objects.filter(pk=cluster.pk).update(name="renamed")
    problem = refused_log(caller, pod)
    assert problem["reason"] == "ClusterForbidden"
    assert "cannot be decrypted" in problem["detail"]


def test_a_pod_that_the_cluster_no_longer_has_is_refused_in_its_words(service, caller, environment):
    become_ready(environment)
    problem = refused_log(caller, factories.make_pod(service, name="scorer-gone"), expect=400)
    assert "scorer-gone" in problem["detail"]
