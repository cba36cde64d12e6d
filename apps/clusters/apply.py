"""Makes one object exactly what its manifest says, and checks the result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from clusters.client import ClusterClient
from clusters.differences import Entry, shortened
from clusters.drift import Difference, compare, owners_of, with_ownership
from clusters.errors import ClusterError
from clusters.kinds import Manifest, kind_of
from core.messages import Message, quoted
from core.reasons import Reason

MOST_NAMED = 3


class Policy(StrEnum):
    """What to do about fields of our objects that somebody else wrote."""

    TAKE_OVER = "take_over"
    REFUSE = "refuse"


class FieldsOfOthers(ClusterError):
    """Somebody else wrote fields of ours, and the environment's policy leaves them alone."""

    reason = Reason.FIELDS_OF_OTHERS


class NameTaken(ClusterError):
    """Somebody else's object has the name that ours would have."""

    reason = Reason.NAME_TAKEN


class Overridden(ClusterError):
    """The cluster holds something other than what was just applied."""

    reason = Reason.OVERRIDDEN


def read_object(client: ClusterClient, manifest: Manifest) -> dict[str, Any] | None:
    """Read the object that a manifest describes, as it is now."""
    metadata = manifest["metadata"]
    body = client.get(kind_of(manifest), metadata.get("namespace"), metadata["name"])
    return orjson.loads(body) if body is not None else None


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object as it should be and as it was found, and how the two differ."""

    manifest: Manifest
    found: Mapping[str, Any] | None
    differences: tuple[Difference, ...]

    @classmethod
    def of(cls, manifest: Manifest, found: Mapping[str, Any] | None) -> "ObjectChange":
        return cls(manifest, found, tuple(compare(manifest, found)))

    @property
    def foreign(self) -> list[Difference]:
        """What others wrote into it that has to change."""
        return [d for d in self.differences if self.found is not None and (d.manager or d.is_extra)]

    @property
    def is_shared(self) -> bool:
        """Whether others are on record as owning a part of it, even with our value."""
        return self.found is not None and any(not owner.is_ours for owner in owners_of(self.found))


def applied(
    client: ClusterClient, manifest: Manifest, found: Mapping[str, Any] | None, *, policy: Policy
) -> None:
    """Make an object what its manifest says; if it is that already, write nothing.

    Raises:
        FieldsOfOthers: others wrote what it states, and the policy is to refuse.
        Overridden: it was written, but reads back as something else.
        ClusterConflict: it changed since it was `found`.
    """
    change = ObjectChange.of(manifest, found)
    if policy is Policy.REFUSE:
        refuse_fields_of_others([change])
    left = compare(manifest, orjson.loads(make(client, change)))
    if left:
        raise Overridden(overridden(left))


def refuse_fields_of_others(changes: Iterable[ObjectChange], *, but: Sequence[Entry] = ()) -> None:
    """Refuse changes, before any is made, that would overwrite what others wrote.

    `but` are differences, as they are kept, that somebody has seen and agreed to overwrite.

    Raises:
        FieldsOfOthers: some would; it says which fields, and whose they are.
    """
    seen = [(entry["object"], entry["field"], entry["found"]) for entry in but]
    foreign = [
        difference
        for change in changes
        for difference in change.foreign
        if (difference.object, difference.field, shortened(difference.found)) not in seen
    ]
    if foreign:
        raise FieldsOfOthers(WHOSE + named_fields(foreign))


def make(client: ClusterClient, change: ObjectChange, *, is_sole: bool = False) -> bytes:
    """Make an object what it should be, and return it as the cluster then has it.

    With `is_sole` nobody else owns a part of it afterwards, not even with the same value.

    Raises:
        ClusterConflict: it changed since it was found.
    """
    is_taken = is_sole and change.is_shared
    if change.found is None:
        # An object that somebody creates at this very moment is not overwritten.
        return client.apply(change.manifest, force=False)
    if not change.differences and not is_taken:
        return orjson.dumps(change.found)
    version = change.found["metadata"]["resourceVersion"]
    if is_taken or any(difference.is_extra for difference in change.differences):
        # If the change is refused, the record of who wrote what must survive: try it first.
        client.apply(change.manifest, resource_version=version, dry_run=True)
        version = own(client, change.manifest, change.found, change.differences)
    return client.apply(change.manifest, resource_version=version)


def overridden(left: Sequence[Difference]) -> Message:
    """Say that the cluster holds something other than what was just applied."""
    return CHANGED + named_fields(left)


WHOSE = Message(
    "Others wrote some of its fields, and the environment's policy leaves those to them."
)
CHANGED = Message("Somebody, or the cluster itself, changed what was applied.")


def own(
    client: ClusterClient,
    manifest: Manifest,
    found: Mapping[str, Any],
    differences: Iterable[Difference],
) -> str:
    """Put what differs on our record, so that the next apply removes it; return the version."""
    metadata = manifest["metadata"]
    body = client.own(
        kind_of(manifest),
        metadata.get("namespace"),
        metadata["name"],
        with_ownership(found, differences),
        resourceVersion=found["metadata"]["resourceVersion"],
    )
    version: str = orjson.loads(body)["metadata"]["resourceVersion"]
    return version


def named_fields(differences: Sequence[Difference]) -> Message:
    """Name some of the fields, and who wrote them."""
    shown = [
        f"{d.field or d.object}" + (f" ({d.manager})" if d.manager else "") for d in differences
    ]
    more = len(shown) - MOST_NAMED
    return quoted(", ".join(shown[:MOST_NAMED]) + (f" +{more}." if more > 0 else "."))
