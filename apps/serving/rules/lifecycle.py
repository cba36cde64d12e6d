"""The rollout machine's rules: which phase may follow which, and what an observation means.

Pure: the clock is an argument, the cluster is a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from functools import partial

from core.errors import Conflict
from core.messages import Message, counted
from core.reasons import Reason
from serving.deployment import DeploymentState


class RolloutKind(StrEnum):
    """What a rollout changes."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    SCALE = "scale"
    RESTART = "restart"
    DECOMMISSION = "decommission"


class Phase(StrEnum):
    """The coarse state of a rollout; the last three are final."""

    PENDING = "Pending"
    PROGRESSING = "Progressing"
    PAUSED = "Paused"
    ROLLING_BACK = "RollingBack"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ABORTED = "Aborted"


FINISHED = (Phase.SUCCEEDED, Phase.FAILED, Phase.ABORTED)
# What can be tried again, as a rollout of its own.
RETRIABLE = (Phase.FAILED, Phase.ABORTED)

# Every legal phase change; any other is an illegal transition.
EDGES: Mapping[Phase, frozenset[Phase]] = {
    Phase.PENDING: frozenset(
        {Phase.PROGRESSING, Phase.PAUSED, Phase.ROLLING_BACK, Phase.SUCCEEDED, Phase.FAILED}
    ),
    Phase.PROGRESSING: frozenset({Phase.PAUSED, Phase.ROLLING_BACK, Phase.SUCCEEDED, Phase.FAILED}),
    Phase.PAUSED: frozenset({Phase.PROGRESSING, Phase.ROLLING_BACK, Phase.FAILED}),
    Phase.ROLLING_BACK: frozenset({Phase.FAILED, Phase.ABORTED}),
    Phase.SUCCEEDED: frozenset(),
    Phase.FAILED: frozenset(),
    Phase.ABORTED: frozenset(),
}


class Verb(Enum):
    """What a person may ask of a running rollout: the phases it may be in, and where it leads."""

    PAUSE = (
        frozenset({Phase.PENDING, Phase.PROGRESSING}),
        Phase.PAUSED,
        Reason.PAUSED,
        Message("Pause requested."),
    )
    RESUME = (
        frozenset({Phase.PAUSED}),
        Phase.PROGRESSING,
        Reason.RESUMED,
        Message("Resume requested."),
    )
    ABORT = (
        frozenset({Phase.PENDING, Phase.PROGRESSING, Phase.PAUSED}),
        Phase.ROLLING_BACK,
        Reason.ABORTED,
        Message("Abort requested."),
    )
    PROMOTE = (
        frozenset({Phase.PENDING, Phase.PROGRESSING, Phase.PAUSED}),
        Phase.PROGRESSING,
        Reason.PROMOTED,
        Message("Promotion requested."),
    )

    def __init__(
        self, allowed_in: frozenset[Phase], leads_to: Phase, reason: Reason, sentence: Message
    ) -> None:
        self.allowed_in = allowed_in
        self.leads_to = leads_to
        self.reason = reason
        # For the timeline, which names who asked.
        self.sentence = sentence


def check_edge(before: Phase, after: Phase) -> None:
    """Refuse a phase change that is not in `EDGES`."""
    if after not in EDGES[before]:
        raise Conflict(
            Message(
                "A rollout that is %(before)s cannot become %(after)s.",
                before=before.value,
                after=after.value,
            ),
            reason=Reason.ILLEGAL_TRANSITION,
            details={"phase": before.value},
        )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a rollout stands among its steps; one that does not go by steps has none."""

    # How many there are, and how many of them are behind it: from 0 to as many.
    steps: int = 0
    step: int = 0
    # It stands at a pause; if that waits for a person, only a promotion ends it.
    is_at_pause: bool = False
    awaits_promotion: bool = False

    @property
    def left(self) -> int:
        """How many steps there are before all pods are the candidate's."""
        return self.steps - self.step


