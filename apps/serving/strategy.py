"""How pods are replaced: surge where the quota has room for it, else one at a time. Pure."""

from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.resources import NOTHING, Resources

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
            f"Strategy {kind!r} is not known. Use rolling or recreate.", pointer="/strategy/type"
        )
    if "max_surge" in strategy or "max_unavailable" in strategy:
        surge, unavailable = strategy.get("max_surge", 0), strategy.get("max_unavailable", 0)
        if not surge and not unavailable:
            raise Invalid("max_surge and max_unavailable cannot both be 0.", pointer="/strategy")
        return [Replacement(surge, unavailable)]
    quarter = -(-replicas // 4)
    surges = sorted({quarter, 1} - {0}, reverse=True)
    return [*(Replacement(max_surge=surge) for surge in surges), Replacement(max_unavailable=1)]


def peak(held: Resources, *, pod: Resources, replicas: int, max_surge: int) -> Resources:
    """Return the most that a change can hold at once, on the way there and on the way back.

    `held` is what the running pods were promised. At most `max_surge` pods exist beyond the
    larger of the old and the new number.
    """
    return held.most(pod * replicas) + (pod * max_surge if max_surge else NOTHING)
