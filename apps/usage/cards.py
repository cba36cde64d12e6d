"""Attributes the figures of cards to pods: each card once, or as unknown. Pure.

The exporter reports the figure of a whole card for every pod that shares it, writes numbers of its
own for what it does not know, and may be scraped twice. So a card's figures are read once and
shared out equally, and no figure is better than a wrong one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.devices import DeviceKind, device_kind, is_measured, mig_profile, mig_resource
from core.resources import NOTHING, Resources
from prometheus.queries import MEBIBYTE, MEMORY_TOTAL, MEMORY_USED, MOST, PERCENT, RATIO, TOLERANCE

GPU, GPU_MEMORY = "nvidia.com/gpu", "nvidia.com/gpu.memory"

# A pod by its namespace and name.
PodName = tuple[str, str]
Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Card:
    """A card, or a MIG slice of one; without a UUID, cards of different holders are different."""

    name: str
    holder: PodName | None = None
    instance: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One pod's part of a card's figures: an equal part if several pods share the card.

    Units: `duty` in cards at work, memory in bytes; None is unknown.
    """

    card: Card
    holder: PodName | None
    of_pods: int
    duty: float | None
    memory_bytes: float | None


# A card that a pod holds, but that is not reported.
MISSING = Part(Card(""), None, 1, None, None)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a resource a pod uses; None is unknown."""

    value: float | None
    is_shared: bool = False

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(added(self.value, other.value), self.is_shared or other.is_shared)


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Cards of one resource that name no pod of ours, and what they do."""

    cards: float = 0.0
    duty: float | None = 0.0
    memory_bytes: float | None = 0.0

    def plus(self, part: Part) -> "Unattributed":
        return Unattributed(
            self.cards + 1 / part.of_pods,
            added(self.duty, part.duty),
            added(self.memory_bytes, part.memory_bytes),
        )


@dataclass(frozen=True, slots=True)
class Attribution:
    """What pods use, by pod and resource; and the cards that belong to no pod of ours.

    The latter is None if no card was reported, since then none is known of.
    """

    amounts: dict[tuple[PodName, str], Amount] = field(default_factory=dict)
    unattributed: dict[str, Unattributed] | None = None


def attribute(parts: Sequence[Part], held: Mapping[PodName, Resources]) -> Attribution:
    """Book each part under the resource that its pod holds, and parts of no pod of ours apart."""
    booked: dict[tuple[PodName, str], list[Part]] = defaultdict(list)
    unattributed: dict[str, Unattributed] = {}
    for part in parts:
        resource = resource_of_card(part, held)
        if part.holder is None or resource is None:
            put_unattributed(unattributed, part)
        else:
            booked[part.holder, resource].append(part)
    amounts: dict[tuple[PodName, str], Amount] = {}
    for (pod, resource), own in booked.items():
        is_complete = tells_of_all(own, resource, held[pod][resource])
        put_amounts(amounts, pod, resource, [*own] if is_complete else [*own, MISSING])
    return Attribution(amounts, unattributed if parts else None)


def tells_of_all(parts: Sequence[Part], resource: str, count: int) -> bool:
    """Return whether every card that a pod holds is reported; shares may be of the same card."""
    is_shared = device_kind(resource) is DeviceKind.SHARE or any(part.of_pods > 1 for part in parts)
    return is_shared or len(parts) >= count or not all(part.card.name for part in parts)


def put_amounts(
    amounts: dict[tuple[PodName, str], Amount], pod: PodName, resource: str, parts: Iterable[Part]
) -> None:
    """Add up what a pod uses of one resource, and of the memory of all its cards."""
    for part in parts:
        for name, value in ((resource, part.duty), (GPU_MEMORY, part.memory_bytes)):
            before = amounts.get((pod, name), Amount(0.0))
            amounts[pod, name] = before + Amount(value, is_shared=part.of_pods > 1)


def resource_of_card(part: Part, held: Mapping[PodName, Resources]) -> str | None:
    """Return the resource, of those that a pod holds, that a card belongs to.

    A slice has that of its profile, or that of whole cards if all slices of a node are alike.
    """
    if part.holder is None:
        return None
    names = measured_in(held.get(part.holder, NOTHING))
    own = [name for name in names if mig_profile(name) == part.card.profile.replace("+", ".")]
    return next(iter([*own, *(name for name in names if not mig_profile(name))]), None)


