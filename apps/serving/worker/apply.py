"""Reads and writes a service's objects for a rollout; the Deployment comes last."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec
from django.utils import timezone

from clusters.apply import (
    NameTaken,
    ObjectChange,
    Policy,
    make,
    read_object,
    refuse_fields_of_others,
)
from clusters.client import ClusterClient
from clusters.errors import ClusterConflict
from clusters.kinds import DEPLOYMENT, Manifest, kind_named
from clusters.labels import SERVICE_ID
from core import pace
from core.lease import LeaseLost
from core.messages import Message
from serving.deployment import Live
from serving.diagnosis.drift import is_later
from serving.manifests.spec import Scale, Stamp
from serving.models import Revision, Rollout, ServiceObject
from serving.objects import objects_for
from serving.rules.lifecycle import Phase
from serving.secrets.reconcile import write_secrets
from serving.worker.claim import still_claimed
from serving.worker.outcome import Overtaken, replicas_of, target_of


def manifests_of(rollout: Rollout, revision: Revision, live: Live | None) -> list[Manifest]:
    """Build a service's objects as the present phase wants them.

    A live Deployment that this rollout wrote keeps its stamp, and so does any that a rollback
    finds unchanged: a stamp alone is no reason to write.
    """
    scale = scale_of(rollout, replicas_of(rollout))
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=rollout.epoch)
    if live is not None:
        stamp = msgspec.structs.replace(stamp, epoch=live.state.epoch)
        if rollout.phase == Phase.ROLLING_BACK:
            stamp = msgspec.structs.replace(stamp, rollout=live.state.rollout)
    return objects_for(rollout.service, revision, scale, stamp)


def scale_of(rollout: Rollout, replicas: int) -> Scale:
    """Return so many pods, replaced as the rollout replaces them."""
    replacement = rollout.replacement
    return Scale(
        replicas=replicas,
        max_surge=replacement.max_surge,
        max_unavailable=replacement.max_unavailable,
        recreate=replacement.recreates,
    )


def changes_of(
    rollout: Rollout, revision: Revision, change: ObjectChange, client: ClusterClient
) -> list[ObjectChange]:
    """Return the changes to a service's objects, given the change to its Deployment.

    A Deployment that is to be written says by which rollout and in which epoch; one that is not
    stays as it is.
    """
    *others, deployment = manifests_of(rollout, revision, None)
    if change.differences:
        change = replace(change, manifest=deployment)
    return [*(ObjectChange.of(one, read_object(client, one)) for one in others), change]


def apply(
    rollout: Rollout,
    changes: Sequence[ObjectChange],
    client: ClusterClient,
    *,
    is_next: bool = False,
) -> list[bytes]:
    """Write a service's objects and return them; one that changed since it was read is a conflict.

    The Deployment comes last: once a rollout has written it, it has written the others too. What
    comes next on its way, `is_next`, is not written again, so nobody is waited for.
    """
    refuse_strangers(rollout, (change.found for change in changes))
    policy = Policy(rollout.service.environment.foreign_fields)
    if policy is Policy.REFUSE:
        refuse_fields_of_others(changes, but=rollout.resolves)
    record_intent(rollout, is_next=is_next)
    remove_surplus(rollout, client)
    if revision := target_of(rollout):
        write_secrets(revision, client)
    return [make(client, change, is_sole=bool(rollout.resolves)) for change in changes]


def record_intent(rollout: Rollout, *, is_next: bool = False) -> None:
    """Record that writing begins, so that it is known even if the worker dies while it writes.

    Raises:
        LeaseLost: somebody else has claimed the rollout by now, or its phase has changed.
    """
    now = timezone.now()
    writes = 1 if is_next else pace.counted_up(rollout.writes, rollout.written_at, now=now)
    if not still_claimed(rollout).update(writes=writes, written_at=now):
        raise LeaseLost
    rollout.writes, rollout.written_at = writes, now


def remove_surplus(rollout: Rollout, client: ClusterClient) -> None:
    """Delete the objects of others that the plan named, but no newer ones of the same names."""
    namespace = rollout.service.environment.namespace
    for one in rollout.removes:
        with suppress(ClusterConflict):
            client.delete(kind_named(one["kind"]), namespace, one["name"], uid=one["uid"])


def refuse_strangers(rollout: Rollout, found: Iterable[Mapping[str, Any] | None]) -> None:
    """Refuse to overwrite objects of others on the first write; later ones have replaced ours.

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
            raise NameTaken(
                Message(
                    "The cluster has a %(kind)s of this name that belongs to somebody else. "
                    "Nothing was changed.",
                    kind=one["kind"],
                )
            )


def ownership_of(rollout: Rollout) -> Callable[[Mapping[str, str], str], bool]:
    """Return a test that tells by labels and uid whether an object is the service's.

    Its label says so, or it was once seen to be: somebody may have removed the label.
    """
    own = str(rollout.service_id)
    known = set(ServiceObject.objects.filter(service=own).values_list("uid", flat=True))
    return lambda labels, uid: labels.get(SERVICE_ID) == own or uid in known


def read_live(rollout: Rollout, client: ClusterClient, *, suffix: str = "") -> Live | None:
    """Read the Deployment as it is now, or with a suffix the one beside it.

    Raises:
        Overtaken: it was written in a later epoch.
    """
    service = rollout.service
    body = client.get(DEPLOYMENT, service.environment.namespace, f"{service.name}{suffix}")
    live = Live.read(body) if body is not None else None
    if live is not None and is_later(live.state.epoch, rollout.epoch):
        raise Overtaken(live.state.epoch)
    return live
