"""What a fleet has free: only what is known to be free counts as free. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.devices import is_card
from core.resources import NOTHING, Resources

# A GPU model, and the resource name under which Kubernetes hands it out: whole, shared or in parts.
CardKind = tuple[str, str]
# How much there is by resource name; None is unknown, and an absent name exists nowhere.
Free = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class SeenNode:
    """Nodes that are alike, as the mirror has them; `is_stale`: the mirror is not the present."""

    gpu_product: str = ""
    capacity: Resources = field(default_factory=lambda: NOTHING)
    allocatable: Resources = field(default_factory=lambda: NOTHING)
    requested: Resources = field(default_factory=lambda: NOTHING)
    is_ready: bool | None = None
    is_unschedulable: bool = False
    is_stale: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards of one kind. Each is counted in exactly one part, so the parts add up to `total`.

    `unavailable` are idle cards that no pod can get: their node is not ready or is cordoned, or the
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

    def __mul__(self, count: int) -> "Cards":
        return Cards(
            self.requested * count,
            self.free * count,
            self.unavailable * count,
            self.unknown * count,
            self.nodes * count,
        )


def free_on(node: SeenNode, resource: str) -> int | None:
    """Return how much of a resource a node could still give to pods; None if that is unknown.

    A node that is not ready or is cordoned gives nothing. Nor does one whose pods ask for more than
    it has left, as after a card failed; its shortage is not subtracted from other nodes.
    """
    if node.is_stale or node.is_ready is None:
        return None
    if not node.is_ready or node.is_unschedulable:
        return 0
    return max(node.allocatable.get(resource, 0) - node.requested.get(resource, 0), 0)


def free_in(nodes: Iterable[SeenNode]) -> Free:
    """Add up what nodes could still give of each resource.

    Nodes where that is unknown add nothing; if it is unknown for all of them, so is the sum.
    """
    free: dict[str, int | None] = {}
    for node in nodes:
        for resource in node.allocatable:
            before, more = free.get(resource), free_on(node, resource)
            free[resource] = before if more is None else (before or 0) + more * node.count
    return free


def count_cards(nodes: Iterable[SeenNode]) -> dict[CardKind, Cards]:
    """Return the cards of a fleet by their kind."""
    counts: dict[CardKind, Cards] = {}
    for node in nodes:
        for resource in node.capacity:
            if is_card(resource):
                kind = node.gpu_product, resource
                counts[kind] = counts.get(kind, Cards()) + cards_on(node, resource) * node.count
    return counts


def cards_on(node: SeenNode, resource: str) -> Cards:
    """Return the cards of one node; on a stale mirror, what pods ask for is unknown too."""
    installed = node.capacity.get(resource, 0)
    if node.is_stale:
        return Cards(unknown=installed, nodes=1)
    requested = min(node.requested.get(resource, 0), installed)
    idle, free = installed - requested, free_on(node, resource)
    if free is None:
        return Cards(requested, unknown=idle, nodes=1)
    # Never more than there are, whatever the node claims to have allocatable.
    free = min(free, idle)
    return Cards(requested, free, idle - free, nodes=1)