def check_verb(
    verb: Verb,
    *,
    kind: RolloutKind,
    phase: Phase,
    changes_revision: bool,
    position: Position = Position(),
    is_full: bool = False,
) -> None:
    """Refuse a verb that the rollout's kind, phase or position does not allow.

    `changes_revision` says that its pods are of a different revision from those that ran before:
    only a replacement can be paused on its way. `is_full` asks to skip all steps that are left.
    """
    name = verb.name.lower()
    refusal = partial(verb_refusal, name, phase, goes_by_steps=position.steps > 0)
    if kind is RolloutKind.DECOMMISSION:
        sentence = Message("A decommission deletes objects and cannot be interrupted.")
        raise refusal(sentence)
    if verb is Verb.PAUSE and phase in verb.allowed_in and not changes_revision:
        sentence = Message(
            "A change of the number of pods takes effect at once and cannot be paused. Abort it "
            "instead."
        )
        raise refusal(sentence)
    if phase not in verb.allowed_in:
        raise refusal()
    if verb is Verb.PROMOTE and (why_not := unpromotable(position, is_full=is_full)):
        raise refusal(why_not)
    if verb is Verb.RESUME and position.awaits_promotion:
        sentence = Message("It waits at a step for a decision: promote it, or abort it.")
        raise refusal(sentence)


def unpromotable(position: Position, *, is_full: bool) -> Message | None:
    """Return why a rollout cannot be promoted from where it stands; None if it can."""
    if not position.steps:
        return Message("It does not go by steps, so there is nothing to promote it past.")
    if not position.left:
        return Message("It is past its last step: all pods are becoming the new ones.")
    if not is_full and not position.is_at_pause:
        return Message(
            "It is on its way to step %(step)s. Promote it once it waits there, or promote it "
            "fully.",
            step=position.step + 1,
        )
    return None


def verb_refusal(
    verb: str, phase: Phase, sentence: Message | None = None, *, goes_by_steps: bool = False
) -> Conflict:
    """Return the refusal of a verb, with the verbs that are legal now."""
    legal = [
        other.name.lower()
        for other in Verb
        if phase in other.allowed_in and (goes_by_steps or other is not Verb.PROMOTE)
    ]
    details = {"phase": phase.value, "verb": verb, "legal": legal}
    by_phase = Message("A rollout that is %(phase)s cannot %(verb)s.", phase=phase.value, verb=verb)
    return Conflict(sentence or by_phase, reason=Reason.ILLEGAL_TRANSITION, details=details)


class Outcome(Enum):
    """What an observation of a Deployment means for a rollout."""

    WAIT = auto()
    DONE = auto()
    OVERDUE = auto()


