"""Drives rollouts: claim the row, read live, decide by the rules, apply, record.

No transaction is held over the network, and nothing waits: a pass ends as soon as there is
nothing to do, and an event or the sweeper starts the next.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import orjson
from django.db import transaction
from django.utils import timezone

from accounts.actor import SYSTEM
from clusters.apply import (
    Change,
    FieldsOfOthers,
    NameTaken,
    Policy,
    make,
    overridden,
    read_object,
    refuse_fields_of_others,
)
from clusters.apply import named as fields_named
from clusters.client import ClusterClient, client_for
from clusters.drift import Difference, compare
from clusters.errors import ClusterConflict, ClusterError, ClusterForbidden, ClusterNotFound
from clusters.kinds import (
    DEPLOYMENT,
    POD,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    SERVICE,
    Manifest,
    kind_named,
)
from clusters.kinds import Kind as ObjectKind
from clusters.labels import ROLLOUT, SERVICE_ID
from clusters.models import Cluster, Node
from clusters.observed import Remaining, Remains, decode_remaining
from core import pace, supervision
from core.answers import Answer
from core.database import lock
from core.lease import LEASE, LeaseLost, renewing
from core.outages import is_outage
from core.reasons import Reason
from core.words import joined, kept, named
from projects.actions import look_at_environment
from projects.models import Environment
from serving.deployment import Live, replicas_owned
from serving.diagnosis.drift import is_later, whose_backup
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import Sight, culprit_among, sight_of
from serving.diagnosis.remains import Remnant, held_up
from serving.manifests.spec import Scale, Stamp
from serving.models import ModelService, Revision, Rollout, RolloutQuerySet, ServiceObject
from serving.objects import objects_for
from serving.rules import drafts, strategy
from serving.rules.lifecycle import (
    Assessment,
    Counts,
    Outcome,
    Phase,
    Plan,
    assess,
    counts_of,
    highest,
    is_further,
)
from serving.secrets.reconcile import write_secrets
from serving.secrets.release import let_go
from serving.timeline import move, note
from serving.worker.last_words import LastLines, last_lines_of

LOOK_AGAIN, LOOK_AGAIN_SOON = timedelta(seconds=15), timedelta(seconds=2)
# Past a deadline, and not just at it.
A_MOMENT = timedelta(milliseconds=100)
# A deadline waits for a cluster that does not answer, but nobody remembers a change for ever.
LONGEST_OUTAGE = timedelta(hours=6)
RETURN_AGAIN_IN = timedelta(minutes=10)
CONFLICTS_IN_A_ROW = 5
SWEPT_AT_ONCE = 200
TAKEN_OVER = kept("What others had written was written over.")
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
WAY_OUT = kept("See what differs on the service's page, then restore it or take it over.")
STILL_THERE = {
    DEPLOYMENT: kept("%s Deployments are still there."),
    REPLICA_SET: kept("%s ReplicaSets are still there."),
    POD: kept("%s pods are still there."),
    SERVICE: kept("%s Services are still there."),
    POD_DISRUPTION_BUDGET: kept("%s PodDisruptionBudgets are still there."),
}


class Overtaken(Exception):
    """The cluster was written in a later epoch than this worker's."""

    def __init__(self, epoch: int) -> None:
        super().__init__(epoch)
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pass found out, to be written if the rollout is still the claimed one."""

    phase: Phase
    reason: Reason
    message: str
    counts: Counts | None = None
    marks: tuple[int, ...] = ()
    look_again_in: timedelta | None = LOOK_AGAIN
    sight: Sight | None = None
    # The cluster has what the phase wants.
    is_begun: bool = False
    # Nobody answered, which is not the rollout's fault: its deadline waits.
    is_outage: bool = False
    # What is there because of it: from here on the service is compared with it.
    applied: list[Manifest] | None = None
    # How far the cluster was when that was seen: what the mirror saw before is the past.
    seen_version: int | None = None
    # The epoch in which somebody else wrote: the next claim is later.
    seen_epoch: int = 0
    rolled_back: bool = False
    last_lines: LastLines | None = None
    # The fields that others had written and that were written over.
    taken_over: str = ""


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
        return settle(rollout, found(rollout))
    except LeaseLost:
        return False
    except Exception as error:
        if is_outage(error):
            raise
        cluster = rollout.service.cluster.name
        supervision.note(error, loop="rollouts", cluster=cluster, about=rollout_id)
        return settle(rollout, puzzled(rollout))


def found(rollout: Rollout) -> Finding:
    """Take a claimed rollout one step further, and say what came of it."""
    try:
        client = client_for(rollout.service.cluster).fenced(partial(check_held, rollout))
        with renewing(partial(renew, rollout)):
            return look(rollout, client)
    except Overtaken as overtaken:
        return overtaken_by(rollout, overtaken.epoch)
    except ClusterError as error:
        return trouble(rollout, error)


def puzzled(rollout: Rollout) -> Finding:
    """Say that we do not know what to do; that ends at the deadline."""
    phase, look_again_in = Phase(rollout.phase), at_the_latest(rollout, LOOK_AGAIN)
    waiting = Finding(
        phase, Reason.INTERNAL_ERROR, supervision.PUZZLED, look_again_in=look_again_in
    )
    return in_time(rollout, waiting)


def look(rollout: Rollout, client: ClusterClient) -> Finding:
    """Advance; what changes between being read and written is read again, a few times."""
    for _ in range(CONFLICTS_IN_A_ROW):
        with suppress(ClusterConflict):
            return with_last_lines(rollout, advance(rollout, client), client)
    return in_time(rollout, stay(rollout, look_again_in=LOOK_AGAIN_SOON))


def claim(rollout_id: str) -> Rollout | None:
    """Lease a rollout and take the next epoch of its service.

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
        if rollout.lease_until and rollout.lease_until > now:
            Rollout.objects.filter(pk=rollout.pk).update(next_run_at=now)
            return None
        rollout.service.epoch += 1
        rollout.service.save(update_fields=["epoch"])
        rollout.epoch = rollout.service.epoch
        rollout.lease_until = rollout.next_run_at = now + LEASE
        rollout.attempts += 1
        if rollout.attempts == 1:
            # However long it had to wait for a worker.
            rollout.progressed_at = now
        rollout.save(
            update_fields=["epoch", "lease_until", "next_run_at", "attempts", "progressed_at"]
        )
    return rollout


