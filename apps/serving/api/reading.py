"""Reads services and rollouts with everything that is shown of them."""

from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from core.api.serializers import columns_of
from core.prepared import prepared
from projects.admission import reserved_by
from serving.allowed_actions import rollout_actions, service_actions
from serving.api.rollout_serializers import RolloutPage, rollout_columns
from serving.api.service_serializers import ServicePage, ServiceSerializer, ShownRolloutSerializer
from serving.diagnosis.explanation import explanation
from serving.diagnosis.read import diagnose, pods_of, progress_of
from serving.models import ModelService, Rollout

RolloutRows = QuerySet[Rollout, dict[str, Any]]


def shown_services() -> QuerySet[ModelService, dict[str, Any]]:
    """Return rows with everything that is shown of a service, in one query."""
    return every_shown_service().all()


@cache
def every_shown_service() -> QuerySet[ModelService, dict[str, Any]]:
    """Build that query once: naming its columns takes as long as running it."""
    rows = ModelService.objects.with_shown_health(now=Now()).with_running_rollout()
    shown: QuerySet[ModelService, dict[str, Any]] = rows.values(
        *columns_of(ServiceSerializer).values(),
        *("requests", "limits"),
        *(f"running__{name}" for name in ShownRolloutSerializer.Meta.fields),
    )
    return shown


def shown_rollouts() -> RolloutRows:
    """Return rows with everything that one look at a list of rollouts needs, in one query."""
    return every_shown_rollout().all()


@cache
def every_shown_rollout() -> RolloutRows:
    """Build that query once: naming its columns takes as long as running it."""
    shown: RolloutRows = Rollout.objects.values(*rollout_columns())
    return shown


@prepared
def shown_service(service_id: UUID) -> QuerySet[ModelService, dict[str, Any]]:
    """Read everything that is shown of one service."""
    return shown_services().filter(pk=service_id).order_by()


def service_page(service: ModelService, user: User) -> ServicePage:
    """Return a service as it is now, as a caller may see it."""
    [shown] = shown_service(service.pk)
    return ServicePage(
        shown,
        diagnosis=diagnose(service),
        actions=service_actions(service, user),
        reserved=reserved_by(service.pk).resources,
    )


def rollout_page(rollout_id: UUID, user: User) -> RolloutPage:
    """Return a rollout as a caller may see it, with its timeline."""
    rows = Rollout.objects.select_related(
        "service__environment__project",
        "project",
        "from_revision__version",
        "to_revision__version",
    )
    rollout = rows.get(pk=rollout_id)
    return RolloutPage(
        rollout,
        timeline=list(rollout.transitions.all()),
        pods=pods_of(rollout),
        explanation=explanation(progress_of(rollout)),
        actions=rollout_actions(rollout, user),
    )
