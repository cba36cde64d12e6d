"""Drives rollouts: claim the row, read live, decide by the rules, apply, record.

No transaction is held over the network, and nothing waits: a pass ends as soon as there is
nothing to do, and an event or the sweeper starts the next.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actor import SYSTEM
from clusters import manifests
from clusters.client import ClusterClient, client_for
from clusters.errors import ClusterConflict, ClusterError
from clusters.kinds import DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, REPLICA_SET, SERVICE
from clusters.kinds import Kind as ObjectKind
from clusters.manifests import SERVICE_ID, Identity, Scale, Stamp
from clusters.models import Cluster, Node
from clusters.observed import DeploymentState, Remains, decode_deployment, decode_remains
from core.answers import Answer
from core.lease import LEASE, renewing
from core.reasons import Reason
from core.resources import Resources
from core.words import kept
from projects import admission
from projects.models import Environment
from projects.quota import Claim
from serving import strategy, temporary
from serving.last_words import LastLines, last_lines_of
from serving.lifecycle import Assessment, Counts, Kind, Outcome, Phase, Plan, assess, counts_of
from serving.models import ModelService, Revision, Rollout
from serving.observe import Sight, culprit_among, refresh_services, sight_of
from serving.remains import Remnant, held_up
from serving.timeline import move

LOOK_AGAIN, LOOK_AGAIN_SOON = timedelta(seconds=15), timedelta(seconds=2)
# Past a deadline, and not just at it.
A_MOMENT = timedelta(milliseconds=100)
SWEPT_AT_ONCE = 200
STILL_THERE = {
    DEPLOYMENT: kept("%s Deployments are still there."),
    REPLICA_SET: kept("%s ReplicaSets are still there."),
    POD: kept("%s pods are still there."),
}


class Overtaken(Exception):
    """A later epoch has written to the cluster: this worker is no longer the one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pass found out, to be written if the rollout is still the claimed one."""

    phase: Phase
    reason: Reason
    message: str
    counts: Counts | None = None
    look_again_in: timedelta | None = LOOK_AGAIN
    sight: Sight | None = None
    # An outage is not the rollout's fault: its deadline starts anew.
    restarts_deadline: bool = False
    rolled_back: bool = False
    last_lines: LastLines | None = None


def due_rollouts() -> Iterable[UUID]:
    """Return rollouts that somebody should look at, the longest waiting first."""
    due = Rollout.objects.due(now=timezone.now()).order_by("next_run_at")
    return due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]


def reconcile_rollout(rollout_id: str) -> bool:
    """Take a rollout one step further; return whether to look again at once.

    Losing this call costs a sweep, doubling it nothing. Being killed in it costs what is left of
    the lease.
    """
    rollout = claim(rollout_id)
    if rollout is None:
        return False
    try:
        with renewing(partial(renew, rollout)):
            client = client_for(rollout.service.cluster)
            finding = with_last_lines(rollout, advance(rollout, client), client)
    except ClusterConflict:
        finding = stay(rollout, look_again_in=timedelta(0))
    except Overtaken:
        return False
    except ClusterError as error:
        finding = trouble(rollout, error)
    return settle(rollout, finding)


def claim(rollout_id: str) -> Rollout | None:
    """Lease a rollout and take the next epoch of its service.

    Whoever finds it leased leaves word that there is something new to look at.
    """
    now = timezone.now()
    with transaction.atomic():
        rollout = (
            Rollout.objects.select_for_update(of=["self", "service"])
            .select_related(
                "service__environment__project",
                "service__environment__cluster",
                "from_revision",
                "to_revision",
            )
            .filter(pk=rollout_id)
            .first()
        )
        if rollout is None or rollout.is_finished:
            return None
        if rollout.lease_until and rollout.lease_until > now:
            Rollout.objects.filter(pk=rollout.pk).update(next_run_at=now)
            return None
        rollout.service.epoch += 1
        rollout.service.save(update_fields=["epoch"])
        rollout.epoch = rollout.service.epoch
        rollout.lease_until = rollout.next_run_at = now + LEASE
        rollout.attempts += 1
        rollout.save(update_fields=["epoch", "lease_until", "next_run_at", "attempts"])
    return rollout


def renew(claimed: Rollout, until: datetime) -> None:
    """Keep a claimed rollout, unless somebody has taken it away."""
    held = Rollout.objects.filter(pk=claimed.pk, epoch=claimed.epoch, lease_until__isnull=False)
    held.update(lease_until=until)


def advance(rollout: Rollout, client: ClusterClient) -> Finding:
    """Do what the rollout's phase asks for, as far as it goes now."""
    if rollout.service.environment.phase != Environment.Phase.READY:
        message = rollout.service.environment.message or kept("The namespace is being made.")
        waiting = stay(rollout, look_again_in=LOOK_AGAIN_SOON)
        waiting = replace(waiting, reason=Reason.WAITING_FOR_ENVIRONMENT, message=message)
        return replace(waiting, restarts_deadline=True)
    if target_of(rollout) is None:
        return remove(rollout, client)
    if rollout.phase == Phase.PAUSED:
        return pause(rollout, client)
    return drive(rollout, client)


