"""What a pass finds out about a rollout: the phase that follows, why, and when to look again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone

from clusters.apply import overridden
from clusters.drift import Difference
from clusters.kinds import Manifest
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from serving.diagnosis.read import PodsStatus
from serving.models import Revision, Rollout
from serving.rules.lifecycle import Assessment, Counts, Outcome, Phase
from serving.worker.last_words import LastLines

REQUEUE_AFTER, REQUEUE_SOON = timedelta(seconds=15), timedelta(seconds=2)
# So that a look comes just after a deadline, not exactly at it.
GRACE = timedelta(milliseconds=100)
# A deadline waits for a cluster that does not answer, but nobody remembers a change for ever.
LONGEST_OUTAGE = timedelta(hours=6)


class Overtaken(Exception):
    """The cluster was written in a later epoch than this worker's."""

    def __init__(self, epoch: int) -> None:
        super().__init__(epoch)
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pass found out, to be committed if the rollout is still as it was claimed."""

    phase: Phase
    reason: Reason
    message: Message
    counts: Counts | None = None
    marks: tuple[int, ...] = ()
    requeue_after: timedelta | None = REQUEUE_AFTER
    pods_status: PodsStatus | None = None
    # What the phase wants has been written to the cluster.
    is_begun: bool = False
    # Nobody answered, which is not the rollout's fault: its deadline waits.
    is_outage: bool = False
    # The manifests that are now applied: from here on the service is compared with them.
    applied: list[Manifest] | None = None
    # How far the cluster had got when that was seen: what the mirror saw before is out of date.
    seen_version: int | None = None
    # The epoch in which somebody else wrote: the next claim takes a later one.
    seen_epoch: int = 0
    rolled_back: bool = False
    last_lines: LastLines | None = None
    # The fields of others that were overwritten.
    taken_over: Message = NOTHING_SAID
    # The step that it has gone on to.
    step: int | None = None
    # It waits by its own plan, so its deadline waits, too.
    is_planned_wait: bool = False
    # What the candidate gets of the requests while both revisions run.
    split: "Split | None" = None


@dataclass(frozen=True, slots=True)
class Split:
    """Ready pods of the revision that ran before, and the candidate's share; None if unknown."""

    running_ready: int | None
    share: float | None


def target_of(rollout: Rollout) -> Revision | None:
    """Return the revision that the present phase leads to; None if nothing is to run."""
    return rollout.from_revision if rollout.phase == Phase.ROLLING_BACK else rollout.to_revision


def replicas_of(rollout: Rollout) -> int:
    """Return the number of pods that the present phase leads to."""
    return rollout.from_replicas if rollout.phase == Phase.ROLLING_BACK else rollout.to_replicas


def deadline_of(rollout: Rollout) -> timedelta:
    """Return how long the present phase may go without progress."""
    revision = target_of(rollout) or rollout.from_revision
    spec = revision.frozen_spec if revision else None
    seconds = (spec or rollout.service).progress_deadline_seconds
    return timedelta(seconds=seconds)


def at_the_latest(rollout: Rollout, requeue_after: timedelta) -> timedelta:
    """Return when to look again: `requeue_after`, but at most until just after the deadline."""
    now = timezone.now()
    left = (rollout.progressed_at or now) + deadline_of(rollout) - now
    return min(requeue_after, max(left, timedelta(0)) + GRACE)


def contested(
    rollout: Rollout, left: Sequence[Difference], *, requeue_after: timedelta = REQUEUE_SOON
) -> Finding:
    """Report that others or the cluster change what was applied; the deadline ends that."""
    is_pending = rollout.phase == Phase.PENDING
    waiting = Finding(
        Phase.PROGRESSING if is_pending else Phase(rollout.phase),
        Reason.OVERRIDDEN,
        overridden(left),
        requeue_after=at_the_latest(rollout, requeue_after + GRACE),
    )
    return in_time(rollout, waiting)


def decide(rollout: Rollout, assessment: Assessment, pods_status: PodsStatus) -> Finding:
    """Turn an assessment into a finding with the next phase."""
    is_returning = rollout.phase == Phase.ROLLING_BACK
    phase = Phase.ROLLING_BACK if is_returning else Phase.PROGRESSING
    cause = pods_status.cause
    found = Finding(
        phase,
        assessment.reason,
        assessment.message,
        assessment.counts,
        assessment.marks,
        pods_status=pods_status,
    )
    if assessment.outcome is Outcome.DONE:
        return returned(rollout, found) if is_returning else replace(found, phase=Phase.SUCCEEDED)
    if cause is not None and cause.is_conclusive:
        found = replace(found, message=assessment.message + cause.message)
    if assessment.outcome is not Outcome.OVERDUE:
        reason = cause.reason if cause is not None and cause.is_conclusive else found.reason
        return replace(found, reason=reason)
    return past_deadline(rollout, found)


def past_deadline(rollout: Rollout, found: Finding) -> Finding:
    """Roll back after a deadline, or fail if there is nothing to return to."""
    if rollout.phase == Phase.ROLLING_BACK:
        return replace(found, phase=Phase.FAILED, reason=Reason.ROLLBACK_FAILED)
    can_return = rollout.from_revision is not None and rollout.is_other
    return replace(found, phase=Phase.ROLLING_BACK if can_return else Phase.FAILED)


def in_time(rollout: Rollout, waiting: Finding) -> Finding:
    """End a wait at its deadline, or an outage that is too long, unless the rollout is paused."""
    now = timezone.now()
    is_over = now - (rollout.progressed_at or now) > deadline_of(rollout)
    if waiting.is_outage:
        is_over = now - (rollout.outage_started_at or now) > LONGEST_OUTAGE
    if not is_over or rollout.phase == Phase.PAUSED:
        return waiting
    if target_of(rollout) is None:
        return replace(waiting, phase=Phase.FAILED)
    return past_deadline(rollout, waiting)


def returned(rollout: Rollout, found: Finding) -> Finding:
    """Finish a rollout that has rolled back: as aborted, or as failed with its original reason."""
    is_aborted = rollout.failure_reason == Reason.ABORTED
    restored = Message("The service is back to what it was.")
    return replace(
        found,
        phase=Phase.ABORTED if is_aborted else Phase.FAILED,
        reason=Reason(rollout.failure_reason or Reason.ROLLED_BACK),
        message=rollout.failure_message + restored,
        rolled_back=True,
    )


def unchanged(rollout: Rollout, *, requeue_after: timedelta | None = REQUEUE_AFTER) -> Finding:
    """Return a finding that changes nothing but when to look again."""
    return Finding(
        Phase(rollout.phase), Reason(rollout.reason), rollout.message, requeue_after=requeue_after
    )
