"""Compares an environment as it should be with what its cluster has of it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from clusters.differences import Entry, ObjectKey, differences
from clusters.drift import Difference, owners_of
from clusters.kinds import Manifest
from core.messages import Message, counted
from core.reasons import Reason
from core.resources import Resources
from projects import manifests
from projects.manifests import Bounds, Tenancy, Traffic

NAMESPACE_KIND = "Namespace"
# What may be found instead of the environment's namespace.
GOING, FOREIGN = "Terminating", "somebody else's"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment is made of, and what is known of its namespace."""

    tenancy: Tenancy
    limits: Resources
    bounds: Bounds = Bounds()
    traffic: Traffic = Traffic()
    # The resources that the cluster's nodes have, as the mirror shows them.
    devices: frozenset[str] = frozenset()
    # The uid of the namespace last seen to be the environment's; blank if that was not recorded.
    namespace_uid: str = ""
    was_reached: bool = False

    @property
    def manifests(self) -> list[Manifest]:
        """What is applied, the namespace first."""
        return [
            manifests.namespace(self.tenancy),
            manifests.limit_range(self.tenancy, self.bounds),
            manifests.resource_quota(self.tenancy, self.limits, self.devices),
            manifests.network_policy(self.tenancy, self.traffic),
        ]

    def owns(self, namespace: Mapping[str, Any]) -> bool:
        """Return whether a namespace is the environment's.

        If its labels do not say so, it has to be the very one that was ours before; if that was
        never recorded, one that we wrote, for an environment that was once ready.
        """
        metadata = namespace["metadata"]
        is_known = metadata["uid"] == self.namespace_uid
        if self.was_reached and not self.namespace_uid:
            is_known = any(owner.is_ours for owner in owners_of(namespace))
        return manifests.is_owned_by(self.tenancy, metadata.get("labels") or {}, is_known=is_known)

    def compared_with(
        self, found: Mapping[ObjectKey, Mapping[str, Any]], kinds: Collection[str] | None = None
    ) -> list[Difference]:
        """Return how it differs from what it should be, and what others put beside it.

        Only the `kinds` that were read are compared, and nothing inside a namespace that is being
        deleted or is not ours.
        """
        key = (NAMESPACE_KIND, self.tenancy.namespace)
        namespace = found.get(key)
        if namespace is not None and not self.owns(namespace):
            return [Difference(*key, (), "present", FOREIGN)]
        since = namespace["metadata"].get("deletionTimestamp") if namespace is not None else None
        if since:
            return [Difference(*key, (), "present", GOING, since=since)]
        wanted = [m for m in self.manifests if kinds is None or m["kind"] in kinds]
        return differences(wanted, found)


def to_repair(differences: Iterable[Difference]) -> list[Difference]:
    """Keep what is to be put back; objects that others put beside ours are theirs."""
    return [d for d in differences if d.path or d.wanted is not None]


def is_to_repair(entry: Entry) -> bool:
    """Return whether a difference, as it is kept, is to be put back."""
    return bool(entry["field"]) or entry["wanted"] is not None


def lacking_namespace(differences: Iterable[Difference]) -> Difference | None:
    """Return the difference that leaves no namespace to roll out in, if there is one."""
    return next((d for d in differences if d.kind == NAMESPACE_KIND and not d.path), None)


def verdict_of(differences: Sequence[Difference]) -> tuple[Reason, Message]:
    """Return what differences mean for an environment as long as they last."""
    want = lacking_namespace(differences)
    if want is None:
        count = counted(
            "It differs from what was applied in %(count)s place.",
            "It differs from what was applied in %(count)s places.",
            count=len(differences),
        )
        return Reason.DRIFTED, count + Message("It is being restored.")
    if want.found is None:
        return Reason.MISSING, Message(
            "The namespace is no longer in the cluster. It is being recreated."
        )
    if want.found == GOING:
        return Reason.WAITING_FOR_DELETION, Message(
            "Somebody deleted the namespace. It is recreated once it is gone."
        )
    return Reason.NAMESPACE_CONFLICT, Message(
        "The namespace %(namespace)s exists in the cluster and is not this environment's. Delete "
        "it there, or create the environment with another namespace.",
        namespace=want.name,
    )