def target_of(rollout: Rollout) -> Revision | None:
    """Return the revision that the present phase leads to; None means that nothing shall run."""
    return rollout.from_revision if rollout.phase == Phase.ROLLING_BACK else rollout.to_revision


def replicas_of(rollout: Rollout) -> int:
    """Return the number of pods that the present phase leads to."""
    return rollout.from_replicas if rollout.phase == Phase.ROLLING_BACK else rollout.to_replicas


def plan_of(rollout: Rollout, revision: Revision) -> Plan:
    """Return what the present phase wants to see."""
    seconds = revision.frozen_spec.progress_deadline_seconds
    return Plan(revision.number, replicas_of(rollout), str(rollout.pk), timedelta(seconds=seconds))


def drive(rollout: Rollout, client: ClusterClient) -> Finding:
    """Bring the Deployment towards the target and judge how far it is."""
    revision = target_of(rollout)
    assert revision is not None  # noqa: S101  (advance removes what has no target)
    now, plan = timezone.now(), plan_of(rollout, revision)
    progressed_at = rollout.progressed_at or now
    observed = read_live(rollout, client)
    assessment = assess(observed, plan, progressed_at=progressed_at, now=now)
    is_begun = assessment.outcome is not Outcome.APPLY or has_been_told(observed, plan)
    if not is_begun:
        # However long it had to wait for a worker.
        progressed_at = now
    if assessment.outcome is Outcome.APPLY:
        observed = apply(rollout, revision, client, observed)
        assessment = assess(observed, plan, progressed_at=progressed_at, now=now)
    finding = conclude(rollout, assessment, sight_of(rollout.service_id, revision.number))
    left = max(progressed_at + plan.deadline - now, timedelta(0)) + A_MOMENT
    return replace(finding, look_again_in=min(LOOK_AGAIN, left), restarts_deadline=not is_begun)


def has_been_told(observed: DeploymentState | None, plan: Plan) -> bool:
    """Tell whether a rollout has written its revision before, whatever became of it since."""
    return observed is not None and (observed.rollout, observed.revision) == (
        plan.rollout,
        plan.revision,
    )


def conclude(rollout: Rollout, assessment: Assessment, sight: Sight) -> Finding:
    """Turn a judgement into the next phase."""
    is_returning = rollout.phase == Phase.ROLLING_BACK
    phase = Phase.ROLLING_BACK if is_returning else Phase.PROGRESSING
    cause = sight.cause
    found = Finding(phase, assessment.reason, assessment.message, assessment.counts, sight=sight)
    if assessment.outcome is Outcome.DONE:
        return returned(rollout, found) if is_returning else replace(found, phase=Phase.SUCCEEDED)
    if cause is not None and cause.is_telling:
        found = replace(found, message=f"{assessment.message} {cause.message}")
    if assessment.outcome is not Outcome.OVERDUE:
        reason = cause.reason if cause is not None and cause.is_telling else found.reason
        return replace(found, reason=reason)
    if is_returning:
        return replace(found, phase=Phase.FAILED, reason=Reason.ROLLBACK_FAILED)
    return replace(found, phase=Phase.ROLLING_BACK if rollout.from_revision else Phase.FAILED)


