"""How a candidate takes over from the revision that runs, step by step. Pure.

Both have pods at once, so the shares of requests are those of ready pods, or all or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.durations import parse_duration
from core.errors import Invalid
from core.messages import Message, counted
from core.reasons import Reason
from serving.rules.lifecycle import (
    Assessment,
    Counts,
    Outcome,
    in_time_or_overdue,
    pods_ready,
)

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(days=7)
FULL_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class Weight:
    """Give the candidate this share of the requests, in percent."""

    percent: int

    def as_json(self) -> dict[str, Any]:
        return {"weight": self.percent}


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for a while, such as `5m`; None waits until a person promotes."""

    stated: str | None

    @property
    def lasts(self) -> timedelta | None:
        return None if self.stated is None else parse_duration(self.stated)

    def as_json(self) -> dict[str, Any]:
        return {"pause": self.stated}


OneStep = Weight | Pause
Steps = tuple[OneStep, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Pods of the candidate, and of the revision that ran before."""

    candidate: int
    running: int

    @property
    def total(self) -> int:
        return self.candidate + self.running

    @property
    def share(self) -> float | None:
        """The candidate's share of requests by the ratio of pods; None where there are none."""
        return self.candidate / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Side:
    """One revision's Deployment: pods asked for, pods there are, and pods that can answer."""

    wanted: int = 0
    existing: int = 0
    ready: int = 0
    available: int = 0


def parse_steps(stated: Sequence[Mapping[str, Any]], *, has_weights: bool) -> Steps:
    """Read stated steps: weights that rise, and pauses; all of the candidate is always the last.

    Raises:
        Invalid: they do not make sense; the pointer says which.
    """
    steps: list[OneStep] = []
    weight = 0
    for number, one in enumerate(stated):
        pointer = f"/strategy/steps/{number}"
        if len(one) != 1:
            sentence = Message("A step is a weight or a pause, not both.")
            raise Invalid(sentence, pointer=pointer)
        if "pause" in one:
            refuse_pause(one["pause"], pointer=f"{pointer}/pause")
            steps.append(Pause(one["pause"]))
            continue
        if not has_weights:
            sentence = Message("Blue-green switches all requests at once. Its steps are pauses.")
            raise Invalid(sentence, pointer=f"{pointer}/weight")
        if not weight < one["weight"] <= FULL_WEIGHT:
            sentence = Message(
                "Weights rise from step to step, from 1 to 100. This is %(weight)s after "
                "%(before)s.",
                weight=one["weight"],
                before=weight,
            )
            raise Invalid(sentence, pointer=f"{pointer}/weight")
        weight = one["weight"]
        steps.append(Weight(weight))
    return tuple(steps)


def refuse_pause(stated: str | None, *, pointer: str) -> None:
    """Refuse a pause that is no duration, or too short or long to be one."""
    if stated is None:
        return
    try:
        lasts = parse_duration(stated)
    except ValueError as error:
        raise Invalid(error.args[0], pointer=pointer) from error
    if not SHORTEST_PAUSE <= lasts <= LONGEST_PAUSE:
        sentence = Message("A pause lasts from 1 s to 7 days, or until somebody promotes: null.")
        raise Invalid(sentence, pointer=pointer)


def weight_at(steps: Steps, place: int) -> int:
    """Return the weight at a step: a pause keeps the one before it; after the last it is 100."""
    if place >= len(steps):
        return FULL_WEIGHT
    weights = (one.percent for one in reversed(steps[: place + 1]) if isinstance(one, Weight))
    return next(weights, 0)


def shares(weight: int, *, old: int, new: int) -> Sides:
    """Return the pods of both sides that come closest to a weight.

    Between nothing and all, either side has at least one pod.
    """
    if weight in (0, FULL_WEIGHT):
        return Sides(0, old) if weight == 0 else Sides(new, 0)
    candidate = min(max(1, rounded(new, weight)), max(new - 1, 1))
    running = max(1, old - max(1, rounded(old, weight)))
    return Sides(candidate, running)


def rounded(count: int, weight: int) -> int:
    """Return a percentage of pods, half a pod counted as one."""
    return (2 * count * weight + FULL_WEIGHT) // (2 * FULL_WEIGHT)


def assess_sides(
    goal: Sides, candidate: Side, running: Side, *, since: timedelta, deadline: timedelta
) -> Assessment:
    """Judge how far both sides are from a goal; nothing got further for `since`."""
    counts = Counts(candidate.existing, candidate.ready, candidate.available)
    waiting = missing(goal, candidate, running)
    if waiting is None:
        message = Message(
            "%(candidate)s new and %(running)s old pods are ready.",
            candidate=goal.candidate,
            running=goal.running,
        )
        return Assessment(Outcome.DONE, Reason.STEP_REACHED, message, counts)
    marks = (
        *(min(count, goal.candidate) for count in (candidate.existing, candidate.available)),
        min(running.available, goal.running),
        -max(candidate.existing - goal.candidate, 0),
        -max(running.existing - goal.running, 0),
    )
    unfinished = Assessment(Outcome.WAIT, *waiting, counts, marks)
    return in_time_or_overdue(unfinished, since=since, deadline=deadline)


def missing(goal: Sides, candidate: Side, running: Side) -> tuple[Reason, Message] | None:
    """Return what is missing at a goal; None if nothing is.

    Whether the pods that ran before are well is not the candidate's affair, unless they are to
    serve alone again.
    """
    if candidate.available < goal.candidate:
        sentence = Message(
            "%(ready)s of %(wanted)s new pods are ready.",
            ready=candidate.available,
            wanted=goal.candidate,
        )
        return Reason.WAITING_FOR_PODS, sentence
    if goal.candidate == 0 and running.available < goal.running:
        return Reason.WAITING_FOR_PODS, pods_ready(running.available, goal.running)
    if running.existing > goal.running:
        return Reason.WAITING_FOR_OLD_PODS, counted(
            "%(count)s old pod remains.",
            "%(count)s old pods remain.",
            count=running.existing - goal.running,
        )
    if candidate.existing > goal.candidate:
        return Reason.WAITING_FOR_OLD_PODS, counted(
            "%(count)s surplus pod remains.",
            "%(count)s surplus pods remain.",
            count=candidate.existing - goal.candidate,
        )
    return None


@dataclass(frozen=True, slots=True)
class Room:
    """How many pods there may be at the most, and how many have to be able to answer."""

    most: int
    least: int


def toward(goal: Sides, candidate: Side, running: Side, room: Room) -> Sides:
    """Return what either side may be told to have now, on the way to a goal.

    A side grows only into room that the other has left, and shrinks only by what the other can
    already answer for: what is wanted of it next depends on what is there, never on what was asked.
    """
    return Sides(
        one_side(goal.candidate, candidate, running, room),
        one_side(goal.running, running, candidate, room),
    )


def one_side(goal: int, side: Side, other: Side, room: Room) -> int:
    """Return what one side may be told to have now."""
    if goal > side.wanted:
        return max(side.wanted, min(goal, room.most - max(other.existing, other.wanted)))
    answering = min(other.available, other.wanted)
    return min(side.wanted, max(goal, room.least - answering))
