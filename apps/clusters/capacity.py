"""Which cards of a fleet are free: a card of which that is not known is never counted as free."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.devices import is_card
from core.resources import NOTHING, Resources

# A GPU model, and the resource name under which Kubernetes hands it out: whole, shared or in parts.
CardKind = tuple[str, str]


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
    idle = installed - requested
    if node.is_ready is None:
        return Cards(requested, unknown=idle, nodes=1)
    if not node.is_ready or node.is_unschedulable:
        return Cards(requested, unavailable=idle, nodes=1)
    free = max(node.allocatable.get(resource, 0) - requested, 0)
    return Cards(requested, free, idle - free, nodes=1)
