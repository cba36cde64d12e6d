"""A worker is stopped in the middle of a pass, the world goes on without it, and it wakes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from accounts.actor import SYSTEM
from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT, NAMESPACE, SERVICE
from core import lease
from core.waiting import wait_until
from projects import actions
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.models import Rollout
from serving.worker.advance import reconcile_rollout
from tests import factories
from tests.contract.test_truth import deploy, deployed, healthy, soon

pytestmark = pytest.mark.django_db(transaction=True)
Freeze = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Freeze:
    """Stop the next worker before its first call of a method, let something happen, and go on.

    A process that is stopped does not renew its lease either.
    """
    monkeypatch.setattr(lease, "RENEWAL_SECONDS", 3600.0)

    def freeze_before(method: str, meanwhile: Callable[[], object]) -> None:
        original = getattr(ClusterClient, method)

        def called(*arguments: Any, **options: Any) -> Any:
            monkeypatch.setattr(ClusterClient, method, original)
            meanwhile()
            return original(*arguments, **options)

        monkeypatch.setattr(ClusterClient, method, called)

    return freeze_before


def release(rollout: dict[str, Any]) -> None:
    """Let the lease of whoever is stopped run out."""
    Rollout.objects.filter(pk=rollout["id"]).update(
        lease_until=timezone.now() - timedelta(seconds=1), next_run_at=timezone.now()
    )


def test_a_decommission_that_wakes_deletes_nothing_of_the_next_life(
    mirror, caller, client, service, freeze
):
    deployed(caller)
    rollout = caller.post(f"{caller.service}/decommission", {})

    def meanwhile() -> None:
        release(rollout)
        assert caller.end(rollout)["phase"] == "Succeeded"
        deployed(caller, "2")

    freeze("list", meanwhile)
    assert not reconcile_rollout(rollout["id"])
    assert soon(caller, healthy)["current_version"] == "2"
    assert live(client, service)["metadata"].get("deletionTimestamp") is None


def live(client: ClusterClient, service: Any, kind: Any = DEPLOYMENT) -> Any:
    body = client.get(kind, service.environment.namespace, service.name)
    return orjson.loads(body) if body is not None else None


@pytest.mark.parametrize("method", ["get", "apply"])
def test_a_deploy_that_wakes_brings_nothing_back(caller, client, service, freeze, method):
    rollout = deploy(caller)

    def meanwhile() -> None:
        release(rollout)
        assert caller.end(rollout)["phase"] == "Succeeded"
        gone = caller.end(caller.post(f"{caller.service}/decommission", {}))
        assert gone["phase"] == "Succeeded"

    freeze(method, meanwhile)
    assert not reconcile_rollout(rollout["id"])
    assert live(client, service) is None
    assert live(client, service, SERVICE) is None


def test_an_upgrade_that_wakes_leaves_the_port_of_the_next(caller, client, service, freeze):
    deployed(caller)
    rollout = deploy(caller, "2", port=9000)

    def meanwhile() -> None:
        release(rollout)
        assert caller.end(rollout)["phase"] == "Succeeded"
        deployed(caller, "3", port=9100)

    freeze("apply", meanwhile)
    assert not reconcile_rollout(rollout["id"])
    [port] = live(client, service, SERVICE)["spec"]["ports"]
    assert port["port"] == 9100


def test_an_abort_stops_whoever_was_about_to_write(caller, client, service, freeze):
    deployed(caller)
    rollout = deploy(caller, "2")

    def meanwhile() -> None:
        caller.post(f"/api/v1/rollouts/{rollout['id']}/abort", {}, 200)

    freeze("apply", meanwhile)
    reconcile_rollout(rollout["id"])
    version = live(client, service)["spec"]["template"]["metadata"]["labels"]
    assert version["app.kubernetes.io/version"] == "1"
    assert caller.end(rollout)["phase"] == "Aborted"


def test_the_end_of_an_environment_that_wakes_leaves_the_next_of_its_name(
    environment, client, freeze
):
    project, name, cluster = environment.project, environment.name, environment.cluster
    actions.delete_environment(environment=environment, by=SYSTEM)

    def meanwhile() -> None:
        finish(environment)
        anew = factories.make_environment(
            project, name, cluster=cluster, phase=Environment.Phase.PENDING
        )
        finish(anew)

    freeze("get", meanwhile)
    assert not reconcile_environment(environment.pk)
    body = client.get(NAMESPACE, None, environment.namespace)
    assert body is not None
    assert orjson.loads(body)["metadata"].get("deletionTimestamp") is None


def test_the_making_of_an_environment_that_wakes_makes_no_namespace_for_nobody(
    cluster, client, freeze
):
    environment = factories.make_environment(cluster=cluster, phase=Environment.Phase.PENDING)

    def meanwhile() -> None:
        actions.delete_environment(environment=environment, by=SYSTEM)
        finish(environment)

    freeze("apply", meanwhile)
    assert not reconcile_environment(environment.pk)
    assert not Environment.objects.filter(pk=environment.pk).exists()
    assert client.get(NAMESPACE, None, environment.namespace) is None


def finish(environment: Environment) -> None:
    """Work until an environment is what is wished of it, or gone."""

    def reached() -> bool | None:
        # Whoever is stopped has no lease any more.
        ended = timezone.now() - timedelta(seconds=1)
        rows = Environment.objects.filter(pk=environment.pk)
        rows.update(lease_until=ended, next_run_at=ended)
        reconcile_environment(environment.pk)
        row = Environment.objects.filter(pk=environment.pk).first()
        return row is None or row.phase == Environment.Phase.READY or None

    assert wait_until(reached, timeout_seconds=20)
