"""Our database was restored from a backup: the cluster has services that it does not know."""

import pytest

from clusters.kinds import DEPLOYMENT
from projects.models import Quota, Reservation
from serving.models import ModelService
from tests.contract.test_truth import deployed, healthy, live, reserved, soon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost(mirror, caller, service) -> ModelService:
    """A service that runs, of which the database has no row."""
    deployed(caller)
    deployed(caller, "2")
    soon(caller, healthy)
    ModelService.objects.get(pk=service.pk).delete()
    Reservation.objects.all().delete()
    Quota.objects.update(reserved={})
    return service


def named_again(caller, service) -> None:
    body = {"name": service.name, "model": service.model.name, "replicas": 2}
    caller.post(f"{caller.environment}/services", body, 201)


def test_a_service_that_is_named_again_comes_back_with_what_runs(lost, caller, client):
    before = live(client, lost)
    named_again(caller, lost)
    shown = soon(caller, lambda shown: shown["drift"])
    assert shown["id"] == str(lost.pk)
    assert shown["health"] == "Degraded"
    assert {entry["object"] for entry in shown["drift"]} >= {f"{DEPLOYMENT.name}/scorer"}
    assert reserved(lost), "what runs holds its share"
    deployed(caller, "3")
    shown = soon(caller, healthy)
    assert (shown["drift"], shown["current_version"]) == ([], "3")
    assert live(client, lost)["metadata"]["uid"] == before["metadata"]["uid"]


def test_or_is_removed(lost, caller, client):
    named_again(caller, lost)
    soon(caller, lambda shown: shown["drift"])
    assert caller.end(caller.post(f"{caller.service}/restore", {}))["phase"] == "Succeeded"
    assert live(client, lost) is None
    assert soon(caller, lambda shown: shown["health"] == "Stopped")["drift"] == []
    assert reserved(lost) == {}
