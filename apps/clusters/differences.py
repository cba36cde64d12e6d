"""Compares objects as they should be with those a cluster has, and shapes what is kept. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clusters.drift import Difference, compare, owners_of
from clusters.kinds import Manifest

LONGEST_VALUE, MOST_ENTRIES = 500, 100

# A kind and a name in one namespace.
ObjectKey = tuple[str, str]
Entry = dict[str, Any]


def differences(
    manifests: Sequence[Manifest], found: Mapping[ObjectKey, Mapping[str, Any]]
) -> list[Difference]:
    """Return how objects differ from the manifests; one that nobody applied differs as a whole."""
    wanted = {key_of(manifest): manifest for manifest in manifests}
    differing = [d for key, manifest in wanted.items() for d in compare(manifest, found.get(key))]
    return [*differing, *(surplus(k, found[k]) for k in sorted(found.keys() - wanted.keys()))]


def key_of(manifest: Mapping[str, Any]) -> ObjectKey:
    """Return the kind and name of an object."""
    return manifest["kind"], manifest["metadata"]["name"]


def surplus(key: ObjectKey, found: Mapping[str, Any]) -> Difference:
    """Return the difference for an object that nobody applied, with who made it."""
    first = min(owners_of(found), key=lambda owner: owner.at, default=None)
    manager, since = (first.manager, first.at or None) if first else ("", None)
    return Difference(*key, (), None, "present", manager, since)


def entries_of(
    differences: Iterable[Difference], *, before: Sequence[Entry], now: str
) -> list[Entry]:
    """Return differences as they are kept; an undated one dates from when it was first seen."""
    known = {(e["object"], e["field"], str(e["found"])): e["since"] for e in before}
    entries = []
    for difference in list(differences)[:MOST_ENTRIES]:
        wanted, found = shortened(difference.wanted), shortened(difference.found)
        place = (difference.object, difference.field)
        entries.append(
            {
                "object": difference.object,
                "field": difference.field,
                "wanted": wanted,
                "found": found,
                "manager": difference.manager,
                "since": difference.since or known.get((*place, str(found)), now),
            }
        )
    return entries


def shortened(value: Any) -> Any:
    """Return a value as it is kept: a very long one is cut."""
    text = str(value)
    return value if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
