"""Makes one object exactly what its manifest says, and reads back that it is."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import orjson

from clusters.client import ClusterClient
from clusters.drift import Difference, compare, with_ownership
from clusters.errors import ClusterError
from clusters.kinds import kind_of
from clusters.manifests import Manifest
from core.reasons import Reason
from core.words import joined, kept

MOST_NAMED = 3


class Policy(StrEnum):
    """What happens to fields of our objects that somebody else wrote."""

    TAKE_OVER = "take_over"
    REFUSE = "refuse"


class FieldsOfOthers(ClusterError):
    """Somebody else wrote fields of ours, and the environment's policy leaves them to them."""

    reason = Reason.FIELDS_OF_OTHERS


class NameTaken(ClusterError):
    """Somebody else's object has the name that ours would have."""

    reason = Reason.NAME_TAKEN


class Overridden(ClusterError):
    """The cluster keeps something else than what was just applied."""

    reason = Reason.OVERRIDDEN


def read_object(client: ClusterClient, manifest: Manifest) -> dict[str, Any] | None:
    """Read what a manifest is about, as it is now."""
    metadata = manifest["metadata"]
    body = client.get(kind_of(manifest), metadata.get("namespace"), metadata["name"])
    return orjson.loads(body) if body is not None else None


def applied(
    client: ClusterClient, manifest: Manifest, found: Mapping[str, Any] | None, *, policy: Policy
) -> bytes:
    """Make an object what its manifest says, and return it; what is so already is not written.

    Raises:
        FieldsOfOthers: others wrote what it states, and the policy is to refuse.
        Overridden: it was written, and is something else all the same.
        ClusterConflict: it changed since it was `found`.
    """
    differences = compare(manifest, found)
    if found is not None and not differences:
        return orjson.dumps(found)
    foreign = [d for d in differences if found is not None and (d.manager or d.is_extra)]
    if foreign and policy is Policy.REFUSE:
        raise FieldsOfOthers(joined(WHOSE, named(foreign)))
    version = found["metadata"]["resourceVersion"] if found is not None else None
    if found is not None and any(d.is_extra for d in differences):
        version = own(client, manifest, found, differences)
    body = client.apply(manifest, resource_version=version)
    left = compare(manifest, orjson.loads(body))
    if left:
        raise Overridden(joined(CHANGED, named(left)))
    return body


WHOSE = kept("Fields of it were written by others, and the environment leaves them to them.")
CHANGED = kept("The cluster changes what was applied.")


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


def named(differences: list[Difference]) -> str:
    """Name some of the fields, and who wrote them."""
    shown = [f"{d.field} ({d.manager})" if d.manager else d.field for d in differences]
    more = len(shown) - MOST_NAMED
    return ", ".join(shown[:MOST_NAMED]) + (f" +{more}." if more > 0 else ".")
