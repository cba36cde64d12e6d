"""A rollout's phase changes and their history, written together."""

from django.utils import timezone

from accounts.actor import Actor
from core.messages import Message
from core.reasons import Reason
from core.stream import announce
from serving.models import Rollout, RolloutTransition
from serving.rules.lifecycle import FINISHED, Phase, check_edge


def move(rollout: Rollout, phase: Phase, reason: Reason, message: Message, *, by: Actor) -> None:
    """Take an edge of the lifecycle and write it into the timeline; the caller saves.

    An entry appears when the phase or the reason changed, not when only the numbers did.
    """
    before, now = Phase(rollout.phase), timezone.now()
    is_new_phase = phase is not before
    if is_new_phase:
        check_edge(before, phase)
    if phase in FINISHED:
        rollout.finished_at, rollout.next_run_at = now, None
    if is_new_phase or rollout.reason != reason:
        RolloutTransition.objects.create(
            rollout=rollout,
            at=now,
            from_phase=before,
            phase=phase,
            reason=reason,
            message=message,
            **by.signed("actor"),
        )
    rollout.phase, rollout.reason, rollout.message = phase, reason, message
    project = rollout.service.environment.project.name
    announce("rollout", rollout.pk, project=project, version=phase)
    announce("service", rollout.service_id, project=project)


def add_entry(rollout: Rollout, reason: Reason, message: Message, *, by: Actor) -> None:
    """Write into the timeline what happened on the way, without changing the phase."""
    RolloutTransition.objects.create(
        rollout=rollout,
        at=timezone.now(),
        from_phase=rollout.phase,
        phase=rollout.phase,
        reason=reason,
        message=message,
        **by.signed("actor"),
    )
