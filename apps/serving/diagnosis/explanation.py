"""What a rollout waits for and what will happen next, in a few sentences. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind

# For reasons whose message does not itself say what the rollout waits for.
WAITS: Mapping[str, Message] = {
    Reason.ADMITTED: Message("It waits for a worker to take it up."),
    Reason.WAITING_FOR_ENVIRONMENT: Message(
        "It waits for the environment's namespace to be created."
    ),
    Reason.WAITING_FOR_OBSERVATION: Message("It waits for the cluster to observe the change."),
    Reason.WAITING_FOR_OLD_PODS: Message("It waits for the old pods to end."),
    Reason.WAITING_FOR_DELETION: Message("It waits for everything it deleted to be gone."),
    Reason.CLUSTER_UNAVAILABLE: Message("It waits for the cluster to answer again."),
    Reason.STEP_PAUSE: Message("It pauses, as its steps say."),
    Reason.HANDING_OVER: Message("It waits until the new pods belong to the service's Deployment."),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rollout has got. `returns_to` is the revision it goes back to if it fails."""

    kind: RolloutKind
    phase: Phase
    reason: str
    message: Message
    returns_to: int | None = None
    # It changes the revision, and another ran before.
    replaces_pods: bool = False
    # How many steps there are before all pods are the new ones.
    steps_left: int = 0
    is_aborted: bool = False
    # The deadline counts from when the numbers last got further.
    progressed_at: datetime | None = None
    deadline: timedelta | None = None


def explanation(progress: Progress) -> Message:
    """Return what the present phase waits for and what happens next."""
    if progress.phase in FINISHED:
        return progress.message or Message("No further details are known.")
    if progress.phase is Phase.PAUSED:
        return paused(progress)
    if progress.phase is Phase.ROLLING_BACK:
        return waiting(progress) + returning(progress)
    return waiting(progress) + success(progress) + otherwise(progress)


def paused(progress: Progress) -> Message:
    """Say what a person can decide about a paused rollout."""
    if progress.reason == Reason.AWAITING_PROMOTION:
        return Message(
            "It waits for a person: promote goes on to the next step, promote fully gives all pods "
            "to the new revision, abort returns to revision %(revision)s.",
            revision=progress.returns_to,
        )
    if progress.returns_to is None:
        return Message(
            "It waits for a person: resume continues from here, abort removes what it brought."
        )
    return Message(
        "It waits for a person: resume continues from here, abort returns to revision "
        "%(revision)s.",
        revision=progress.returns_to,
    )


def waiting(progress: Progress) -> Message:
    """Say what the rollout waits for, in its message's words if its reason has none."""
    known, message = WAITS.get(progress.reason), as_ending(progress.message)
    if known:
        return known
    if progress.phase is Phase.ROLLING_BACK and progress.returns_to:
        return Message(
            "It waits for the pods of revision %(revision)s: %(message)s",
            revision=progress.returns_to,
            message=message,
        )
    if progress.kind is RolloutKind.SCALE:
        return Message("It waits for the pods: %(message)s", message=message)
    return Message("It waits for the new pods to be ready: %(message)s", message=message)


def returning(progress: Progress) -> Message:
    """Say how a rollout that is rolling back will end."""
    if progress.is_aborted:
        return Message("Then it ends as Aborted.")
    return Message("Then it ends as Failed, with the service as it was before.")


def success(progress: Progress) -> Message:
    """Say what happens once the wait is over."""
    if progress.kind is RolloutKind.DECOMMISSION:
        return Message("Then it releases its quota and succeeds.")
    if progress.phase is Phase.PENDING:
        return Message("Then it applies the change and follows the pods.")
    if progress.steps_left:
        return Message("Then it goes on to its next step.")
    if progress.replaces_pods and progress.reason != Reason.WAITING_FOR_OLD_PODS:
        return Message("Then the last old pods end and it succeeds.")
    return Message("Then it succeeds.")


def otherwise(progress: Progress) -> Message:
    """Say what happens without progress until the deadline, and when that is."""
    is_planned = progress.reason == Reason.STEP_PAUSE
    if progress.deadline is None or progress.progressed_at is None or is_planned:
        return NOTHING_SAID
    at = f"{progress.progressed_at + progress.deadline:%H:%M:%S}"
    if progress.returns_to is None:
        return Message("Without progress until %(at)s UTC it fails.", at=at)
    return Message(
        "Without progress until %(at)s UTC it goes back to revision %(revision)s.",
        at=at,
        revision=progress.returns_to,
    )


def as_ending(message: Message) -> Message:
    """Return a message as the end of a sentence."""
    return message.ended or Message("no further details are known.")
