"""What a service should be, compared with what the cluster has of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clusters.drift import Difference, compare
from clusters.manifests import EPOCH, Manifest
from clusters.observed import whole_number
from core.reasons import Reason
from core.words import joined, kept
from serving.health import Drift

EPOCH_FIELD = f"metadata.annotations.{EPOCH}"
AUTOSCALER = "HorizontalPodAutoscaler"
LONGEST_VALUE, MOST_ENTRIES = 500, 100

# A kind and a name in the service's namespace.
Key = tuple[str, str]
Entry = dict[str, Any]


def differences(
    manifests: Sequence[Manifest], found: Mapping[Key, Mapping[str, Any]]
) -> list[Difference]:
    """Return in what objects differ from the manifests; one that nobody applied differs whole."""
    wanted = {key_of(manifest): manifest for manifest in manifests}
    differing = [d for key, manifest in wanted.items() for d in compare(manifest, found.get(key))]
    return [*differing, *(surplus(k, found[k]) for k in sorted(found.keys() - wanted.keys()))]


def key_of(manifest: Mapping[str, Any]) -> Key:
    """Return the kind and name of an object."""
    return manifest["kind"], manifest["metadata"]["name"]


def surplus(key: Key, found: Mapping[str, Any]) -> Difference:
    """Return that an object is there which nobody applied, and who made it."""
    entries = (found.get("metadata") or {}).get("managedFields") or [{}]
    first = min(entries, key=lambda entry: entry.get("time") or "")
    return Difference(*key, (), None, "present", first.get("manager") or "", first.get("time"))


def entries_of(
    differences: Iterable[Difference], *, before: Sequence[Entry], now: str
) -> list[Entry]:
    """Return differences as they are kept; one that nobody dated is as old as when it was seen."""
    known = {(e["object"], e["field"], str(e["found"])): e["since"] for e in before}
    entries = []
    for difference in list(differences)[:MOST_ENTRIES]:
        wanted, found = shown(difference.wanted), shown(difference.found)
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


def shown(value: Any) -> Any:
    """Return a value as it is kept: an enormous one is cut."""
    text = str(value)
    return value if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def summary(entries: Sequence[Entry]) -> Drift | None:
    """Return what a service's health says of its drift; None where there is none."""
    if not entries:
        return None
    count = kept("It differs from what was rolled out in %s places.") % len(entries)
    epochs = next((e for e in entries if e["field"] == EPOCH_FIELD), None)
    wanted, found = (
        (whole_number(epochs[side]) for side in ("wanted", "found")) if epochs else (None, None)
    )
    if wanted is None or found is None:
        return Drift(Reason.DRIFTED, count)
    return Drift(Reason.BACKUP_RESTORED, joined(whose_backup(wanted, found), count))


def whose_backup(known: int, seen: int) -> str:
    """Say which side was set back: the database knows one epoch and the cluster has another."""
    if seen > known:
        sentence = kept(
            "The cluster was last written in epoch %s and this database knows %s: it was restored "
            "from a backup, or somebody changed the annotation."
        )
        return sentence % (seen, known)
    sentence = kept(
        "The cluster is back in epoch %s and was last written in %s: it was restored from a "
        "backup, or somebody changed the annotation."
    )
    return sentence % (seen, known)


def seen_epoch(found: Mapping[Key, Mapping[str, Any]]) -> int:
    """Return the highest epoch that any object states."""
    annotations = [(o.get("metadata") or {}).get("annotations") or {} for o in found.values()]
    return max((whole_number(a.get(EPOCH)) or 0 for a in annotations), default=0)