def renew(claimed: Rollout, until: datetime) -> None:
    """Keep a claimed rollout, unless somebody has taken it away."""
    held(claimed).update(lease_until=until)


def check_held(claimed: Rollout) -> None:
    """Let nothing be written for a rollout that somebody else has, or that has moved on.

    Raises:
        LeaseLost: it is so.
    """
    if not held(claimed).exists():
        raise LeaseLost


def held(claimed: Rollout) -> RolloutQuerySet:
    """Return the row while it is as it was claimed."""
    return Rollout.objects.filter(
        pk=claimed.pk, epoch=claimed.epoch, phase=claimed.phase, lease_until__isnull=False
    )


def advance(rollout: Rollout, client: ClusterClient) -> Finding:
    """Do what the rollout's phase asks for, as far as it goes now."""
    environment = rollout.service.environment
    if environment.phase != Environment.Phase.READY:
        message = environment.message or kept("The namespace is being made.")
        waiting = stay(rollout, look_again_in=LOOK_AGAIN_SOON)
        waiting = replace(waiting, reason=Reason.WAITING_FOR_ENVIRONMENT, message=message)
        is_outage = environment.reason == Reason.CLUSTER_UNAVAILABLE
        return in_time(rollout, replace(waiting, is_outage=is_outage))
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


def deadline_of(rollout: Rollout) -> timedelta:
    """Return how long the present phase may be without progress."""
    revision = target_of(rollout) or rollout.from_revision
    spec = revision.frozen_spec if revision else None
    seconds = (spec or rollout.service).progress_deadline_seconds
    return timedelta(seconds=seconds)


def drive(rollout: Rollout, client: ClusterClient) -> Finding:
    """Bring the service's objects to the target and judge how far it is."""
    revision = target_of(rollout)
    assert revision is not None  # noqa: S101  (advance removes what has no target)
    live = read_live(rollout, client)
    if live is not None and live.state.is_deleting:
        waiting = stay(rollout, look_again_in=LOOK_AGAIN_SOON)
        message = kept("The Deployment is being deleted.")
        waiting = replace(waiting, reason=Reason.WAITING_FOR_DELETION, message=message)
        return in_time(rollout, waiting)
    *others, deployment = manifests_of(rollout, revision, live)
    change = Change.of(deployment, live.content if live else None)
    if live is None or change.differences or not are_as_applied(rollout, others, client):
        return put_right(rollout, revision, change, client)
    finding = judged(rollout, revision, live)
    # Whoever wrote it may have died before it could say so.
    return replace(finding, applied=unless_known(rollout, [*others, deployment]))