@dataclass(frozen=True, slots=True)
class Target:
    """What the rollout wants to see: this many ready pods of its revision, and no others."""

    replicas: int
    deadline: timedelta


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods of the wanted revision."""

    updated: int = 0
    ready: int = 0
    available: int = 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """The outcome of one look at a Deployment, the reason, and the numbers behind it."""

    outcome: Outcome
    reason: Reason
    message: Message
    # None if nothing is known about the wanted revision's pods yet.
    counts: Counts | None = None
    # How far it has got in each respect; a larger number is further.
    marks: tuple[int, ...] = ()


def assess(
    observed: DeploymentState, plan: Target, *, progressed_at: datetime, now: datetime
) -> Assessment:
    """Judge the progress of a Deployment that is as the rollout applied it.

    Old pods that are ready never count as done: only the wanted revision's pods do.
    """
    waiting = waiting_for(observed, plan)
    if waiting is None:
        message = pods_ready(plan.replicas, plan.replicas)
        return Assessment(Outcome.DONE, Reason.COMPLETED, message, counts_of(observed))
    counts, marks = counts_of(observed), marks_of(observed, plan)
    unfinished = Assessment(Outcome.WAIT, *waiting, counts, marks)
    return in_time_or_overdue(unfinished, since=now - progressed_at, deadline=plan.deadline)


def in_time_or_overdue(waiting: Assessment, *, since: timedelta, deadline: timedelta) -> Assessment:
    """Return an assessment as it is, or as overdue if nothing has got further for too long."""
    if since <= deadline:
        return waiting
    seconds = int(deadline.total_seconds())
    message = Message("No progress for %(seconds)s s.", seconds=seconds) + waiting.message
    reason = Reason.PROGRESS_DEADLINE_EXCEEDED
    return replace(waiting, outcome=Outcome.OVERDUE, reason=reason, message=message)


def marks_of(observed: DeploymentState, plan: Target) -> tuple[int, ...]:
    """Return progress marks: new, ready and available pods, then old and surplus ones negated."""
    counts = counts_of(observed)
    if counts is None:
        return ()
    old = observed.replicas - observed.updated_replicas
    new = (min(count, plan.replicas) for count in (counts.updated, counts.ready, counts.available))
    return (*new, -old, -max(observed.updated_replicas - plan.replicas, 0))


def is_further(marks: Sequence[int], high_water: Sequence[int]) -> bool:
    """Return whether any mark is further than ever: regaining what was lost is no progress."""
    if len(high_water) != len(marks):
        return bool(marks)
    return any(now > ever for now, ever in zip(marks, high_water, strict=True))


def highest(marks: Sequence[int], high_water: Sequence[int]) -> list[int]:
    """Return the furthest mark in each respect."""
    if len(high_water) != len(marks):
        return list(marks or high_water)
    return [max(now, ever) for now, ever in zip(marks, high_water, strict=True)]


def waiting_for(observed: DeploymentState, plan: Target) -> tuple[Reason, Message] | None:
    """Return what is still missing, or None when nothing is."""
    wanted = plan.replicas
    if not observed.is_observed:
        return Reason.WAITING_FOR_OBSERVATION, Message(
            "The cluster has not observed the change yet."
        )
    if observed.updated_replicas < wanted:
        made = observed.updated_replicas
        sentence = Message("%(made)s of %(wanted)s new pods exist.", made=made, wanted=wanted)
        return Reason.WAITING_FOR_PODS, sentence
    if observed.replicas > observed.updated_replicas:
        old = observed.replicas - observed.updated_replicas
        return Reason.WAITING_FOR_OLD_PODS, counted(
            "%(count)s old pod remains.", "%(count)s old pods remain.", count=old
        )
    if observed.updated_replicas > wanted:
        surplus = observed.updated_replicas - wanted
        return Reason.WAITING_FOR_OLD_PODS, counted(
            "%(count)s surplus pod remains.",
            "%(count)s surplus pods remain.",
            count=surplus,
        )
    if observed.available_replicas < wanted:
        ready = observed.available_replicas
        sentence = Message(
            "%(ready)s of %(wanted)s new pods are ready.", ready=ready, wanted=wanted
        )
        return Reason.WAITING_FOR_PODS, sentence
    return None


def pods_ready(ready: int, wanted: int) -> Message:
    """Say how many pods are ready."""
    if ready > wanted:
        return counted(
            "%(count)s pod is ready, where %(wanted)s are wanted.",
            "%(count)s pods are ready, where %(wanted)s are wanted.",
            count=ready,
            wanted=wanted,
        )
    return Message("%(ready)s of %(wanted)s pods are ready.", ready=ready, wanted=wanted)


def counts_of(observed: DeploymentState) -> Counts | None:
    """Return the counts that a rollout shows: the fewest new pods that there can be of each.

    Kubernetes counts ready pods of all revisions together; each old pod may be one of them. Until
    it has observed a change, its numbers are about the spec before that: None.
    """
    if not observed.is_observed:
        return None
    old = observed.replicas - observed.updated_replicas
    new = observed.updated_replicas
    ready, available = (
        # Pods that have gone are still counted for a moment.
        min(max(0, counted - old), new)
        for counted in (observed.ready_replicas, observed.available_replicas)
    )
    return Counts(new, ready, available)
