"""Replaces pods through the native Deployment, which is written as a whole and judged."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
from django.utils import timezone

from clusters.apply import ObjectChange, named_fields, read_object
from clusters.client import ClusterClient
from clusters.drift import compare
from clusters.kinds import Manifest
from core import pace
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from serving.deployment import Live
from serving.diagnosis.read import PodsStatus, observe_pods
from serving.models import Revision, Rollout
from serving.rules.lifecycle import Phase, Target, assess
from serving.worker.apply import apply, changes_of, manifests_of, read_live
from serving.worker.outcome import (
    REQUEUE_AFTER,
    REQUEUE_SOON,
    Finding,
    at_the_latest,
    contested,
    deadline_of,
    decide,
    in_time,
    replicas_of,
    target_of,
    unchanged,
)


def drive(rollout: Rollout, client: ClusterClient) -> Finding:
    """Bring the service's objects to the target, and judge how far the rollout has got."""
    revision = target_of(rollout)
    assert revision is not None  # noqa: S101  (advance removes what has no target)
    live = read_live(rollout, client)
    if live is not None and live.state.is_deleting:
        waiting = unchanged(rollout, requeue_after=REQUEUE_SOON)
        message = Message("The Deployment is being deleted.")
        waiting = replace(waiting, reason=Reason.WAITING_FOR_DELETION, message=message)
        return in_time(rollout, waiting)
    *others, deployment = manifests_of(rollout, revision, live)
    change = ObjectChange.of(deployment, live.content if live else None)
    if live is None or change.differences or not are_as_applied(rollout, others, client):
        return put_right(rollout, revision, change, client)
    finding = judged(rollout, revision, live)
    # The worker that wrote it may have died before it could record that.
    return replace(finding, applied=unless_known(rollout, [*others, deployment]))


def put_right(
    rollout: Rollout, revision: Revision, change: ObjectChange, client: ClusterClient
) -> Finding:
    """Write a service's objects, with `change` for its Deployment; then judge how far it has got.

    What others keep undoing is written at ever longer intervals.
    """
    now = timezone.now()
    if wait := pace.left_to_wait(rollout.writes, rollout.written_at, now=now):
        return contested(rollout, change.differences, requeue_after=wait)
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
    """Judge how far a rollout has got once its objects are as it applies them."""
    now, plan = timezone.now(), Target(replicas_of(rollout), deadline_of(rollout))
    progressed_at = rollout.progressed_at or now
    assessment = assess(live.state, plan, progressed_at=progressed_at, now=now)
    # Before the cluster has observed what was written, it has no pods of it.
    is_unseen = assessment.reason is Reason.WAITING_FOR_OBSERVATION
    pods_status = PodsStatus() if is_unseen else observe_pods(rollout, revision)
    finding = decide(rollout, assessment, pods_status)
    requeue_after = at_the_latest(rollout, REQUEUE_AFTER)
    return replace(finding, requeue_after=requeue_after, is_begun=True, seen_version=live.version)


def unless_known(rollout: Rollout, manifests: list[Manifest]) -> list[Manifest] | None:
    """Return the manifests to keep as applied, or None if they are kept already."""
    return manifests if manifests != rollout.service.applied else None


def written_by_others(change: ObjectChange) -> Message:
    """Name the fields that others wrote into a Deployment's spec against what the phase wants."""
    foreign = [difference for difference in change.foreign if difference.path[0] == "spec"]
    return named_fields(foreign) if foreign else NOTHING_SAID


def are_as_applied(rollout: Rollout, others: Sequence[Manifest], client: ClusterClient) -> bool:
    """Return whether the objects beside a Deployment that is as applied are as applied, too.

    It is written last and vouches for them, but not in a rollback of what never got that far.
    """
    if rollout.phase != Phase.ROLLING_BACK or rollout.applied_at is not None:
        return True
    return not any(compare(manifest, read_object(client, manifest)) for manifest in others)