def put_right(
    rollout: Rollout, revision: Revision, change: Change, client: ClusterClient
) -> Finding:
    """Write a service's objects, the Deployment as the `change` of it; then judge how far it is.

    What is undone again and again is written at ever longer intervals.
    """
    now = timezone.now()
    if wait := pace.left_to_wait(rollout.writes, rollout.written_at, now=now):
        return contested(rollout, change.differences, look_again_in=wait)
    changes = changes_of(rollout, revision, change, client)
    bodies = apply(rollout, changes, client)
    live = Live.read(bodies[-1])
    left = [
        difference
        for change, body in zip(changes, bodies, strict=True)
        for difference in compare(change.manifest, orjson.loads(body))
    ]
    return replace(
        contested(rollout, left) if left else judged(rollout, revision, live),
        applied=[change.manifest for change in changes],
        is_begun=True,
        seen_version=live.version,
        taken_over=written_by_others(change),
    )


def judged(rollout: Rollout, revision: Revision, live: Live) -> Finding:
    """Judge how far a rollout is whose objects are as it applies them."""
    now, plan = timezone.now(), Plan(replicas_of(rollout), deadline_of(rollout))
    progressed_at = rollout.progressed_at or now
    assessment = assess(live.state, plan, progressed_at=progressed_at, now=now)
    finding = conclude(rollout, assessment, sight_of(rollout, revision))
    look_again_in = at_the_latest(rollout, LOOK_AGAIN)
    return replace(finding, look_again_in=look_again_in, is_begun=True, seen_version=live.version)


def at_the_latest(rollout: Rollout, look_again_in: timedelta) -> timedelta:
    """Return when to look again: in some time, but not long after the deadline."""
    now = timezone.now()
    left = (rollout.progressed_at or now) + deadline_of(rollout) - now
    return min(look_again_in, max(left, timedelta(0)) + A_MOMENT)


def contested(
    rollout: Rollout, left: Sequence[Difference], *, look_again_in: timedelta = LOOK_AGAIN_SOON
) -> Finding:
    """Say that what was applied is changed by others or by the cluster; that ends in its time."""
    is_pending = rollout.phase == Phase.PENDING
    waiting = Finding(
        Phase.PROGRESSING if is_pending else Phase(rollout.phase),
        Reason.OVERRIDDEN,
        overridden(left),
        look_again_in=at_the_latest(rollout, look_again_in + A_MOMENT),
    )
    return in_time(rollout, waiting)


def unless_known(rollout: Rollout, manifests: list[Manifest]) -> list[Manifest] | None:
    """Return what is to be kept as applied, if it is not kept already."""
    return manifests if manifests != rollout.service.applied else None


def written_by_others(change: Change) -> str:
    """Name the fields of a Deployment that others wrote and that the phase wants otherwise."""
    foreign = [difference for difference in change.foreign if difference.path[0] == "spec"]
    return fields_named(foreign) if foreign else ""


def manifests_of(rollout: Rollout, revision: Revision, live: Live | None) -> list[Manifest]:
    """Build a service's objects as the present phase wants them.

    The stamp of a live Deployment that this rollout wrote is as good as a new one; so is any
    where a return finds that nothing was changed.
    """
    replacement = strategy.from_json(rollout.strategy)
    scale = Scale(
        replicas=replicas_of(rollout),
        max_surge=replacement.max_surge,
        max_unavailable=replacement.max_unavailable,
        recreate=replacement.recreate,
    )
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=rollout.epoch)
    if live is not None:
        stamp = msgspec.structs.replace(stamp, epoch=live.state.epoch)
        if rollout.phase == Phase.ROLLING_BACK:
            stamp = msgspec.structs.replace(stamp, rollout=live.state.rollout)
    return objects_for(rollout.service, revision, scale, stamp)