def measured_in(requests: Resources) -> list[str]:
    """Return the resources of a pod whose use the exporter knows."""
    return sorted(name for name, amount in requests.items() if amount and is_measured(name))


def put_unattributed(found: dict[str, Unattributed], part: Part) -> None:
    """Count a card that belongs to no pod of ours; a series that names no card is none."""
    if part.card.name:
        resource = mig_resource(part.card.profile) if part.card.profile else GPU
        found[resource] = found.get(resource, Unattributed()).plus(part)


def parts_of(samples: Iterable[tuple[Mapping[str, str], float]]) -> list[Part]:
    """Return the parts of every card; for a sliced card, those of its slices."""
    cards = figures_by_card(samples)
    sliced = {(card.name, card.holder) for card in cards if card.instance}
    whole = {
        card: figures
        for card, figures in cards.items()
        if card.instance or (card.name, card.holder) not in sliced
    }
    return [part for card, figures in whole.items() for part in parts_of_card(card, figures)]


def figures_by_card(
    samples: Iterable[tuple[Mapping[str, str], float]],
) -> dict[Card, dict[PodName | None, Figures]]:
    """Return each card's figures by its holders; of two scrapes the larger figure is taken."""
    cards: dict[Card, dict[PodName | None, Figures]] = defaultdict(lambda: defaultdict(dict))
    for labels, value in samples:
        holder, metric = holder_of(labels), labels.get("metric", "")
        figures = cards[card_of(labels, holder)][holder]
        figures[metric] = larger(figures.get(metric), possible(metric, value))
    return cards


def holder_of(labels: Mapping[str, str]) -> PodName | None:
    """Return the pod of a series, from `exported_pod` if the scrape kept its own labels."""
    namespace = labels.get("exported_namespace") or labels.get("namespace", "")
    pod = labels.get("exported_pod") or labels.get("pod", "")
    return (namespace, pod) if pod else None


def card_of(labels: Mapping[str, str], holder: PodName | None) -> Card:
    """Return the card that a series is about."""
    slice_of = labels.get("GPU_I_ID", ""), labels.get("GPU_I_PROFILE", "")
    if uuid := labels.get("UUID"):
        return Card(uuid, None, *slice_of)
    index = labels.get("gpu", "")
    if holder is None and index:
        return Card(f"{labels.get('Hostname', '')}/{index}", None, *slice_of)
    return Card(index, holder, *slice_of)


def possible(metric: str, value: float) -> float | None:
    """Return a value if a card can have it; None for a blank, NaN or anything impossible."""
    return value if 0 <= value <= MOST.get(metric, 0) else None


def parts_of_card(card: Card, figures: Mapping[PodName | None, Figures]) -> Iterator[Part]:
    """Share out a card's figures; a second scrape that names no holder gets no part of them."""
    named = [holder for holder in figures if holder is not None]
    holders: list[PodName | None] = [*named] or [*figures]
    for holder in holders:
        duty, memory = duty_of(figures[holder]), memory_bytes_of(figures[holder])
        count = len(holders)
        yield Part(card, holder, count, shared_by(count, duty), shared_by(count, memory))


def duty_of(figures: Figures) -> float | None:
    """Return how much of a card is at work: as profiled, or else the utilisation percentage."""
    ratio, percent = figures.get(RATIO), figures.get(PERCENT)
    if ratio is None and percent is not None:
        ratio = percent / 100
    return None if ratio is None else min(ratio, 1.0)


def memory_bytes_of(figures: Figures) -> float | None:
    """Return the frame buffer in use; None if it is unknown, or more than the card says it has."""
    used, most = figures.get(MEMORY_USED), figures.get(MEMORY_TOTAL)
    if used is None or (most is not None and used > most * TOLERANCE):
        return None
    return used * MEBIBYTE


def shared_by(count: int, value: float | None) -> float | None:
    """Return one of `count` equal parts."""
    return None if value is None else value / count


def larger(one: float | None, other: float | None) -> float | None:
    """Return the larger of two numbers, or the one that there is."""
    return max((value for value in (one, other) if value is not None), default=None)


def added(one: float | None, other: float | None) -> float | None:
    """Add two numbers; if one is unknown, so is the sum."""
    return None if one is None or other is None else one + other
