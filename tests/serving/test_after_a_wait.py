"""What waited for a lock sees what it waited for, and all that belongs to it."""

from typing import Any

import pytest
from django.utils import timezone

from clusters.kinds import DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, REPLICA_SET, SERVICE
from clusters.models import MirrorCursor
from core.database import lock
from core.resources import Resources
from projects import reconcile as environments
from projects.models import Environment, Quota
from serving.diagnosis.judging import record_objects, refresh_services
from serving.models import ModelService
from serving.rules.lifecycle import Phase
from serving.worker.claim import claim
from tests.factories import make_drifted_service, make_revision, make_rollout
from tests.waiting import waited

KINDS = (DEPLOYMENT, SERVICE, POD_DISRUPTION_BUDGET, POD, REPLICA_SET)
pytestmark = pytest.mark.django_db(transaction=True)


def shown(service: ModelService) -> tuple[Any, ...]:
    service.refresh_from_db()
    differing = [(entry["object"], entry["field"]) for entry in service.drift]
    return service.health, service.reason, differing


def test_a_judgement_sees_the_revision_that_a_service_has_just_got() -> None:
    service = make_drifted_service()
    for kind in KINDS:
        MirrorCursor.objects.create(
            cluster=service.cluster, kind=kind.name, heard_at=timezone.now(), resource_version="9"
        )
    rows = ModelService.objects.filter(pk=service.pk)
    revision = service.current_revision
    refresh_services([service.pk])
    before = shown(service)
    assert before[2], "there is something to be seen"
    rows.update(current_revision=None)
    waited(lambda: refresh_services([service.pk]), lambda: rows.update(current_revision=revision))
    assert shown(service) == before


def test_a_worker_sees_the_quota_that_an_environment_has_just_got() -> None:
    environment = make_drifted_service().environment
    rows = Environment.objects.filter(pk=environment.pk)
    rows.update(next_run_at=timezone.now())
    limits = Resources.parse({"cpu": "77"})

    def change() -> None:
        Quota.objects.filter(environment=environment).update(limits=limits)
        rows.update(generation=environment.generation + 1)

    claimed = waited(lambda: environments.claim(environment.pk), change)
    assert claimed is not None
    assert (claimed.generation, claimed.quota.limits) == (environment.generation + 1, limits)


def test_an_environment_goes_after_what_was_just_noted_of_its_services() -> None:
    service = make_drifted_service()
    rows = Environment.objects.filter(pk=service.environment_id)
    rows.update(next_run_at=timezone.now())
    claimed = environments.claim(service.environment_id)
    assert claimed is not None

    def note() -> None:
        lock(ModelService.objects.filter(pk=service.pk))
        record_objects({service.pk: ["seen just now"]})

    waited(lambda: environments.commit(claimed, environments.GONE), note)
    assert not rows.exists()


def test_a_worker_sees_the_environment_that_a_rollout_is_in_by_now() -> None:
    service = make_drifted_service()
    revision = make_revision(service)
    rollout = make_rollout(service, phase=Phase.PENDING, to_revision=revision)
    rows = Environment.objects.filter(pk=service.environment_id)

    def change() -> None:
        ModelService.objects.filter(pk=service.pk).update(epoch=5)
        rows.update(foreign_fields="refuse")

    claimed = waited(lambda: claim(str(rollout.pk)), change)
    assert claimed is not None
    assert (claimed.epoch, claimed.service.environment.foreign_fields) == (6, "refuse")