def changes_of(
    rollout: Rollout, revision: Revision, change: Change, client: ClusterClient
) -> list[Change]:
    """Return what is to be made of a service's objects, given the change of its Deployment.

    A Deployment that is written says by whom and in which epoch; one that is not stays as it is.
    """
    *others, deployment = manifests_of(rollout, revision, None)
    if change.differences:
        change = replace(change, manifest=deployment)
    return [*(Change.of(one, read_object(client, one)) for one in others), change]


def apply(rollout: Rollout, changes: Sequence[Change], client: ClusterClient) -> list[bytes]:
    """Write a service's objects, and return them; one that changed since it was read is a conflict.

    The Deployment comes last, so where it is of a rollout the others are too.
    """
    refuse_strangers(rollout, (change.found for change in changes))
    policy = Policy(rollout.service.environment.foreign_fields)
    if policy is Policy.REFUSE:
        refuse_fields_of_others(changes, but=rollout.resolves)
    note_intent(rollout)
    remove_surplus(rollout, client)
    if revision := target_of(rollout):
        write_secrets(revision, client)
    return [make(client, change, is_sole=bool(rollout.resolves)) for change in changes]


def note_intent(rollout: Rollout) -> None:
    """Keep that something is written from now on, whatever becomes of whoever writes it.

    Raises:
        LeaseLost: somebody else has the rollout by now, or it has moved on.
    """
    now = timezone.now()
    writes = pace.counted(rollout.writes, rollout.written_at, now=now)
    if not held(rollout).update(writes=writes, written_at=now):
        raise LeaseLost
    rollout.writes, rollout.written_at = writes, now


def remove_surplus(rollout: Rollout, client: ClusterClient) -> None:
    """Delete the objects of others that the plan named; another of the name is not among them."""
    namespace = rollout.service.environment.namespace
    for one in rollout.removes:
        with suppress(ClusterConflict):
            client.delete(kind_named(one["kind"]), namespace, one["name"], uid=one["uid"])


def refuse_strangers(rollout: Rollout, found: Iterable[Mapping[str, Any] | None]) -> None:
    """Refuse to write over objects of others at the first time; later they have replaced ours.

    Raises:
        NameTaken: there is such an object; nothing was written.
    """
    if rollout.service.applied:
        return
    is_ours = ownership_of(rollout)
    for one in found:
        if one is not None and not is_ours(
            one["metadata"].get("labels") or {}, one["metadata"]["uid"]
        ):
            sentence = kept("The cluster has a %s of this name, and it is somebody else's.")
            raise NameTaken(joined(sentence % named(one["kind"]), kept("Nothing was changed.")))


def ownership_of(rollout: Rollout) -> Callable[[Mapping[str, str], str], bool]:
    """Return what tells by labels and uid whether an object is the service's.

    Its label says so, or it was seen to be: somebody may have taken the label off.
    """
    own = str(rollout.service_id)
    known = set(ServiceObject.objects.filter(service=own).values_list("uid", flat=True))
    return lambda labels, uid: labels.get(SERVICE_ID) == own or uid in known


def are_as_applied(rollout: Rollout, others: Sequence[Manifest], client: ClusterClient) -> bool:
    """Return whether the objects beside a Deployment that is as applied are too.

    It is written last and answers for them, but not in a return from what never got so far.
    """
    if rollout.phase != Phase.ROLLING_BACK or rollout.applied_at is not None:
        return True
    return not any(compare(manifest, read_object(client, manifest)) for manifest in others)


def conclude(rollout: Rollout, assessment: Assessment, sight: Sight) -> Finding:
    """Turn a judgement into the next phase."""
    is_returning = rollout.phase == Phase.ROLLING_BACK
    phase = Phase.ROLLING_BACK if is_returning else Phase.PROGRESSING
    cause = sight.cause
    found = Finding(
        phase,
        assessment.reason,
        assessment.message,
        assessment.counts,
        assessment.marks,
        sight=sight,
    )
    if assessment.outcome is Outcome.DONE:
        return returned(rollout, found) if is_returning else replace(found, phase=Phase.SUCCEEDED)
    if cause is not None and cause.is_telling:
        found = replace(found, message=f"{assessment.message} {cause.message}")
    if assessment.outcome is not Outcome.OVERDUE:
        reason = cause.reason if cause is not None and cause.is_telling else found.reason
        return replace(found, reason=reason)
    return overdue(rollout, found)


