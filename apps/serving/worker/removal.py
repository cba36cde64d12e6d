"""Removes a service: deletes its objects, and waits until all of them are gone."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from clusters.client import ClusterClient
from clusters.errors import ClusterConflict
from clusters.kinds import DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, REPLICA_SET, SERVICE, ObjectKind
from clusters.models import Cluster, Node
from clusters.observed import Remaining, Remains, decode_remaining
from core.messages import NOTHING_SAID, Message, counted
from core.reasons import Reason
from serving.diagnosis.remains import Remnant, held_up
from serving.models import Rollout
from serving.rules.lifecycle import Counts, Phase
from serving.worker.apply import ownership_of, read_live, remove_surplus
from serving.worker.outcome import REQUEUE_SOON, Finding, returned

# Each owner before what it owns.
KINDS = (DEPLOYMENT, REPLICA_SET, POD, SERVICE, POD_DISRUPTION_BUDGET)


def remove_service(rollout: Rollout, client: ClusterClient) -> Finding:
    """Delete a service's objects; the rollout is finished once all of them are gone."""
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
            left,
            requeue_after=REQUEUE_SOON,
            is_begun=True,
        )
    gone = Finding(
        Phase.SUCCEEDED,
        Reason.DECOMMISSIONED,
        Message("All of its objects are deleted."),
        Counts(),
        applied=[],
        is_begun=True,
        seen_version=max(found.version or 0 for found in remaining.values()) or None,
    )
    return returned(rollout, gone) if is_returning else gone


def remaining_of(rollout: Rollout, client: ClusterClient) -> dict[ObjectKind, Remaining]:
    """Read what the cluster still has of a service, following it from owner to owner.

    Pods and ReplicaSets of others may carry its label, and are still theirs.
    """
    namespace, is_ours = rollout.service.environment.namespace, ownership_of(rollout)
    remaining: dict[ObjectKind, Remaining] = {}
    owners: set[str] = set()
    for kind in KINDS:
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
    """Delete those objects of a service that are not terminating; return whether there were any."""
    namespace = rollout.service.environment.namespace
    # What has a controller is deleted with it; a newer object of the same name is not ours.
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


def what_is_left(rollout: Rollout, remaining: Mapping[ObjectKind, Remaining]) -> Message:
    """Say what the cluster still has of a service, a sentence for each kind."""
    said = NOTHING_SAID
    for kind, found in remaining.items():
        if left := found.objects:
            terminating = [remnant_of(kind, one) for one in left if one.metadata.deletion_timestamp]
            lost = lost_nodes(rollout.service.cluster, {one.node for one in terminating})
            said += still_there(kind, len(left)) + held_up(terminating, lost)
    return said


def still_there(kind: ObjectKind, count: int) -> Message:
    """Say how many objects of a kind are left."""
    if kind is POD:
        return counted("%(count)s pod remains.", "%(count)s pods remain.", count=count)
    return counted(
        "%(count)s %(kind)s remains.",
        "%(count)s %(kind)ss remain.",
        count=count,
        kind=kind.name,
    )


def remnant_of(kind: ObjectKind, left: Remains) -> Remnant:
    """Return an object as the value that `held_up` works on."""
    metadata = left.metadata
    return Remnant(kind.name, metadata.name, tuple(metadata.finalizers), left.spec.node_name)


def lost_nodes(cluster: Cluster, names: Collection[str]) -> set[str]:
    """Return which of these nodes are not ready, as the mirror shows them."""
    lost = Node.objects.filter(cluster=cluster, name__among=names).exclude(is_ready=True)
    return set(lost.values_list("name", flat=True))
