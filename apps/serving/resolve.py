"""What people can ask for if a cluster differs from what was rolled out: restore or take over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from clusters.differences import Entry, entries_of
from clusters.drift import Difference
from clusters.models import MirroredObject
from clusters.ownership import Belongings
from core.errors import Conflict, Unavailable
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from registry.actions import register_version
from registry.images import parse_image
from registry.models import ModelVersion
from serving.actions import locked, start
from serving.allowed_actions import refuse_without_drift
from serving.diagnosis.drift import AUTOSCALER, POD_KIND
from serving.diagnosis.read import belongings, differences_of, objects_of, wanted_of
from serving.models import ModelService, Revision, Rollout
from serving.plans import Plan, planned_change
from serving.rules.lifecycle import RolloutKind
from serving.rules.takeover import Taken, taken_from
from serving.rules.temporary import Replicas
from serving.wishes import (
    Content,
    StartingPoint,
    Wish,
    copied_content,
    next_content,
    refuse_second_rollout,
    running_revision,
)

MOST_NAMED = 5


@transaction.atomic
def start_restore(
    *, service: ModelService, plan: str = "", note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Restore what was rolled out, whatever others have written since.

    Raises:
        Conflict: nothing differs, another rollout is in progress, the plan is out of date, or what
            differs would be back at once.
    """
    service = locked(service)
    seen = read_live_state(service)
    wish = wished_restore(service, seen, by=by)
    return start(
        wish,
        plan=plan,
        differences=basis_of(seen),
        resolves=seen.entries,
        removes=removals(seen),
        note=note,
        by=by,
    )


def wished_restore(service: ModelService, seen: "LiveState", *, by: Actor) -> Wish:
    """Wish what was rolled out back; `by` whom makes no difference."""
    point = refuse_without_differences(service, seen)
    refuse_what_only_others_can_end(seen)
    kind, wanted = what_was_rolled_out(service, seen)
    return Wish(service, kind, point, wanted)


