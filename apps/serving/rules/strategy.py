"""How pods are replaced: with surge if the quota has room, else one at a time. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import Invalid
from core.messages import Message
from core.resources import Resources
from serving.rules import steps
from serving.rules.steps import FULL_WEIGHT, Pause, Room, Sides, Steps, Weight


class Strategy(StrEnum):
    """The ways to replace pods."""

    ROLLING = "rolling"
    # All old pods stop first.
    RECREATE = "recreate"
    # In steps, by the share of requests that the candidate gets.
    CANARY = "canary"
    # The candidate is whole before all requests are switched to it.
    BLUE_GREEN = "blue_green"


class SplitBy(StrEnum):
    """What decides which share of the requests the candidate gets."""

    REPLICA_RATIO = "replica_ratio"
    SERVICE_SELECTOR = "service_selector"


STEPPED = (Strategy.CANARY, Strategy.BLUE_GREEN)
# On a way back after the candidate has become all there is.
BESIDE = (1, 0)
BOUND_NAMES = frozenset({"max_surge", "max_unavailable"})


@dataclass(frozen=True, slots=True)
class Replacement:
    """One way to replace pods, with its bounds in pods and its steps."""

    max_surge: int = 0
    max_unavailable: int = 0
    type: Strategy = Strategy.ROLLING
    steps: Steps = ()

    def as_json(self) -> dict[str, Any]:
        """Return what a rollout shows as its strategy."""
        bounds = {"max_surge": self.max_surge, "max_unavailable": self.max_unavailable}
        stated = [step.as_json() for step in self.steps]
        return {
            "type": self.type.value,
            **(bounds if self.type in (Strategy.ROLLING, Strategy.CANARY) else {}),
            **({"steps": stated} if self.type in STEPPED else {}),
        }

    @property
    def recreates(self) -> bool:
        """Whether all old pods stop before a new one starts."""
        return self.type is Strategy.RECREATE

    @property
    def is_beside(self) -> bool:
        """Whether the candidate is whole before any request goes to it."""
        return self.type is Strategy.BLUE_GREEN

    @property
    def split_by(self) -> SplitBy:
        return SplitBy.SERVICE_SELECTOR if self.is_beside else SplitBy.REPLICA_RATIO

    @property
    def all_steps(self) -> Steps:
        """The steps before the last, in which all requests go to the candidate."""
        return (Weight(0), *self.steps) if self.is_beside else self.steps

    def goal_at(self, place: int, *, old: int, new: int) -> Sides:
        """Return the pods of both sides that a step leads to."""
        weight = steps.weight_at(self.all_steps, place)
        if self.is_beside and weight < FULL_WEIGHT:
            return Sides(new, old)
        return steps.shares(weight, old=old, new=new)

    def shown_steps(self, *, old: int, new: int) -> list[dict[str, Any]]:
        """Return each step as it is shown: with the pods of both sides, and what share that is."""
        shown = []
        for place, step in enumerate(self.all_steps):
            sides = self.goal_at(place, old=old, new=new)
            lasts = step.lasts if isinstance(step, Pause) else None
            shown.append(
                {
                    "kind": "pause" if isinstance(step, Pause) else "weight",
                    "weight": steps.weight_at(self.all_steps, place),
                    "seconds": lasts.total_seconds() if lasts is not None else None,
                    "candidate_replicas": sides.candidate,
                    "running_replicas": sides.running,
                    "share": 0.0 if self.is_beside else sides.share,
                }
            )
        return shown

    def room(self, *, old: int, new: int) -> Room:
        """Return how many pods of both sides there may be, and how many have to answer."""
        least = max(min(old, new) - self.max_unavailable, 0)
        if self.is_beside:
            return Room(old + new, least)
        return Room(max(old, new) + self.max_surge, least)


def from_json(strategy: dict[str, Any]) -> Replacement:
    """Read back what `as_json` wrote."""
    kind = Strategy(strategy.get("type", Strategy.ROLLING))
    stated = steps.parse_steps(strategy.get("steps", ()), has_weights=kind is Strategy.CANARY)
    if kind is Strategy.BLUE_GREEN:
        return Replacement(*BESIDE, kind, stated)
    bounds = strategy.get("max_surge", 0), strategy.get("max_unavailable", 0)
    return Replacement(*bounds, kind, stated)


def parse(strategy: dict[str, Any], *, replicas: int, running: int = 0) -> list[Replacement]:
    """Return the replacements to try, the gentlest first.

    With no bounds stated: a quarter more pods, then one more, then one fewer at a time.
    `replicas` are to run, and `running` run now.
    """
    kind = Strategy(strategy.get("type", Strategy.ROLLING))
    stated = stated_steps(strategy, kind)
    if kind is Strategy.RECREATE:
        return [Replacement(type=kind)]
    if kind is Strategy.BLUE_GREEN:
        return [Replacement(*BESIDE, kind, stated)]
    if BOUND_NAMES & strategy.keys():
        surge, unavailable = strategy.get("max_surge", 0), strategy.get("max_unavailable", 0)
        if not surge and not unavailable:
            raise Invalid(
                Message("max_surge and max_unavailable cannot both be 0."), pointer="/strategy"
            )
        return [Replacement(surge, unavailable, kind, stated)]
    quarter = -(-replicas // 4)
    surges = sorted({quarter, 1} - {0}, reverse=True)
    bounds = [*((surge, 0) for surge in surges), (0, 1)]
    if kind is Strategy.CANARY and max(replicas, running) == 1:
        # A pod of either side is one more than there is.
        bounds.remove((0, 1))
    return [Replacement(*each, kind, stated) for each in bounds]


def without_steps(stated: dict[str, Any]) -> dict[str, Any]:
    """Return how a change is made that does not go by steps: rolling, within the same bounds."""
    if stated.get("type") not in STEPPED:
        return stated
    return {name: stated[name] for name in BOUND_NAMES & stated.keys()}


def stated_steps(strategy: dict[str, Any], kind: Strategy) -> Steps:
    """Return the steps that a strategy states, or refuse what does not go with its type."""
    stated = strategy.get("steps", [])
    if stated and kind not in STEPPED:
        raise Invalid(Message("Only canary and blue_green go by steps."), pointer="/strategy/steps")
    if kind is Strategy.BLUE_GREEN and BOUND_NAMES & strategy.keys():
        raise Invalid(
            Message("Blue-green has all pods of both sides at once, so it has no bounds."),
            pointer="/strategy",
        )
    parsed = steps.parse_steps(stated, has_weights=kind is Strategy.CANARY)
    if kind is Strategy.CANARY and not (parsed and isinstance(parsed[0], Weight)):
        raise Invalid(
            Message("State the steps of a canary, beginning with a weight."),
            pointer="/strategy/steps",
        )
    return parsed


def refuse_cramped(replacement: Replacement, *, old: int, new: int) -> None:
    """Refuse a canary whose bounds leave no room for a pod of either side."""
    most = replacement.room(old=old, new=new).most
    places = range(len(replacement.steps))
    if any(replacement.goal_at(place, old=old, new=new).total > most for place in places):
        raise Invalid(
            Message("A canary of one replica needs room for a second pod: max_surge of 1."),
            pointer="/strategy/max_surge",
        )


def refuse_inexact(replacement: Replacement, *, old: int, new: int) -> None:
    """Refuse weights that the ratio of so many pods cannot give exactly."""
    for number, step in enumerate(replacement.steps):
        if not isinstance(step, Weight):
            continue
        share = steps.shares(step.percent, old=old, new=new).share or 0
        if share * FULL_WEIGHT != step.percent:
            raise Invalid(
                Message(
                    "%(replicas)s replicas cannot give %(weight)s %%: the closest is %(share)s %%.",
                    replicas=new,
                    weight=step.percent,
                    share=round(share * FULL_WEIGHT),
                ),
                pointer=f"/strategy/steps/{number}/weight",
            )


@dataclass(frozen=True, slots=True)
class Pods:
    """A number of pods of one revision, and what each holds."""

    count: int
    each: Resources


def peak(old: Pods, new: Pods, replacement: Replacement) -> Resources:
    """Return the most that a change can hold at once, on the way there and on the way back.

    A rolling replacement keeps at most `max_surge` pods beyond the larger of both numbers, in any
    mix of old and new; since each mix is linear in the number of old pods, one of the two extreme
    mixes holds the most. Recreating never has both at once, blue-green has both whole.
    """
    if replacement.recreates:
        return (old.each * old.count).most(new.each * new.count)
    most_pods = replacement.room(old=old.count, new=new.count).most
    mostly_old = old.each * old.count + new.each * min(new.count, most_pods - old.count)
    mostly_new = new.each * new.count + old.each * min(old.count, most_pods - new.count)
    return mostly_old.most(mostly_new)
