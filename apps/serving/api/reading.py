"""Services and rollouts with everything that one look at them needs."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from core.api.pages import Page
from core.messages import Message
from serving.allowed_actions import AllowedAction, rollout_actions
from serving.api.service_serializers import ShownRolloutSerializer, service_columns
from serving.diagnosis.explanation import explanation
from serving.diagnosis.read import RolloutPod, pods_of, progress_of
from serving.models import ModelService, Rollout


def shown_services() -> QuerySet[ModelService, dict[str, Any]]:
    """Return rows with everything that one look at a service needs, in one query."""
    return every_shown_service().all()


@cache
def every_shown_service() -> QuerySet[ModelService, dict[str, Any]]:
    """Build that query once: naming its columns takes as long as running it."""
    rows = ModelService.objects.with_shown_health(now=Now()).with_running_rollout()
    shown: QuerySet[ModelService, dict[str, Any]] = rows.values(
        *service_columns().values(),
        *("requests", "limits"),
        *(f"running__{name}" for name in ShownRolloutSerializer.Meta.fields),
    )
    return shown


def shown_rollouts() -> QuerySet[Rollout]:
    """Return rollouts with everything that one look at a list of them needs."""
    return Rollout.objects.select_related(
        "service__environment__project",
        "from_revision__version",
        "to_revision__version",
    ).defer("last_lines")


@dataclass(frozen=True, slots=True)
class RolloutPage(Page):
    """A rollout with its pods, what it waits for, and what its reader may ask of it."""

    row: Rollout
    pods: list[RolloutPod]
    explanation: Message
    actions: list[AllowedAction]


def rollout_page(rollout_id: UUID, user: User) -> RolloutPage:
    """Return a rollout as a caller may see it, with its timeline."""
    rollout = shown_rollouts().defer(None).prefetch_related("transitions").get(pk=rollout_id)
    return RolloutPage(
        rollout,
        pods=pods_of(rollout),
        explanation=explanation(progress_of(rollout)),
        actions=rollout_actions(rollout, user),
    )
