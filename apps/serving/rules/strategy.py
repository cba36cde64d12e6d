"""How pods are replaced: with surge if the quota has room, else one at a time. Pure."""

from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.messages import Message
from core.resources import Resources

ROLLING, RECREATE = "rolling", "recreate"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Bounds of a replacement, in pods; `recreate` stops all old pods first."""

    max_surge: int = 0
    max_unavailable: int = 0
    recreate: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what a rollout shows as its strategy."""
        if self.recreate:
            return {"type": RECREATE}
        bounds = {"max_surge": self.max_surge, "max_unavailable": self.max_unavailable}
        return {"type": ROLLING, **bounds}


def from_json(strategy: dict[str, Any]) -> Replacement:
    """Read back what `as_json` wrote."""
    if strategy.get("type") == RECREATE:
        return Replacement(recreate=True)
    return Replacement(strategy.get("max_surge", 0), strategy.get("max_unavailable", 0))


def parse(strategy: dict[str, Any], *, replicas: int) -> list[Replacement]:
    """Return the replacements to try, the gentlest first.

    With no bounds stated: a quarter more pods, then one more, then one fewer at a time.
    """
    kind = strategy.get("type", ROLLING)
    if kind == RECREATE:
        return [Replacement(recreate=True)]
    if kind != ROLLING:
        raise Invalid(
            Message("Strategy '%(kind)s' is unknown. Use rolling or recreate.", kind=kind),
            pointer="/strategy/type",
        )
    if "max_surge" in strategy or "max_unavailable" in strategy:
        surge, unavailable = strategy.get("max_surge", 0), strategy.get("max_unavailable", 0)
        if not surge and not unavailable:
            raise Invalid(
                Message("max_surge and max_unavailable cannot both be 0."), pointer="/strategy"
            )
        return [Replacement(surge, unavailable)]
    quarter = -(-replicas // 4)
    surges = sorted({quarter, 1} - {0}, reverse=True)
    return [*(Replacement(max_surge=surge) for surge in surges), Replacement(max_unavailable=1)]


@dataclass(frozen=True, slots=True)
class Pods:
    """A number of pods of one revision, and what each holds."""

    count: int
    each: Resources


def peak(old: Pods, new: Pods, replacement: Replacement) -> Resources:
    """Return the most that a change can hold at once, on the way there and on the way back.

    A rolling replacement keeps at most `max_surge` pods beyond the larger of both numbers, in any
    mix of old and new; since each mix is linear in the number of old pods, one of the two extreme
    mixes holds the most. Recreating never has both at once.
    """
    if replacement.recreate:
        return (old.each * old.count).most(new.each * new.count)
    most_pods = max(old.count, new.count) + replacement.max_surge
    mostly_old = old.each * old.count + new.each * min(new.count, most_pods - old.count)
    mostly_new = new.each * new.count + old.each * min(old.count, most_pods - new.count)
    return mostly_old.most(mostly_new)
