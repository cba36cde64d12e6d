"""What holds up a deletion: whose finalizers, which node. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.messages import NOTHING_SAID, Message

# The garbage collector's own finalizers; the objects that it waits for are named themselves.
OF_THE_COLLECTOR = frozenset({"foregroundDeletion", "orphan"})
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Remnant:
    """An object that is terminating and still there."""

    kind: str
    name: str
    finalizers: tuple[str, ...] = ()
    node: str = ""


def held_up(left: Iterable[Remnant], lost_nodes: Collection[str]) -> Message:
    """Say what holds up each object, naming a few; say nothing if nothing is known."""
    holds = [hold for one in left if (hold := hold_of(one, lost_nodes))]
    more = len(holds) - MOST_NAMED
    message = sum(holds[:MOST_NAMED], NOTHING_SAID)
    return message + Message("And %(more)s more.", more=more) if more > 0 else message


def hold_of(one: Remnant, lost_nodes: Collection[str]) -> Message:
    """Say what holds up one object: its first finalizer, or a node that does not answer."""
    finalizer = next((name for name in one.finalizers if name not in OF_THE_COLLECTOR), None)
    if finalizer:
        return Message(
            "%(kind)s %(name)s waits for finalizer %(finalizer)s.",
            kind=one.kind,
            name=one.name,
            finalizer=finalizer,
        )
    if one.node in lost_nodes:
        return Message(
            "Pod %(name)s cannot end while its node %(node)s is not ready.",
            name=one.name,
            node=one.node,
        )
    return NOTHING_SAID