@transaction.atomic
def start_take_over(
    *,
    service: ModelService,
    check: Callable[..., dict[str, Any]],
    plan: str = "",
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Make what others have written the service's next revision.

    `check` validates its settings within the environment's bounds, as if a person had stated them.

    Raises:
        Conflict: nothing differs, a revision cannot hold some of it, another rollout is in
            progress, or the plan is out of date.
    """
    service = locked(service)
    seen = read_live_state(service)
    wish = wished_take_over(service, seen, check=check, by=by)
    return start(
        wish,
        plan=plan,
        differences=basis_of(seen),
        resolves=seen.entries,
        note=note,
        by=by,
    )


def wished_take_over(
    service: ModelService, seen: "LiveState", *, check: Callable[..., dict[str, Any]], by: Actor
) -> Wish:
    """Wish to keep what others have written; its image is registered if no version has it."""
    point = refuse_without_differences(service, seen)
    refuse_unless_seen(service)
    current = running_revision(service)
    taken = taken_from(found_deployment(seen), seen.differences)
    refuse_what_is_left(taken)
    settings = check(taken.settings, bounds=service.environment.quota.bounds)
    version = version_of(service, seen, taken, by=by) if taken.image else current.version
    brought: dict[str, Any] = dict(settings)
    if "replicas" in brought:
        brought |= Replicas(brought["replicas"]).as_columns()
    wanted = next_content(service, version, {**service.settings, **brought}, point)
    kind = RolloutKind.SCALE if wanted == current else RolloutKind.DEPLOY
    return Wish(service, kind, point, wanted, brought)


def what_was_rolled_out(
    service: ModelService, seen: "LiveState"
) -> tuple[RolloutKind, Revision | Content | None]:
    """Return what a restore leads to, and by which kind of rollout."""
    if not wanted_of(service):
        return RolloutKind.DECOMMISSION, None
    revision = running_revision(service)
    if any(d.kind == POD_KIND and d.path for d in seen.differences):
        # Its pods differ from their revision, so they have to be replaced.
        return RolloutKind.RESTART, copied_content(revision)
    return RolloutKind.ROLLBACK, revision


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the mirror has of a service, and how that differs from what was applied."""

    own: Belongings
    objects: dict[tuple[str, str], dict[str, Any]]
    differences: list[Difference]

    @property
    def entries(self) -> list[Entry]:
        """The differences, as the rollout that resolves them stores them."""
        return entries_of(self.differences, before=(), now=timezone.now().isoformat())


def read_live_state(service: ModelService) -> LiveState:
    """Read what the mirror has of a service, and compare it with what was applied."""
    own = belongings(service)
    objects = objects_of(own)
    return LiveState(own, objects, differences_of(service, own, objects))


def refuse_without_differences(service: ModelService, seen: LiveState) -> StartingPoint:
    """Refuse if nothing differs, or a rollout is in progress."""
    point = refuse_second_rollout(service)
    refuse_without_drift(service, service.drift and seen.differences)
    return point


def refuse_unless_seen(service: ModelService) -> None:
    """Refuse to take over from a stale mirror: what it shows may no longer be there."""
    if service.cluster.is_stale(now=timezone.now()):
        raise Unavailable(
            Message("The cluster has not been observed lately, so its present state is unknown."),
            reason=Reason.STALE,
        )


def basis_of(seen: LiveState) -> list[list[Any]]:
    """Return what differs, as a part of what a plan is made of."""
    return [[d.object, d.field, d.wanted, d.found] for d in seen.differences]


def removals(seen: LiveState) -> list[dict[str, str]]:
    """Return the objects of others to delete, with the uids that were seen.

    A pod that has an owner stays: the owner would recreate it at once.
    """
    rows: list[tuple[str, MirroredObject]] = [
        (row.kind, row) for row in seen.own.companions if row.kind == AUTOSCALER
    ]
    if seen.own.candidate is not None:
        rows.append((seen.own.candidate.kind, seen.own.candidate))
    rows += [(POD_KIND, pod) for pod in seen.own.strays if not pod.owner_uid]
    surplus = {(d.kind, d.name) for d in seen.differences if not d.path}
    return [
        {"kind": kind, "name": row.name, "uid": row.uid}
        for kind, row in rows
        if (kind, row.name) in surplus
    ]


def refuse_what_only_others_can_end(seen: LiveState) -> None:
    """Refuse to restore if all that differs are pods that their owners would recreate at once."""
    owned = {pod.name for pod in seen.own.strays if pod.owner_uid}
    if all(d.kind == POD_KIND and d.name in owned for d in seen.differences):
        raise Conflict(
            Message(
                "%(pods)s receive its requests but belong to something else, which would recreate "
                "them. Delete that in the cluster, or remove the service's label from its pods.",
                pods=", ".join(sorted(owned)[:MOST_NAMED]),
            )
        )


def found_deployment(seen: LiveState) -> dict[str, Any]:
    """Return the Deployment as others have left it, or refuse if it is gone."""
    found = seen.own.deployment
    if found is None:
        raise Conflict(
            Message("The Deployment is gone; there is nothing to take over. Restore it instead."),
            reason=Reason.CANNOT_BE_TAKEN_OVER,
        )
    return seen.objects[found.kind, found.name]


def refuse_what_is_left(taken: Taken) -> None:
    """Refuse a takeover that would lose what a revision cannot hold."""
    if taken.left:
        raise unholdable(taken.left)


def unholdable(fields: list[str]) -> Conflict:
    """Return the refusal of fields that no revision can hold."""
    return Conflict(
        Message(
            "A revision cannot hold %(fields)s. Restore the service, or undo that in the "
            "cluster first.",
            fields=", ".join(fields[:MOST_NAMED]),
        ),
        reason=Reason.CANNOT_BE_TAKEN_OVER,
        details={"fields": fields},
    )


def version_of(service: ModelService, seen: LiveState, taken: Taken, *, by: Actor) -> ModelVersion:
    """Return the version that has the image taken over, and register one if there is none."""
    image = pinned(taken.image, seen)
    known = service.model.versions.filter(image=image).first()
    if known is not None:
        return known
    content = {"image": image, "requested_image": taken.image}
    name = f"taken-over-{image.rpartition(':')[2][:12]}"
    version, _ = register_version(model=service.model, version=name, content=content, by=by)
    return version


def pinned(image: str, seen: LiveState) -> str:
    """Return an image pinned by its own digest, or by the one that its pods run."""
    reference = parse_image(image)
    digests = {reference.digest} if reference.digest else running_digests(seen, image)
    if len(digests) != 1:
        raise Conflict(
            Message(
                "Its pods do not tell which image %(image)s is. Register it as a version and roll "
                "that out.",
                image=image,
            ),
            reason=Reason.CANNOT_BE_TAKEN_OVER,
        )
    return reference.pinned(digests.pop())


def running_digests(seen: LiveState, image: str) -> set[str]:
    """Return the digests that the containers of active pods report for an image."""
    containers = [c for pod in seen.own.pods if pod.is_active for c in pod.containers]
    ids = [c.get("image_id", "") for c in containers if c.get("image") == image]
    return {text.rpartition("@")[2] for text in ids if "@sha256:" in text}


def planned(service: ModelService, wished: Callable[..., Wish], *, by: Actor) -> Plan:
    """Return what a change would do; a version that it registers is rolled back."""
    with transaction.atomic():
        service = locked(service)
        seen = read_live_state(service)
        wish = wished(service, seen, by=by)
        running = sum(pod.is_active for pod in seen.own.pods)
        plan = planned_change(wish, running_replicas=running, differences=basis_of(seen))
        if wish.kind in (RolloutKind.ROLLBACK, RolloutKind.RESTART, RolloutKind.DECOMMISSION):
            plan = replace(plan, changes=undone_by(seen))
        transaction.set_rollback(True)
    return plan


def undone_by(seen: LiveState) -> list[dict[str, Any]]:
    """Return what a restore alters in the cluster."""
    return [
        {"object": d.object, "field": d.field, "from": d.found, "to": d.wanted}
        for d in seen.differences
    ]
