"""What the drift of a service means for it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from clusters.differences import Entry
from clusters.manifests import EPOCH
from clusters.observed import EPOCH_DIGITS, whole_number
from core.reasons import Reason
from core.words import joined, kept
from serving.health import Drift

EPOCH_FIELD = f"metadata.annotations.{EPOCH}"
AUTOSCALER = "HorizontalPodAutoscaler"


def summary(entries: Sequence[Entry]) -> Drift | None:
    """Return what a service's health says of its drift; None where there is none."""
    if not entries:
        return None
    many = kept("It differs from what was rolled out in %s places.") % len(entries)
    count = many if len(entries) > 1 else kept("It differs from what was rolled out in one place.")
    epochs = next((e for e in entries if e["field"] == EPOCH_FIELD), None)
    wanted, found = (
        (whole_number(epochs[side], digits=EPOCH_DIGITS) for side in ("wanted", "found"))
        if epochs
        else (None, None)
    )
    # `kubectl rollout undo` brings back our annotation of then, under its own name.
    is_undone = epochs is not None and bool(epochs["manager"])
    if wanted is None or found is None or (found < wanted and is_undone):
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


def seen_epoch(deployment: Mapping[str, Any]) -> int:
    """Return the epoch that a Deployment states; the other objects have none."""
    annotations = (deployment.get("metadata") or {}).get("annotations") or {}
    return whole_number(annotations.get(EPOCH), digits=EPOCH_DIGITS) or 0
