"""Leases a rollout to one worker, for an epoch of its service."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.database import lock
from core.lease import LeaseLost
from core.leased import COLUMNS
from serving.models import Rollout, RolloutQuerySet

SWEPT_AT_ONCE = 200


def due_rollouts() -> Iterable[UUID]:
    """Return rollouts that somebody should look at, the longest waiting first."""
    due = Rollout.objects.due(now=timezone.now()).order_by("next_run_at")
    return due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]


def claim(rollout_id: str) -> Rollout | None:
    """Lease a rollout, due or not, and take the next epoch of its service.

    Whoever finds it leased leaves word that there is something new to look at.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = Rollout.objects.filter(pk=rollout_id)
        lock(rows, "service")
        rollout = rows.select_related(
            "service__environment__project",
            "service__environment__cluster",
            "from_revision",
            "to_revision",
        ).first()
        if rollout is None or rollout.is_finished:
            return None
        is_taken = rollout.take(now=now, is_early=True)
        if is_taken:
            rollout.service.epoch += 1
            rollout.service.save(update_fields=["epoch"])
            rollout.epoch = rollout.service.epoch
            if rollout.attempts == 1:
                # However long it had to wait for a worker.
                rollout.progressed_at = now
        rollout.save(update_fields=[*COLUMNS, "epoch", "progressed_at"])
    return rollout if is_taken else None


def renew(claimed: Rollout, until: datetime) -> None:
    """Keep a claimed rollout, unless somebody has taken it away."""
    still_claimed(claimed).update(lease_until=until)


def check_held(claimed: Rollout) -> None:
    """Let nothing be written for a rollout that somebody else has, or that has moved on.

    Raises:
        LeaseLost: it is so.
    """
    if not still_claimed(claimed).exists():
        raise LeaseLost


def still_claimed(claimed: Rollout) -> RolloutQuerySet:
    """Return the row while it is as it was claimed."""
    return Rollout.objects.held(claimed).filter(epoch=claimed.epoch, phase=claimed.phase)