def with_last_lines(rollout: Rollout, found: Finding, client: ClusterClient) -> Finding:
    """Keep what a crashed container said, at the moment when the rollout fails of it."""
    is_failing = found.phase in (Phase.ROLLING_BACK, Phase.FAILED)
    if rollout.phase == Phase.ROLLING_BACK or not is_failing or rollout.to_revision is None:
        return found
    culprit = culprit_among(rollout.service_id, rollout.to_revision.number)
    namespace = rollout.service.environment.namespace
    return replace(found, last_lines=last_lines_of(client, namespace, culprit))


def returned(rollout: Rollout, found: Finding) -> Finding:
    """Finish a rollout that went back: as aborted, or as failed with what it failed of."""
    is_aborted = rollout.failure_reason == Reason.ABORTED
    restored = kept("The service is back at what it was.")
    return replace(
        found,
        phase=Phase.ABORTED if is_aborted else Phase.FAILED,
        reason=Reason(rollout.failure_reason or Reason.ROLLED_BACK),
        message=f"{rollout.failure_message} {restored}".strip(),
        rolled_back=True,
    )


def pause(rollout: Rollout, client: ClusterClient) -> Finding:
    """Hold the Deployment where it is; nothing looks again until somebody resumes."""
    observed, revision = read_live(rollout, client), rollout.to_revision
    is_under_way = observed is not None and revision and observed.revision == revision.number
    if observed is not None and revision and is_under_way and not observed.paused:
        apply(rollout, revision, client, observed)
    counts = counts_of(observed) if observed is not None and is_under_way else None
    held = replace(stay(rollout, look_again_in=None), counts=counts)
    if rollout.reason == Reason.PAUSED:
        return held
    # What was in the way of looking at it is over.
    return replace(held, reason=Reason.PAUSED, message=kept("Held until somebody resumes it."))


def remove(rollout: Rollout, client: ClusterClient) -> Finding:
    """Delete a service's objects and wait until nothing of it is left."""
    namespace, name = rollout.service.environment.namespace, rollout.service.name
    for kind in (DEPLOYMENT, SERVICE, POD_DISRUPTION_BUDGET):
        client.delete(kind, namespace, name)
    left = what_is_left(rollout, client)
    is_returning = rollout.phase == Phase.ROLLING_BACK
    if left:
        phase = Phase.ROLLING_BACK if is_returning else Phase.PROGRESSING
        message = " ".join(left)
        return Finding(phase, Reason.WAITING_FOR_DELETION, message, look_again_in=LOOK_AGAIN_SOON)
    gone = Finding(Phase.SUCCEEDED, Reason.DECOMMISSIONED, kept("Nothing of it is left."), Counts())
    return returned(rollout, gone) if is_returning else gone


def what_is_left(rollout: Rollout, client: ClusterClient) -> list[str]:
    """Say what the cluster still has of a service, read live, a sentence for each kind."""
    namespace = rollout.service.environment.namespace
    selector = f"{SERVICE_ID}={rollout.service_id}"
    said = []
    for kind, sentence in STILL_THERE.items():
        left = decode_remains(client.list(kind, namespace, labelSelector=selector))
        if left:
            told_to_go = [remnant_of(kind, one) for one in left if one.metadata.deletion_timestamp]
            lost = lost_nodes(rollout.service.cluster, {one.node for one in told_to_go})
            said += [sentence % len(left), *held_up(told_to_go, lost)]
    return said


def remnant_of(kind: ObjectKind, left: Remains) -> Remnant:
    """Return an object as the value that says what holds it up."""
    metadata = left.metadata
    return Remnant(kind.name, metadata.name, tuple(metadata.finalizers), left.spec.node_name)


