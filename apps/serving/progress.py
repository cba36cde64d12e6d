"""What a rollout waits for and what will happen next, in one sentence. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.reasons import Reason
from serving.lifecycle import FINISHED, Kind, Phase

# What is not said by the message of the rollout itself.
WAITS = {
    Reason.ADMITTED: "a worker to take it up",
    Reason.WAITING_FOR_ENVIRONMENT: "the environment's namespace to be made",
    Reason.WAITING_FOR_OBSERVATION: "the cluster to look at the change",
    Reason.WAITING_FOR_OLD_PODS: "the old pods to end",
    Reason.WAITING_FOR_DELETION: "everything that it deleted to be gone",
    Reason.CLUSTER_UNAVAILABLE: "the cluster to answer again",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rollout is. `returns_to` is the revision it goes back to if it fails."""

    kind: Kind
    phase: Phase
    reason: str
    message: str
    returns_to: int | None = None
    is_aborted: bool = False
    # The deadline counts from when the numbers last moved.
    progressed_at: datetime | None = None
    deadline: timedelta | None = None


def explanation(progress: Progress) -> str:
    """Return what the present phase waits for and what happens next."""
    if progress.phase in FINISHED:
        return f"It is finished: {ended(progress.message)}"
    if progress.phase is Phase.PAUSED:
        back = progress.returns_to
        undone = f"goes back to revision {back}" if back else "takes away what it brought"
        return f"It waits for a person: to resume goes on from here, to abort {undone}."
    if progress.phase is Phase.ROLLING_BACK:
        return f"{waiting(progress)} Then it ends as {returning_to(progress)}."
    return f"{waiting(progress)} Then {success(progress)}. {otherwise(progress)}".strip()


def waiting(progress: Progress) -> str:
    """Say what is waited for; where the reason has no words of its own, the message has."""
    known = WAITS.get(progress.reason)  # type: ignore[call-overload]
    if known:
        return f"It waits for {known}."
    if progress.phase is Phase.ROLLING_BACK and progress.returns_to:
        return f"It waits for the pods of revision {progress.returns_to}: {ended(progress.message)}"
    pods = "the pods" if progress.kind is Kind.SCALE else "the new pods to be ready"
    return f"It waits for {pods}: {ended(progress.message)}"


def returning_to(progress: Progress) -> str:
    """Say how a rollout that goes back will end."""
    return "Aborted" if progress.is_aborted else "Failed, with the service as it was before"


def success(progress: Progress) -> str:
    """Say what comes when the wait is over."""
    if progress.kind is Kind.DECOMMISSION:
        return "it gives the quota back and succeeds"
    if progress.phase is Phase.PENDING:
        return "it tells the cluster and follows the pods"
    is_replacing = progress.kind is not Kind.SCALE and progress.returns_to is not None
    if is_replacing and progress.reason != Reason.WAITING_FOR_OLD_PODS:
        return "the last old pods end and it succeeds"
    return "it succeeds"


def otherwise(progress: Progress) -> str:
    """Say what happens when nothing moves until the deadline, and when that is."""
    if progress.deadline is None or progress.progressed_at is None:
        return ""
    at = f"{progress.progressed_at + progress.deadline:%H:%M:%S} UTC"
    if progress.returns_to is None:
        return f"Without progress until {at} it fails."
    return f"Without progress until {at} it goes back to revision {progress.returns_to}."


def ended(message: str) -> str:
    """Return a message as the end of a sentence."""
    return f"{message.rstrip('. ')}." if message else "nothing more is known."
