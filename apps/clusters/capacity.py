"""What of a fleet is free: what is not known to be free is never counted as free. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.devices import is_card
from core.resources import NOTHING, Resources

# A GPU model, and the resource name under which Kubernetes hands it out: whole, shared or in parts.
CardKind = tuple[str, str]
# How much there is by resource name; None is not known, and a name that is absent is nowhere.
Free = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node as the mirror has it; `is_stale` says that the mirror is not the present."""

    gpu_product: str = ""
    capacity: Resources = field(default_factory=lambda: NOTHING)
    allocatable: Resources = field(default_factory=lambda: NOTHING)
    requested: Resources = field(default_factory=lambda: NOTHING)
    is_ready: bool | None = None
    is_unschedulable: bool = False
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards of one kind. Each is in exactly one part, so that the parts add up to `total`.

    `unavailable` are idle cards that no pod can get: their node is not ready or cordoned, or the
    card itself is unhealthy.
    """

    requested: int = 0
    free: int = 0
    unavailable: int = 0
    unknown: int = 0
    nodes: int = 0

    @property
    def total(self) -> int:
        return self.requested + self.free + self.unavailable + self.unknown

    def __add__(self, other: "Cards") -> "Cards":
        return Cards(
            self.requested + other.requested,
            self.free + other.free,
            self.unavailable + other.unavailable,
            self.unknown + other.unknown,
            self.nodes + other.nodes,
        )


def free_on(node: SeenNode, resource: str) -> int | None:
    """Return how much of a resource a node would still give to pods; None where nobody knows.

    A node that is not ready or cordoned gives nothing. Nor does one whose pods ask for more than it
    has left, as after a card failed; what is missing there is missing nowhere else.
    """
    if node.is_stale or node.is_ready is None:
        return None
    if not node.is_ready or node.is_unschedulable:
        return 0
    return max(node.allocatable.get(resource, 0) - node.requested.get(resource, 0), 0)


def free_in(nodes: Iterable[SeenNode]) -> Free:
    """Add up what nodes would still give of each resource.

    Those of which that is not known add nothing; where it is known of none, neither is the sum.
    """
    free: dict[str, int | None] = {}
    for node in nodes:
        for resource in node.allocatable:
            before, more = free.get(resource), free_on(node, resource)
            free[resource] = before if more is None else (before or 0) + more
    return free


def count_cards(nodes: Iterable[SeenNode]) -> dict[CardKind, Cards]:
    """Return the cards of a fleet by their kind."""
    counts: dict[CardKind, Cards] = {}
    for node in nodes:
        for resource in node.capacity:
            if is_card(resource):
                kind = node.gpu_product, resource
                counts[kind] = counts.get(kind, Cards()) + cards_on(node, resource)
    return counts


def cards_on(node: SeenNode, resource: str) -> Cards:
    """Return the cards of one node; what pods ask for of an old mirror is not known either."""
    installed = node.capacity.get(resource, 0)
    if node.is_stale:
        return Cards(unknown=installed, nodes=1)
    requested = min(node.requested.get(resource, 0), installed)
    idle, free = installed - requested, free_on(node, resource)
    if free is None:
        return Cards(requested, unknown=idle, nodes=1)
    # No more than there are, whatever a node says that it can give.
    free = min(free, idle)
    return Cards(requested, free, idle - free, nodes=1)