def overdue(rollout: Rollout, found: Finding) -> Finding:
    """Go back after a deadline, or where there is nothing to go back to, fail."""
    if rollout.phase == Phase.ROLLING_BACK:
        return replace(found, phase=Phase.FAILED, reason=Reason.ROLLBACK_FAILED)
    can_return = rollout.from_revision is not None and rollout.is_other
    return replace(found, phase=Phase.ROLLING_BACK if can_return else Phase.FAILED)


def in_time(rollout: Rollout, waiting: Finding) -> Finding:
    """Let what is refused or blocked end at the deadline; what was deleted is waited for."""
    now = timezone.now()
    is_over = now - (rollout.progressed_at or now) > deadline_of(rollout)
    if waiting.is_outage:
        is_over = now - (rollout.outage_started_at or now) > LONGEST_OUTAGE
    if not is_over or rollout.phase == Phase.PAUSED:
        return waiting
    if target_of(rollout) is None:
        return replace(waiting, phase=Phase.FAILED)
    return overdue(rollout, waiting)


def with_last_lines(rollout: Rollout, found: Finding, client: ClusterClient) -> Finding:
    """Keep what a crashed container said, at the moment when the rollout fails of it."""
    is_failing = found.phase in (Phase.ROLLING_BACK, Phase.FAILED)
    if rollout.phase == Phase.ROLLING_BACK or not is_failing or rollout.to_revision is None:
        return found
    culprit = culprit_among(rollout, rollout.to_revision)
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
    """Hold the Deployment where it is; nothing looks again until somebody resumes.

    What this rollout has not written is not held: nothing of it moves.
    """
    live = read_live(rollout, client)
    held = stay(rollout, look_again_in=None)
    if rollout.reason != Reason.PAUSED:
        # What was in the way of looking at it is over.
        held = replace(held, reason=Reason.PAUSED, message=kept("Held until somebody resumes it."))
    if live is None or live.state.rollout != str(rollout.pk) or not rollout.is_replacing:
        return held
    if not live.state.paused or not is_kept_frozen(rollout):
        return freeze(rollout, live, held, client)
    return replace(held, counts=counts_of(live.state))


def is_kept_frozen(rollout: Rollout) -> bool:
    """Return whether what is kept as applied is this rollout's, held."""
    own = str(rollout.pk)
    kept_ones = [one for one in rollout.service.applied if one["kind"] == DEPLOYMENT.name]
    return any(
        one["spec"]["paused"] and one["metadata"].get("annotations", {}).get(ROLLOUT) == own
        for one in kept_ones
    )


def freeze(rollout: Rollout, live: Live, held: Finding, client: ClusterClient) -> Finding:
    """Pause a Deployment at the pods that there are, as the policy lets us.

    A paused Deployment still brings its ReplicaSets to `replicas` and `maxSurge` together, so both
    are stated as what is there. Source: deployment controller, `scale`, proportional scaling
    """
    revision = rollout.to_revision
    assert revision is not None  # noqa: S101  (what has no target is removed, not held)
    replicas = pods_wanted(rollout, live, client)
    scale = Scale(replicas=replicas, max_surge=0, max_unavailable=1, paused=True)
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=rollout.epoch)
    *others, deployment = objects_for(rollout.service, revision, scale, stamp)
    change = Change.of(deployment, live.content)
    if wait := pace.left_to_wait(rollout.writes, rollout.written_at, now=timezone.now()):
        return contested(rollout, change.differences, look_again_in=wait)
    [body] = apply(rollout, [change], client)
    live = Live.read(body)
    left = compare(deployment, live.content)
    return replace(
        contested(rollout, left) if left else held,
        counts=counts_of(live.state),
        applied=[*others, deployment],
        seen_version=live.version,
    )


def pods_wanted(rollout: Rollout, live: Live, client: ClusterClient) -> int:
    """Return how many pods a Deployment's ReplicaSets are told to hold together."""
    namespace = rollout.service.environment.namespace
    body = client.list(REPLICA_SET, namespace, labelSelector=f"{SERVICE_ID}={rollout.service_id}")
    return replicas_owned(body, live.state.uid)


