"""What a service shows of itself, from its rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters import mirror
from clusters.models import Cluster, MirrorCursor, Pod, Workload
from core.supervision import FAULTS
from serving import actions
from serving.api.reading import shown_services
from serving.api.service_serializers import ServiceSerializer
from serving.diagnosis import judging
from serving.diagnosis.judging import refresh_services
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from tests.factories import (
    make_cluster,
    make_deployed_service,
    make_environment,
    make_pod,
    make_workload,
)
from tests.serving.changes import deploy, fail, finish, reserved


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
    mirror.notify(elsewhere, None)
    assert ModelService.objects.get(pk=service.pk).health == "Healthy"
    mirror.notify(service.cluster, None)
    assert ModelService.objects.get(pk=service.pk).health != "Healthy"


def read_up_to(service, version, *kinds):
    """Let the mirror have read some kinds up to a version, and all others further."""
    for kind in ("Deployment", "ReplicaSet", "Pod"):
        read = version if kind in kinds else version + 10_000_000
        MirrorCursor.objects.update_or_create(
            cluster=service.cluster,
            kind=kind,
            defaults={"resource_version": str(read), "heard_at": timezone.now()},
        )


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (["Pod"], "Healthy"),
        (["Deployment", "Pod"], "Healthy"),
        (["ReplicaSet", "Pod"], "Healthy"),
        (["Deployment"], "Degraded"),
        ([], "Degraded"),
    ],
    ids=str,
)
@pytest.mark.parametrize("ready", [0, None], ids=["no pod ready", "no pod known"])
@pytest.mark.django_db
def test_what_the_mirror_has_not_read_is_as_a_worker_saw_it(behind, expected, ready):
    service = make_deployed_service()
    make_workload(service, desired_replicas=1, ready_replicas=0 if "Deployment" in behind else 1)
    if ready is not None:
        pod = make_pod(service, revision=service.current_revision.number, is_ready=False)
    seen = 5_000_000
    ModelService.objects.filter(pk=service.pk).update(seen_version=seen)
    read_up_to(service, seen - 1, *behind)
    assert shown(service)[0] == expected
    if ready is not None:
        # What it has read since is news, whatever else it has not.
        Pod.objects.filter(pk=pod.pk).update(resource_version=seen + 1)
        assert shown(service)[0] == "Degraded"


@pytest.mark.django_db
def test_a_deployment_that_the_mirror_has_not_read_yet_is_not_gone():
    service = make_deployed_service()
    ModelService.objects.filter(pk=service.pk).update(seen_version=5)
    read_up_to(service, 4, "Deployment", "ReplicaSet", "Pod")
    assert shown(service) == ("Healthy", "AllReplicasReady")
    read_up_to(service, 6, "Deployment", "ReplicaSet", "Pod")
    assert shown(service) == ("Degraded", "Missing")


@pytest.mark.django_db
def test_a_mirror_that_reads_on_during_a_judgement_is_not_held_against_its_older_rows(monkeypatch):
    service = make_deployed_service()
    ModelService.objects.filter(pk=service.pk).update(seen_version=5)
    read_up_to(service, 4, "Deployment", "ReplicaSet", "Pod")
    read_rows = judging.belongings_of

    def then_read_on(services):
        rows = read_rows(services)
        read_up_to(service, 6, "Deployment", "ReplicaSet", "Pod")
        return rows

    monkeypatch.setattr(judging, "belongings_of", then_read_on)
    assert shown(service) == ("Healthy", "AllReplicasReady")
    assert not ModelService.objects.get(pk=service.pk).drift


def test_what_a_worker_saw_gone_is_gone_before_the_mirror_has_read_it(service, by):
    finish(deploy(service, "1", by))
    make_pod(service, revision=1, is_ready=True)
    Workload.objects.update(desired_replicas=1, ready_replicas=1)
    finish(actions.start_decommission(service=service, by=by))
    ModelService.objects.filter(pk=service.pk).update(seen_version=5_000_000)
    read_up_to(service, 4_999_999, "Deployment", "ReplicaSet", "Pod")
    assert shown(service) == ("Stopped", "Decommissioned")
    assert reserved(service) == 0
    read_up_to(service, 5_000_001, "Deployment", "ReplicaSet", "Pod")
    assert shown(service)[0] != "Stopped"
    assert reserved(service) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "Healthy"),
        ({"is_ready": False}, "Degraded"),
        ({"is_terminating": True}, "Degraded"),
        # Its node was deleted under it: Kubernetes sets the phase and leaves the condition.
        ({"phase": "Failed"}, "Degraded"),
    ],
    ids=["runs", "not ready", "being deleted", "over"],
)
@pytest.mark.django_db
def test_only_active_pods_are_ready_whatever_the_deployment_last_said(fields, expected):
    service = make_deployed_service()
    make_workload(service, desired_replicas=1, ready_replicas=1)
    revision = service.current_revision.number
    make_pod(service, **{"revision": revision, "is_ready": True, **fields})
    assert shown(service)[0] == expected


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.ABORTED])
def test_a_worker_that_did_not_see_it_end_well_has_no_word(service, by, phase):
    finish(deploy(service, "1", by))
    make_workload(service, desired_replicas=1, ready_replicas=0)
    stopped = deploy(service, "2", by)
    Rollout.objects.filter(pk=stopped.pk).update(
        phase=phase, finished_at=timezone.now(), written_at=timezone.now()
    )
    ModelService.objects.filter(pk=service.pk).update(seen_version=5)
    read_up_to(service, 4, "Deployment", "ReplicaSet", "Pod")
    assert shown(service)[0] == "Degraded"


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


@pytest.mark.django_db
def test_a_service_that_cannot_be_judged_keeps_no_other_from_it():
    environment = make_environment()
    odd, good = make_deployed_service(environment), make_deployed_service(environment)
    ModelService.objects.update(observed_at=None)
    Workload.objects.filter(kind="Deployment", name=odd.name).delete()
    make_workload(odd, kind="Deployment", content="{")
    mirror.notify(environment.cluster, None)
    judged = dict(ModelService.objects.values_list("pk", "observed_at"))
    assert (judged[odd.pk], judged[good.pk] is not None) == (None, True)
    assert [fault.last_object for fault in FAULTS.take()] == [f"service {odd.pk}"]
