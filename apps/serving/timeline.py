"""A rollout's phase changes and their history, written together."""

from django.utils import timezone

from accounts.actor import Actor
from core.messages import Message
from core.reasons import Reason
from core.stream import announce
from serving.models import Rollout, RolloutTransition
from serving.rules.lifecycle import FINISHED, Phase, check_edge


def move(rollout: Rollout, phase: Phase, reason: Reason, message: Message, *, by: Actor) -> None:
    """Move a rollout along the lifecycle and record that in its timeline; the caller saves.

    An entry is added when the phase or the reason changes, not when only the counts do.
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
    announce_rollout(rollout)


def open_timeline(rollout: Rollout) -> None:
    """Write the first entry of a new rollout's timeline; the caller saves the rollout."""
    first_entry(rollout).save(force_insert=True)
    announce_rollout(rollout)


def first_entry(rollout: Rollout) -> RolloutTransition:
    """Return the only entry of a rollout's timeline for as long as it is as it was started."""
    return RolloutTransition(
        rollout=rollout,
        at=rollout.admitted_at,
        from_phase=rollout.phase,
        phase=rollout.phase,
        reason=rollout.reason,
        message=rollout.message,
        actor=rollout.started_by,
        actor_kind=rollout.started_by_kind,
        actor_token=rollout.started_by_token,
    )


def announce_rollout(rollout: Rollout) -> None:
    """Tell listeners that a rollout, and with it its service, changed."""
    project = rollout.service.environment.project.name
    announce("rollout", rollout.pk, project=project, version=rollout.phase)
    announce("service", rollout.service_id, project=project)


def add_entry(rollout: Rollout, reason: Reason, message: Message, *, by: Actor) -> None:
    """Record in the timeline what happened on the way, without changing the phase."""
    RolloutTransition.objects.create(
        rollout=rollout,
        at=timezone.now(),
        from_phase=rollout.phase,
        phase=rollout.phase,
        reason=reason,
        message=message,
        **by.signed("actor"),
    )