def remove(rollout: Rollout, client: ClusterClient) -> Finding:
    """Delete a service's objects and wait until nothing of it is left."""
    read_live(rollout, client)
    remove_surplus(rollout, client)
    remaining = remaining_of(rollout, client)
    if delete(rollout, remaining, client):
        remaining = remaining_of(rollout, client)
    left = what_is_left(rollout, remaining)
    is_returning = rollout.phase == Phase.ROLLING_BACK
    if left:
        phase = Phase.ROLLING_BACK if is_returning else Phase.PROGRESSING
        return Finding(
            phase,
            Reason.WAITING_FOR_DELETION,
            " ".join(left),
            look_again_in=LOOK_AGAIN_SOON,
            is_begun=True,
        )
    gone = Finding(
        Phase.SUCCEEDED,
        Reason.DECOMMISSIONED,
        kept("Nothing of it is left."),
        Counts(),
        applied=[],
        is_begun=True,
        seen_version=max(found.version or 0 for found in remaining.values()) or None,
    )
    return returned(rollout, gone) if is_returning else gone


def remaining_of(rollout: Rollout, client: ClusterClient) -> dict[ObjectKind, Remaining]:
    """Read what the cluster still has of a service, from owner to owner.

    Pods and ReplicaSets of others may have its label, and are theirs.
    """
    namespace, is_ours = rollout.service.environment.namespace, ownership_of(rollout)
    remaining: dict[ObjectKind, Remaining] = {}
    owners: set[str] = set()
    for kind in STILL_THERE:
        found = decode_remaining(client.list(kind, namespace))
        ours = []
        for one in found.objects:
            owner = one.metadata.controller
            is_labelled = kind not in (REPLICA_SET, POD)
            labels = one.metadata.labels if is_labelled else {}
            if is_ours(labels, one.metadata.uid) or (owner is not None and owner.uid in owners):
                ours.append(one)
        owners |= {one.metadata.uid for one in ours}
        remaining[kind] = replace(found, objects=ours)
    return remaining


def delete(
    rollout: Rollout, remaining: Mapping[ObjectKind, Remaining], client: ClusterClient
) -> bool:
    """Tell a service's objects to go; return whether there were any that had not been told."""
    namespace = rollout.service.environment.namespace
    # What has a controller goes with it; another object of the name is not ours.
    to_go = [
        (kind, one.metadata)
        for kind, found in remaining.items()
        for one in found.objects
        if one.metadata.deletion_timestamp is None and one.metadata.controller is None
    ]
    for kind, metadata in to_go:
        with suppress(ClusterConflict):
            client.delete(kind, namespace, metadata.name, uid=metadata.uid)
    return bool(to_go)


def what_is_left(rollout: Rollout, remaining: Mapping[ObjectKind, Remaining]) -> list[str]:
    """Say what the cluster still has of a service, a sentence for each kind."""
    said = []
    for kind, found in remaining.items():
        if left := found.objects:
            told_to_go = [remnant_of(kind, one) for one in left if one.metadata.deletion_timestamp]
            lost = lost_nodes(rollout.service.cluster, {one.node for one in told_to_go})
            said += [STILL_THERE[kind] % len(left), *held_up(told_to_go, lost)]
    return said


def remnant_of(kind: ObjectKind, left: Remains) -> Remnant:
    """Return an object as the value that says what holds it up."""
    metadata = left.metadata
    return Remnant(kind.name, metadata.name, tuple(metadata.finalizers), left.spec.node_name)


def lost_nodes(cluster: Cluster, names: Collection[str]) -> set[str]:
    """Return those of some nodes that are not ready, as the mirror shows them."""
    lost = Node.objects.filter(cluster=cluster, name__among=names).exclude(is_ready=True)
    return set(lost.values_list("name", flat=True))


def read_live(rollout: Rollout, client: ClusterClient) -> Live | None:
    """Read the Deployment as it is now.

    Raises:
        Overtaken: it was written in a later epoch.
    """
    service = rollout.service
    body = client.get(DEPLOYMENT, service.environment.namespace, service.name)
    live = Live.read(body) if body is not None else None
    if live is not None and is_later(live.state.epoch, rollout.epoch):
        raise Overtaken(live.state.epoch)
    return live


