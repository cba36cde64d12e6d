"""What holds up a deletion: whose finalizers, which node. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.words import kept, named

# What the garbage collector waits with; what it waits for is named itself.
OF_THE_COLLECTOR = frozenset({"foregroundDeletion", "orphan"})
WAITS = {
    "Deployment": kept("Deployment %s waits for finalizer %s."),
    "ReplicaSet": kept("ReplicaSet %s waits for finalizer %s."),
    "Pod": kept("Pod %s waits for finalizer %s."),
    "Service": kept("Service %s waits for finalizer %s."),
    "PodDisruptionBudget": kept("PodDisruptionBudget %s waits for finalizer %s."),
}
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Remnant:
    """An object that has been told to go and is still there."""

    kind: str
    name: str
    finalizers: tuple[str, ...] = ()
    node: str = ""


def held_up(left: Iterable[Remnant], lost_nodes: Collection[str]) -> list[str]:
    """Say what holds up each object, a few of them by name; nothing where nothing is known."""
    holds = [hold for one in left if (hold := hold_of(one, lost_nodes))]
    more = len(holds) - MOST_NAMED
    rest = [kept("And %s more.") % more] if more > 0 else []
    return [*holds[:MOST_NAMED], *rest]


def hold_of(one: Remnant, lost_nodes: Collection[str]) -> str:
    """Say what holds up one object: its first finalizer, or a node that does not answer."""
    finalizer = next((name for name in one.finalizers if name not in OF_THE_COLLECTOR), None)
    if finalizer:
        return WAITS[one.kind] % (named(one.name), named(finalizer))
    if one.node in lost_nodes:
        ended = kept("Pod %s cannot end while its node %s is not ready.")
        return ended % (named(one.name), named(one.node))
    return ""
