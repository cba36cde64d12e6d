"""What a service shows of itself, from its rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters import mirror
from clusters.models import Cluster
from serving import actions
from serving.lifecycle import Phase
from serving.models import ModelService
from serving.observe import refresh_services
from serving.serializers import ServiceSerializer
from serving.views import shown_services
from tests.factories import make_cluster, make_deployed_service, make_environment, make_pod
from tests.serving.changes import deploy, fail, finish


def shown(service) -> tuple[str, str]:
    """Look at a service again, as after a batch of the informer."""
    refresh_services({service.pk})
    body = ServiceSerializer(shown_services().get(pk=service.pk)).data
    assert body["message"].endswith(".")
    return body["health"], body["reason"]


def test_a_service_that_runs_nothing_says_how_that_came_about(service, by):
    assert shown(service) == ("Stopped", "NeverDeployed")
    fail(deploy(service, "1", by), Phase.FAILED)
    assert shown(service) == ("Stopped", "NotDeployed")
    finish(deploy(service, "1", by))
    finish(actions.start_decommission(service=service, by=by))
    assert shown(service) == ("Stopped", "Decommissioned")
    assert deploy(service, "2", by).phase == Phase.PENDING
    assert shown(service) == ("Progressing", "Starting")


@pytest.mark.parametrize(
    ("heard", "reason"), [(None, "NotMirrored"), (timedelta(hours=1), "Stale")], ids=str
)
def test_an_unknown_health_says_whether_anything_was_ever_seen(service, by, heard, reason):
    finish(deploy(service, "1", by))
    mirrored_at = timezone.now() - heard if heard else None
    Cluster.objects.update(mirrored_at=mirrored_at)
    assert shown(service) == ("Unknown", reason)


def test_an_informer_that_starts_makes_good_what_was_never_told(service, by):
    finish(deploy(service, "1", by))
    ModelService.objects.filter(pk=service.pk).update(health="Healthy")
    elsewhere = make_cluster()
    mirror.tell(elsewhere, None)
    assert ModelService.objects.get(pk=service.pk).health == "Healthy"
    mirror.tell(service.cluster, None)
    assert ModelService.objects.get(pk=service.pk).health != "Healthy"


@pytest.mark.django_db
def test_judging_many_services_costs_as_many_queries_as_judging_few():
    environment = make_environment()
    services = [make_deployed_service(environment) for _ in range(20)]
    for service in services:
        make_pod(service)
    costs = []
    for some in (services[:2], services):
        refresh_services({service.pk for service in some})
        with CaptureQueriesContext(connection) as queries:
            refresh_services({service.pk for service in some})
        costs.append(len(queries))
    assert costs[0] == costs[1]
