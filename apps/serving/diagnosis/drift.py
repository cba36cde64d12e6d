"""What the drift of a service means for it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from clusters.differences import Entry
from clusters.drift import Difference, Path
from clusters.labels import EPOCH
from clusters.observed import whole_number
from core.messages import Message, counted
from core.reasons import Reason
from serving.deployment import EPOCH_DIGITS
from serving.diagnosis.health import Drift
from serving.rules.takeover import MODEL

# No service comes so far: an epoch that is this much later was made up, and is not counted on from.
MADE_UP = 10**15
EPOCH_FIELD = f"metadata.annotations.{EPOCH}"
AUTOSCALER, POD = "HorizontalPodAutoscaler", "Pod"
MODEL_IMAGE: Path = ("spec", "containers", MODEL, "image")


def summary(entries: Sequence[Entry]) -> Drift | None:
    """Return what a service's health says of its drift; None where there is none."""
    if not entries:
        return None
    count = counted(
        "It differs from what was rolled out in %(count)s place.",
        "It differs from what was rolled out in %(count)s places.",
        count=len(entries),
    )
    epochs = next((e for e in entries if e["field"] == EPOCH_FIELD), None)
    wanted, found = (
        (whole_number(epochs[side], digits=EPOCH_DIGITS) for side in ("wanted", "found"))
        if epochs
        else (None, None)
    )
    # `kubectl rollout undo` brings back our annotation of then, under its own name.
    is_undone = epochs is not None and bool(epochs["manager"])
    if wanted is None or found is None:
        return Drift(Reason.DRIFTED, count)
    if is_later(found, wanted) or (found < wanted and not is_undone):
        return Drift(Reason.BACKUP_RESTORED, whose_backup(wanted, found) + count)
    return Drift(Reason.DRIFTED, count)


def whose_backup(known: int, seen: int) -> Message:
    """Say which side was set back: the database knows one epoch and the cluster has another."""
    if seen > known:
        return Message(
            "The cluster was last written in epoch %(seen)s and this database knows %(known)s: it "
            "was restored from a backup, or somebody changed the annotation.",
            seen=seen,
            known=known,
        )
    return Message(
        "The cluster is back in epoch %(seen)s and was last written in %(known)s: it was restored "
        "from a backup, or somebody changed the annotation.",
        seen=seen,
        known=known,
    )


def of_pods(pods: Iterable[tuple[str, str]], *, image: str) -> list[Difference]:
    """Return which pods, given with their images, were told to run another than their revision's.

    By another name, such as a mirror's, one digest is the same image. What is not known is blank.
    """
    content = image.rpartition("@")[2]
    return [
        Difference(POD, name, MODEL_IMAGE, image, found)
        for name, found in pods
        if found and found.rpartition("@")[2] != content
    ]


def stray(name: str, created_at: datetime) -> Difference:
    """Return that somebody else's pod gets a service's requests."""
    return Difference(POD, name, (), None, "present", since=created_at.isoformat())


def is_later(seen: int, known: int) -> bool:
    """Return whether a cluster was written in a later epoch than is known here."""
    return 0 < seen - known < MADE_UP


def seen_epoch(deployment: Mapping[str, Any]) -> int:
    """Return the epoch that a Deployment states; the other objects have none."""
    annotations = (deployment.get("metadata") or {}).get("annotations") or {}
    return whole_number(annotations.get(EPOCH), digits=EPOCH_DIGITS) or 0