def lost_nodes(cluster: Cluster, names: Collection[str]) -> set[str]:
    """Return those of some nodes that are not ready, as the mirror shows them."""
    lost = Node.objects.filter(cluster=cluster, name__in=names).exclude(is_ready=True)
    return set(lost.values_list("name", flat=True))


def read_live(rollout: Rollout, client: ClusterClient) -> DeploymentState | None:
    """Read the Deployment as it is now; one that is being deleted counts as absent.

    Raises:
        Overtaken: a worker with a later epoch has written it.
    """
    service = rollout.service
    body = client.get(DEPLOYMENT, service.environment.namespace, service.name)
    observed = decode_deployment(body) if body is not None else None
    if observed is not None and observed.epoch > rollout.epoch:
        raise Overtaken
    return observed


def apply(
    rollout: Rollout, revision: Revision, client: ClusterClient, observed: DeploymentState | None
) -> DeploymentState:
    """Write a revision's objects; a Deployment that changed since it was read is a conflict."""
    spec, identity = revision.frozen_spec, identity_of(rollout.service)
    replacement = strategy.from_json(rollout.strategy)
    scale = Scale(
        replicas=replicas_of(rollout),
        max_surge=replacement.max_surge,
        max_unavailable=replacement.max_unavailable,
        recreate=replacement.recreate,
        paused=rollout.phase == Phase.PAUSED,
    )
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=rollout.epoch)
    # They come first, so where the Deployment is of this revision they are too.
    if observed is None or observed.revision != revision.number:
        client.apply(manifests.service(identity, spec))
        client.apply(manifests.pod_disruption_budget(identity, spec))
    deployment = manifests.deployment(identity, spec, scale, stamp)
    version = observed.resource_version if observed else None
    return decode_deployment(client.apply(deployment, resource_version=version))


def identity_of(service: ModelService) -> Identity:
    """Return a service as the value that manifests are built from."""
    return Identity(
        project=service.project.name,
        environment=service.environment.name,
        namespace=service.environment.namespace,
        service=service.name,
        service_id=str(service.pk),
    )


def stay(rollout: Rollout, *, look_again_in: timedelta | None = LOOK_AGAIN) -> Finding:
    """Change nothing but when to look again."""
    return Finding(
        Phase(rollout.phase), Reason(rollout.reason), rollout.message, look_again_in=look_again_in
    )


def trouble(rollout: Rollout, error: ClusterError) -> Finding:
    """Say what is wrong with the cluster; what it refuses for good is failed at the deadline."""
    waiting = replace(stay(rollout), reason=error.reason, message=error.message)
    if error.answer is Answer.AWAY:
        return replace(waiting, restarts_deadline=True)
    revision = target_of(rollout)
    now = timezone.now()
    if (
        revision is None
        or now - (rollout.progressed_at or now) <= plan_of(rollout, revision).deadline
    ):
        return waiting
    if rollout.phase == Phase.ROLLING_BACK:
        return replace(waiting, phase=Phase.FAILED)
    return replace(waiting, phase=Phase.ROLLING_BACK if rollout.from_revision else Phase.FAILED)


def settle(claimed: Rollout, finding: Finding) -> bool:
    """Write a finding if the rollout is still as it was claimed; return whether to look again."""
    now = timezone.now()
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().get(pk=claimed.pk)
        if rollout.epoch != claimed.epoch or rollout.phase != claimed.phase:
            return False
        rollout.service = claimed.service
        was_nudged = rollout.next_run_at != claimed.next_run_at
        rollout.lease_until, rollout.next_run_at = None, None
        if was_nudged:
            rollout.next_run_at = now
        elif finding.look_again_in is not None:
            rollout.next_run_at = now + finding.look_again_in
        record_finding(rollout, finding, now=now)
        rollout.save()
        settle_service(rollout, now=now)
    is_due = rollout.next_run_at is not None and rollout.next_run_at <= now
    return is_due or (rollout.phase != claimed.phase and rollout.phase == Phase.ROLLING_BACK)


