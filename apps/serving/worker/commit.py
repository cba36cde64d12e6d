"""Records what a pass found out, if the rollout is still as it was claimed."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import SYSTEM
from core.messages import Message
from core.prepared import prepared, save_columns
from core.reasons import Reason
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import PodsStatus
from serving.models import ModelService, Revision, Rollout
from serving.rules import drafts
from serving.rules.lifecycle import Counts, Phase, highest, is_further
from serving.secrets.release import release_unused
from serving.timeline import add_entry, move
from serving.worker.claim import locked_as_claimed
from serving.worker.outcome import Finding

RETURN_AGAIN_IN = timedelta(minutes=10)
TAKEN_OVER = Message("Fields that others had written were overwritten.")
# The fields of its service that a rollout writes as it proceeds.
WRITTEN_FIELDS = (
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
        rollout = locked_as_claimed(claimed)
        if rollout is None:
            # It was paused and resumed meanwhile, for example: the next claim is to judge it.
            return False
        rollout.service = claimed.service
        rollout.give_back(claimed, requeue_after=finding.requeue_after, now=now)
        record_finding(rollout, finding, now=now)
        save_columns([rollout])
        commit_service(rollout, finding, now=now)
    is_returning = rollout.phase != claimed.phase and rollout.phase == Phase.ROLLING_BACK
    return is_returning or rollout.is_due(now=now)


def record_finding(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Copy a finding into the row: counts, clock, why it fails, and the phase."""
    record_counts(rollout, finding)
    record_progress(rollout, finding, now=now)
    record_split(rollout, finding)
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
    """Record the pods of the revision that was asked for; after a rollback there are none."""
    counts = finding.counts
    if finding.rolled_back:
        counts = Counts()
    elif rollout.phase == Phase.ROLLING_BACK or counts is None:
        return
    rollout.updated_replicas = counts.updated
    rollout.ready_replicas = counts.ready
    rollout.available_replicas = counts.available


def record_progress(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Have the deadline count from when anything last got further than ever before."""
    if finding.is_begun and rollout.applied_at is None:
        rollout.applied_at = rollout.progressed_at = now
    if finding.phase not in (rollout.phase, Phase.PROGRESSING):
        rollout.count_anew(now=now)
    if is_further(finding.marks, rollout.high_water):
        rollout.progressed_at = now
    rollout.high_water = highest(finding.marks, rollout.high_water)
    rollout.outage_started_at = (rollout.outage_started_at or now) if finding.is_outage else None
    if finding.is_outage or finding.is_planned_wait:
        rollout.progressed_at = now
    if finding.step is not None:
        rollout.reach(finding.step, now=now)


def record_split(rollout: Rollout, finding: Finding) -> None:
    """Record how requests are split while both revisions run; an outage leaves that unknown."""
    split = finding.split
    rollout.running_ready_replicas = split.running_ready if split else None
    rollout.candidate_share = split.share if split else None


def record_clock(rollout: Rollout, pods_status: PodsStatus) -> None:
    """Keep the first time that a new pod reached each stage, and keep the stages in order.

    The cluster's clock differs from ours, and counts in whole seconds.
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
    """Bring the service and the ledger into line with how far the rollout has got."""
    (service,) = service_to_update(rollout.service_id)
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
            # What was last written is not what the service should be.
            service.applied = []
    if rollout.is_finished:
        service.draft = drafts.left_of(service.draft, service.settings)
    # `updated_at` is the service's ETag, so it changes only with the service's settings.
    is_changed = rollout.phase == Phase.SUCCEEDED
    of_settings = {*drafts.SETTINGS, "updated_at"} if is_changed else set()
    save_columns([service], sorted(of_settings.union(WRITTEN_FIELDS)))
    if rollout.is_finished or rollout.phase == Phase.PAUSED:
        refresh_services({rollout.service_id})
    if rollout.is_finished:
        # Last, in the order of locks: starting a rollout locks its secrets after the quota, too.
        release_unused(service.environment_id)


@prepared
def service_to_update(service_id: UUID) -> QuerySet[ModelService]:
    """Lock a service."""
    return ModelService.objects.filter(pk=service_id).select_for_update()


def succeed(service: ModelService, rollout: Rollout, *, now: datetime) -> None:
    """Make the service what its rollout asked for; a revision is good once its pods have run."""
    service.current_revision_id = rollout.to_revision_id
    service.desired_replicas = rollout.to_replicas
    for name, value in drafts.settings_from(rollout.settings).items():
        setattr(service, name, value)
    if rollout.to_replicas:
        Revision.objects.filter(pk=rollout.to_revision_id).update(succeeded_at=now)


def postpone_return(service: ModelService, *, now: datetime) -> None:
    """Put off the return from an expired temporary scale, as a rollout did not succeed."""
    if service.replica_counts.is_over(now=now):
        service.temporary_expires_at = now + RETURN_AGAIN_IN
