"""Records what a pass found out, if the rollout is still the one that was claimed."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actor import SYSTEM
from core.messages import Message
from core.reasons import Reason
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import PodsStatus
from serving.models import ModelService, Revision, Rollout
from serving.rules import drafts
from serving.rules.lifecycle import Counts, Phase, highest, is_further
from serving.secrets.release import release_unused
from serving.timeline import add_entry, move
from serving.worker.claim import still_claimed
from serving.worker.outcome import Finding

RETURN_AGAIN_IN = timedelta(minutes=10)
TAKEN_OVER = Message("Fields that others had written were overwritten.")
# What a rollout writes of its service on the way.
TOLD = (
    "applied",
    "seen_version",
    "epoch",
    "desired_replicas",
    "current_revision",
    "draft",
    "temporary_expires_at",
)


def commit(claimed: Rollout, finding: Finding) -> bool:
    """Write a finding if the rollout is still as it was claimed; return whether to look again."""
    now = timezone.now()
    with transaction.atomic():
        rollout = still_claimed(claimed).select_for_update().first()
        if rollout is None:
            # Such as one that was paused and resumed meanwhile: it is another's to judge.
            return False
        rollout.service = claimed.service
        rollout.give_back(claimed, requeue_after=finding.requeue_after, now=now)
        record_finding(rollout, finding, now=now)
        rollout.save()
        commit_service(rollout, finding, now=now)
    is_returning = rollout.phase != claimed.phase and rollout.phase == Phase.ROLLING_BACK
    return is_returning or rollout.is_due(now=now)


def record_finding(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Copy a finding into the row: counts, clock, why it fails, and the phase."""
    record_counts(rollout, finding)
    record_progress(rollout, finding, now=now)
    if finding.phase == Phase.ROLLING_BACK != rollout.phase:
        rollout.failure_reason, rollout.failure_message = finding.reason, finding.message
    if finding.pods_status is not None and rollout.phase in (Phase.PENDING, Phase.PROGRESSING):
        record_clock(rollout, finding.pods_status)
    rollout.rolled_back = finding.rolled_back
    if finding.last_lines is not None:
        rollout.last_lines = asdict(finding.last_lines)
    if finding.taken_over:
        message = TAKEN_OVER + finding.taken_over
        add_entry(rollout, Reason.FIELDS_OF_OTHERS, message, by=SYSTEM)
    move(rollout, finding.phase, finding.reason, finding.message, by=SYSTEM)


def record_counts(rollout: Rollout, finding: Finding) -> None:
    """Show the pods of the revision that was asked for; after a return there are none."""
    counts = finding.counts
    if finding.rolled_back:
        counts = Counts()
    elif rollout.phase == Phase.ROLLING_BACK or counts is None:
        return
    rollout.updated_replicas = counts.updated
    rollout.ready_replicas = counts.ready
    rollout.available_replicas = counts.available


def record_progress(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Let the deadline count from when anything was last further than ever before."""
    if finding.is_begun and rollout.applied_at is None:
        rollout.applied_at = rollout.progressed_at = now
    if finding.phase not in (rollout.phase, Phase.PROGRESSING):
        rollout.count_anew(now=now)
    if is_further(finding.marks, rollout.high_water):
        rollout.progressed_at = now
    rollout.high_water = highest(finding.marks, rollout.high_water)
    rollout.outage_started_at = (rollout.outage_started_at or now) if finding.is_outage else None
    if finding.is_outage:
        rollout.progressed_at = now


def record_clock(rollout: Rollout, pods_status: PodsStatus) -> None:
    """Keep the first time that a new pod reached each stage; no stage is before the one before.

    The cluster's clock is another, and counts in whole seconds.
    """
    before = rollout.applied_at or rollout.created_at
    for stage, seen in (
        ("scheduled_at", pods_status.scheduled_at),
        ("started_at", pods_status.started_at),
        ("first_ready_at", pods_status.ready_at),
    ):
        known = getattr(rollout, stage) or (max(seen, before) if seen else None)
        setattr(rollout, stage, known)
        before = known or before


def commit_service(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Bring the service and the ledger in line with where the rollout has got to."""
    service = ModelService.objects.select_for_update().get(pk=rollout.service_id)
    if finding.applied is not None:
        service.applied = finding.applied
    if finding.seen_version is not None:
        service.seen_version = finding.seen_version
    service.epoch = max(service.epoch, finding.seen_epoch)
    if rollout.phase == Phase.PROGRESSING and rollout.to_revision_id:
        service.desired_replicas = rollout.to_replicas
    elif rollout.phase == Phase.SUCCEEDED:
        succeed(service, rollout, now=now)
    elif rollout.is_finished and (rollout.rolled_back or rollout.from_revision_id):
        service.desired_replicas = rollout.from_replicas
        postpone_return(service, now=now)
        if not rollout.rolled_back and rollout.written_at:
            # What was written on the way is not what the service should be.
            service.applied = []
    if rollout.is_finished:
        service.draft = drafts.left_of(service.draft, service.settings)
    # Only what it is told to be is a new version of it, for whoever has read it to change it.
    is_changed = rollout.phase == Phase.SUCCEEDED
    service.save(update_fields=[*TOLD, *((*drafts.SETTINGS, "updated_at") if is_changed else ())])
    if rollout.is_finished or rollout.phase == Phase.PAUSED:
        refresh_services({rollout.service_id})
    if rollout.is_finished:
        # Last: whoever starts a rollout locks its secrets after its share of the quota.
        release_unused(service.environment_id)


def succeed(service: ModelService, rollout: Rollout, *, now: datetime) -> None:
    """Make what a rollout asked for what the service is; a revision is good when its pods ran."""
    service.current_revision_id = rollout.to_revision_id
    service.desired_replicas = rollout.to_replicas
    for name, value in drafts.settings_from(rollout.settings).items():
        setattr(service, name, value)
    if rollout.to_replicas:
        Revision.objects.filter(pk=rollout.to_revision_id).update(succeeded_at=now)


def postpone_return(service: ModelService, *, now: datetime) -> None:
    """Try the return from a temporary scale again later, where it did not succeed."""
    if service.replica_counts.is_over(now=now):
        service.temporary_expires_at = now + RETURN_AGAIN_IN
