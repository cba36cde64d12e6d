"""Leases a rollout to one worker, for an epoch of its service."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.database import locking
from core.lease import LeaseLost
from core.leased import COLUMNS
from core.prepared import prepared, save_columns
from serving.models import Rollout, RolloutQuerySet

SWEPT_AT_ONCE = 200


def due_rollouts() -> Iterable[UUID]:
    """Return the rollouts that are due, longest waiting first."""
    due = Rollout.objects.due(now=timezone.now()).order_by("next_run_at")
    return due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]


def claim(rollout_id: str) -> Rollout | None:
    """Lease a rollout, due or not, and take the next epoch of its service.

    If it is already leased, a wake-up is counted, so that it is looked at again after that.
    """
    now = timezone.now()
    with transaction.atomic():
        locked_with_service(rollout_id)
        (rollout,) = rollout_to_drive(rollout_id) or (None,)
        if rollout is None or rollout.is_finished:
            return None
        is_taken = rollout.take(now=now, is_early=True)
        if is_taken:
            rollout.service.epoch += 1
            save_columns([rollout.service], ["epoch"])
            rollout.epoch = rollout.service.epoch
            if rollout.attempts == 1:
                # The deadline counts from here, however long it had to wait for a worker.
                rollout.progressed_at = now
        save_columns([rollout], [*COLUMNS, "epoch", "progressed_at"])
    return rollout if is_taken else None


@prepared
def locked_with_service(rollout_id: str) -> QuerySet[Rollout]:
    """Lock a rollout and its service."""
    rows = Rollout.objects.filter(pk=rollout_id).select_related("service")
    return locking(rows, "service").only("pk", "service")


@prepared
def rollout_to_drive(rollout_id: str) -> QuerySet[Rollout]:
    """Read a rollout with what it takes to carry it out."""
    return Rollout.objects.filter(pk=rollout_id).select_related(
        "service__environment__project",
        "service__environment__cluster",
        "from_revision",
        "to_revision",
    )


def renew(claimed: Rollout, until: datetime) -> None:
    """Extend the lease of a claimed rollout, unless somebody has taken it away."""
    still_claimed(claimed).update(lease_until=until)


def check_claimed(claimed: Rollout) -> None:
    """Refuse writes for a rollout that somebody else has claimed, or whose phase has changed.

    Raises:
        LeaseLost: either is the case.
    """
    if not ids_as_claimed(*as_claimed(claimed)):
        raise LeaseLost


def locked_as_claimed(claimed: Rollout) -> Rollout | None:
    """Lock and return the row, but only if it is as it was claimed."""
    return next(iter(locked_rollouts(*as_claimed(claimed))), None)


def still_claimed(claimed: Rollout) -> RolloutQuerySet:
    """Return the row, but only while it is as it was claimed."""
    return claimed_as(*as_claimed(claimed))


def as_claimed(claimed: Rollout) -> tuple[Any, ...]:
    """Return what has to be as it is for a rollout to be as it was claimed."""
    return claimed.pk, claimed.attempts, claimed.epoch, claimed.phase


def claimed_as(pk: Any, attempts: Any, epoch: Any, phase: Any) -> RolloutQuerySet:
    """Keep the rollout of which all that is so."""
    return Rollout.objects.still_leased(pk, attempts).filter(epoch=epoch, phase=phase)


@prepared
def ids_as_claimed(pk: UUID, attempts: int, epoch: int, phase: str) -> QuerySet[Rollout, UUID]:
    """Read whether a rollout is as it was claimed."""
    return claimed_as(pk, attempts, epoch, phase).order_by().values_list("pk", flat=True)


@prepared
def locked_rollouts(pk: UUID, attempts: int, epoch: int, phase: str) -> QuerySet[Rollout]:
    """Lock a rollout if it is as it was claimed."""
    return claimed_as(pk, attempts, epoch, phase).order_by().select_for_update()
