"""Pauses a service's Deployment where it is."""

from dataclasses import replace

from django.utils import timezone

from clusters.apply import ObjectChange
from clusters.client import ClusterClient
from clusters.drift import compare
from clusters.kinds import DEPLOYMENT, REPLICA_SET
from clusters.labels import ROLLOUT, SERVICE_ID
from core import pace
from core.messages import Message
from core.reasons import Reason
from serving.deployment import Live, replicas_owned
from serving.manifests.spec import Scale, Stamp
from serving.models import Rollout
from serving.objects import objects_for
from serving.rules.lifecycle import counts_of
from serving.worker.apply import apply, read_live
from serving.worker.outcome import Finding, contested, unchanged


def pause(rollout: Rollout, client: ClusterClient) -> Finding:
    """Pause the Deployment where it is; nobody looks again until the rollout is resumed.

    A Deployment that this rollout has not written is left alone, as nothing in it moves.
    """
    live = read_live(rollout, client)
    paused = unchanged(rollout, requeue_after=None)
    if rollout.reason != Reason.PAUSED:
        # Whatever was in the way of looking at it is over.
        paused = replace(
            paused, reason=Reason.PAUSED, message=Message("Paused until somebody resumes it.")
        )
    if live is None or live.state.rollout != str(rollout.pk) or not rollout.changes_revision:
        return paused
    if not live.state.paused or not is_paused_as_applied(rollout):
        return pause_deployment(rollout, live, paused, client)
    return replace(paused, counts=counts_of(live.state))


def is_paused_as_applied(rollout: Rollout) -> bool:
    """Return whether the Deployment kept as applied is this rollout's, and paused."""
    own = str(rollout.pk)
    kept_ones = [one for one in rollout.service.applied if one["kind"] == DEPLOYMENT.name]
    return any(
        one["spec"]["paused"] and one["metadata"].get("annotations", {}).get(ROLLOUT) == own
        for one in kept_ones
    )


def pause_deployment(
    rollout: Rollout, live: Live, paused: Finding, client: ClusterClient
) -> Finding:
    """Pause a Deployment at the number of pods it has now, if the policy lets us.

    A paused Deployment still scales its ReplicaSets to `replicas` plus `maxSurge` in total, so both
    are set to what is there. Source: deployment controller, `scale`, proportional scaling
    """
    revision = rollout.to_revision
    assert revision is not None  # noqa: S101  (what has no target is removed, not paused)
    replicas = pods_wanted(rollout, live, client)
    scale = Scale(replicas=replicas, max_surge=0, max_unavailable=1, paused=True)
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=rollout.epoch)
    *others, deployment = objects_for(rollout.service, revision, scale, stamp)
    change = ObjectChange.of(deployment, live.content)
    if wait := pace.left_to_wait(rollout.writes, rollout.written_at, now=timezone.now()):
        return contested(rollout, change.differences, requeue_after=wait)
    [body] = apply(rollout, [change], client)
    live = Live.read(body)
    left = compare(deployment, live.content)
    return replace(
        contested(rollout, left) if left else paused,
        counts=counts_of(live.state),
        applied=[*others, deployment],
        seen_version=live.version,
    )


def pods_wanted(rollout: Rollout, live: Live, client: ClusterClient) -> int:
    """Return how many pods a Deployment's ReplicaSets should run in total."""
    namespace = rollout.service.environment.namespace
    body = client.list(REPLICA_SET, namespace, labelSelector=f"{SERVICE_ID}={rollout.service_id}")
    return replicas_owned(body, live.state.uid)
