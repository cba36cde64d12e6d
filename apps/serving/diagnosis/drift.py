"""What a service's drift means for its health, and drift in its pods. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from clusters.differences import Entry
from clusters.drift import Difference, Path
from clusters.labels import EPOCH
from clusters.observed import number_in_label
from core.messages import Message, counted
from core.reasons import Reason
from serving.deployment import EPOCH_DIGITS
from serving.diagnosis.health import Drift
from serving.rules.takeover import BY_NAME

# No service gets this far: an epoch this much later was made up, and is not continued from.
MADE_UP = 10**15
EPOCH_FIELD = f"metadata.annotations.{EPOCH}"
AUTOSCALER, POD_KIND = "HorizontalPodAutoscaler", "Pod"
MODEL_IMAGE: Path = ("spec", "containers", BY_NAME, "image")


def summary(entries: Sequence[Entry]) -> Drift | None:
    """Return drift as a service's health reports it; None if there is none."""
    if not entries:
        return None
    count = counted(
        "It differs from what was rolled out in %(count)s place.",
        "It differs from what was rolled out in %(count)s places.",
        count=len(entries),
    )
    epochs = next((e for e in entries if e["field"] == EPOCH_FIELD), None)
    wanted, found = (
        (number_in_label(epochs[side], digits=EPOCH_DIGITS) for side in ("wanted", "found"))
        if epochs
        else (None, None)
    )
    # `kubectl rollout undo` brings back an old annotation of ours, with itself as the manager.
    is_undone = epochs is not None and bool(epochs["manager"])
    if wanted is None or found is None:
        return Drift(Reason.DRIFTED, count)
    if is_later(found, wanted) or (found < wanted and not is_undone):
        return Drift(Reason.BACKUP_RESTORED, whose_backup(wanted, found) + count)
    return Drift(Reason.DRIFTED, count)


def whose_backup(known: int, seen: int) -> Message:
    """Say which side was set back, as the database knows one epoch and the cluster another."""
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
    """Return which pods, given as (name, image), were created to run another image than `image`.

    The same digest under another name, such as a registry mirror's, is the same image. A blank
    image is unknown.
    """
    content = image.rpartition("@")[2]
    return [
        Difference(POD_KIND, name, MODEL_IMAGE, image, found)
        for name, found in pods
        if found and found.rpartition("@")[2] != content
    ]


def stray(name: str, created_at: datetime) -> Difference:
    """Return the difference that somebody else's pod receives a service's requests."""
    return Difference(POD_KIND, name, (), None, "present", since=created_at.isoformat())


def is_later(seen: int, known: int) -> bool:
    """Return whether a cluster was written in a later epoch than is known here."""
    return 0 < seen - known < MADE_UP


def seen_epoch(deployment: Mapping[str, Any]) -> int:
    """Return the epoch that a Deployment states; the other objects have none."""
    annotations = (deployment.get("metadata") or {}).get("annotations") or {}
    return number_in_label(annotations.get(EPOCH), digits=EPOCH_DIGITS) or 0