def overtaken_by(rollout: Rollout, epoch: int) -> Finding:
    """Leave it to a later worker; where the database knows of none, its past was brought back.

    Nothing is driven then until somebody has seen what differs and chosen.
    """
    known = ModelService.objects.values_list("epoch", flat=True).get(pk=rollout.service_id)
    if known >= epoch:
        return stay(rollout)
    message = joined(whose_backup(known, epoch), kept("Nothing was changed."), WAY_OUT)
    return Finding(Phase.FAILED, Reason.BACKUP_RESTORED, message, seen_epoch=epoch)


def stay(rollout: Rollout, *, look_again_in: timedelta | None = LOOK_AGAIN) -> Finding:
    """Change nothing but when to look again."""
    return Finding(
        Phase(rollout.phase), Reason(rollout.reason), rollout.message, look_again_in=look_again_in
    )


def trouble(rollout: Rollout, error: ClusterError) -> Finding:
    """Say what is wrong with the cluster; what it refuses ends at the deadline."""
    waiting = replace(
        stay(rollout, look_again_in=at_the_latest(rollout, LOOK_AGAIN)),
        reason=error.reason,
        message=error.message,
        is_outage=error.answer is Answer.AWAY,
    )
    if isinstance(error, ClusterNotFound | ClusterForbidden):
        # The namespace may be gone, or going.
        look_at_environment(rollout.service.environment)
    if isinstance(error, FieldsOfOthers | NameTaken) and rollout.phase != Phase.PAUSED:
        return replace(waiting, phase=Phase.FAILED)
    return in_time(rollout, waiting)


def settle(claimed: Rollout, finding: Finding) -> bool:
    """Write a finding if the rollout is still as it was claimed; return whether to look again."""
    now = timezone.now()
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().get(pk=claimed.pk)
        if rollout.epoch != claimed.epoch or rollout.phase != claimed.phase:
            return False
        if rollout.lease_until is None:
            # It was paused and resumed meanwhile, and is another's to judge.
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
        settle_service(rollout, finding, now=now)
    is_due = rollout.next_run_at is not None and rollout.next_run_at <= now
    return is_due or (rollout.phase != claimed.phase and rollout.phase == Phase.ROLLING_BACK)


def record_finding(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
    """Copy a finding into the row: counts, clock, why it fails, and the phase."""
    record_counts(rollout, finding)
    record_progress(rollout, finding, now=now)
    if finding.phase == Phase.ROLLING_BACK != rollout.phase:
        rollout.failure_reason, rollout.failure_message = finding.reason, finding.message
    if finding.sight is not None and rollout.phase in (Phase.PENDING, Phase.PROGRESSING):
        note_clock(rollout, finding.sight)
    rollout.rolled_back = finding.rolled_back
    if finding.last_lines is not None:
        rollout.last_lines = asdict(finding.last_lines)
    if finding.taken_over:
        message = joined(TAKEN_OVER, finding.taken_over)
        note(rollout, Reason.FIELDS_OF_OTHERS, message, by=SYSTEM)
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


def note_clock(rollout: Rollout, sight: Sight) -> None:
    """Keep the first time that a new pod reached each stage; no stage is before the one before.

    The cluster's clock is another, and counts in whole seconds.
    """
    before = rollout.applied_at or rollout.created_at
    for stage, seen in (
        ("scheduled_at", sight.scheduled_at),
        ("started_at", sight.started_at),
        ("first_ready_at", sight.ready_at),
    ):
        known = getattr(rollout, stage) or (max(seen, before) if seen else None)
        setattr(rollout, stage, known)
        before = known or before


def settle_service(rollout: Rollout, finding: Finding, *, now: datetime) -> None:
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
        let_go(service.environment_id)


def succeed(service: ModelService, rollout: Rollout, *, now: datetime) -> None:
    """Make what a rollout asked for what the service is; a revision is good when its pods ran."""
    service.current_revision_id = rollout.to_revision_id
    service.desired_replicas = rollout.to_replicas
    for name, value in drafts.read(rollout.settings).items():
        setattr(service, name, value)
    if rollout.to_replicas:
        Revision.objects.filter(pk=rollout.to_revision_id).update(succeeded_at=now)


def postpone_return(service: ModelService, *, now: datetime) -> None:
    """Try the return from a temporary scale again later, where it did not succeed."""
    if service.replica_counts.is_over(now=now):
        service.temporary_expires_at = now + RETURN_AGAIN_IN