def record_finding(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Copy a finding into the row: counts, clock, why it fails, and the phase."""
    if finding.counts is not None and finding.counts != shown_counts(rollout):
        rollout.updated_replicas = finding.counts.updated
        rollout.ready_replicas = finding.counts.ready
        rollout.available_replicas = finding.counts.available
        rollout.progressed_at = now
    if finding.restarts_deadline or finding.phase != rollout.phase:
        rollout.progressed_at = now
    if finding.phase == Phase.ROLLING_BACK != rollout.phase:
        rollout.failure_reason, rollout.failure_message = finding.reason, finding.message
    if finding.phase != Phase.PENDING and rollout.applied_at is None:
        rollout.applied_at = now
    if finding.sight is not None and rollout.phase in (Phase.PENDING, Phase.PROGRESSING):
        note_clock(rollout, finding.sight)
    rollout.rolled_back = finding.rolled_back
    if finding.last_lines is not None:
        rollout.last_lines = asdict(finding.last_lines)
    move(rollout, finding.phase, finding.reason, finding.message, actor=SYSTEM.name)


def shown_counts(rollout: Rollout) -> Counts:
    """Return the numbers that the row shows now."""
    return Counts(rollout.updated_replicas, rollout.ready_replicas, rollout.available_replicas)


def note_clock(rollout: Rollout, sight: Sight) -> None:
    """Keep the first time that a new pod reached each stage."""
    rollout.scheduled_at = rollout.scheduled_at or sight.scheduled_at
    rollout.started_at = rollout.started_at or sight.started_at
    rollout.first_ready_at = rollout.first_ready_at or sight.ready_at


def settle_service(rollout: Rollout, *, now: datetime) -> None:
    """Bring the service and the ledger in line with where the rollout has got to."""
    services = ModelService.objects.filter(pk=rollout.service_id)
    if rollout.phase == Phase.PROGRESSING and rollout.to_revision_id:
        services.update(desired_replicas=rollout.to_replicas)
    elif rollout.phase == Phase.SUCCEEDED:
        services.update(
            current_revision=rollout.to_revision_id, desired_replicas=rollout.to_replicas
        )
        Revision.objects.filter(pk=rollout.to_revision_id).update(succeeded_at=now)
        hold(rollout, rollout.to_revision, rollout.to_replicas)
    elif rollout.is_finished and (rollout.rolled_back or rollout.from_revision_id):
        services.update(desired_replicas=rollout.from_replicas)
        if rollout.kind == Kind.SCALE:
            give_up_scale(rollout)
        # Where the return failed too, pods of both may still run.
        if rollout.rolled_back:
            hold(rollout, rollout.from_revision, rollout.from_replicas)
    elif rollout.phase == Phase.FAILED and rollout.from_revision_id is None:
        # There was nothing to return to: what failed stays to be looked at, and is paid for.
        hold(rollout, rollout.to_revision, rollout.to_replicas)
    if rollout.is_finished:
        refresh_services({rollout.service_id})


def give_up_scale(rollout: Rollout) -> None:
    """Take back the number that a failed scale stated."""
    service = ModelService.objects.get(pk=rollout.service_id)
    counts = temporary.after_failure(service.replica_counts, rollout.from_replicas)
    ModelService.objects.filter(pk=service.pk).update(**counts.as_columns())


def hold(rollout: Rollout, revision: Revision | None, replicas: int) -> None:
    """Reduce the promise from the peak to what remains; nothing remaining gives all back.

    While a temporary scale lasts, the room to return remains too, as far as it was admitted.
    """
    claim = Claim()
    if revision is not None:
        spec = revision.frozen_spec
        each, held = Resources.parse(spec.requests), admission.held_by(rollout.service_id).resources
        returns_to = ModelService.objects.get(pk=rollout.service_id).replica_counts.returns_to
        kept = (each * returns_to).least(held)
        claim = Claim((each * replicas).most(kept), spec.gpu_product)
    admission.book(rollout.service.environment_id, rollout.service_id, claim)
