"""Resources: amounts of compute by Kubernetes resource name, as integers in a declared unit."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from core.devices import DeviceKind, device_kind, is_card
from core.messages import Message
from core.quantities import format_bytes, format_millicores, parse_quantity, quantity_text

CPU, MEMORY, EPHEMERAL_STORAGE = "cpu", "memory", "ephemeral-storage"
# What a quota counts besides what containers request.
PODS = "pods"
MILLI = Decimal("0.001")
EXTENDED_NAME = re.compile(
    r"(?=.{1,253}/)[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)


def unit_of(name: str) -> str:
    """Return the unit in which amounts of a resource are kept.

    Millicores, bytes, pods, devices, or the vendor's own units for amounts of a device.
    """
    if name == CPU:
        return "millicores"
    if name in (MEMORY, EPHEMERAL_STORAGE):
        return "bytes"
    if name == PODS:
        return PODS
    return "units" if device_kind(name) is DeviceKind.AMOUNT else "devices"


def parse_amount(name: str, text: object) -> int:
    """Parse one entry of a resource list into its unit.

    Raises:
        ValueError: not a quantity, or a fraction of something that exists only as a whole.
    """
    return parse_text(name, quantity_text(text))


@lru_cache(maxsize=4096)
def parse_text(name: str, text: str) -> int:
    """Parse an amount's text once: thousands of pods state the same few.

    Raises:
        ValueError: as of `parse_amount`.
    """
    if unit_of(name) == "millicores":
        return parse_quantity(text, unit=MILLI)
    amount = parse_quantity(text)
    if unit_of(name) != "bytes" and amount * 1000 != parse_quantity(text, unit=MILLI):
        raise ValueError(Message("%(name)s is counted in whole numbers.", name=name))
    return amount


@lru_cache(maxsize=4096)
def format_amount(name: str, amount: int) -> str:
    """Write an amount as Kubernetes does; a negative headroom keeps its sign."""
    if amount < 0:
        return f"-{format_amount(name, -amount)}"
    formats: dict[str, Callable[[int], str]] = {
        "millicores": format_millicores,
        "bytes": format_bytes,
        PODS: str,
        "devices": str,
        "units": str,
    }
    return formats[unit_of(name)](amount)


def is_extended(name: str) -> bool:
    """Return whether a resource exists in whole numbers only, as all but Kubernetes' own do."""
    return unit_of(name) in ("devices", "units")


@lru_cache(maxsize=1024)
def is_resource_name(name: str) -> bool:
    """Return whether a container may request a resource of this name."""
    return name in (CPU, MEMORY, EPHEMERAL_STORAGE) or bool(EXTENDED_NAME.fullmatch(name))


@dataclass(frozen=True, slots=True, eq=False)
class Resources(Mapping[str, int]):
    """Amounts by resource name. A name that is absent was not stated, which is not zero.

    Units: CPU in millicores, memory in bytes, extended resources in whole numbers.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, resource_list: Mapping[str, object], *, also: Collection[str] = ()
    ) -> "Resources":
        """Read a Kubernetes resource list such as `{"cpu": "500m", "nvidia.com/gpu": 1}`."""
        unknown = [n for n in resource_list if not (n in also or is_resource_name(n))]
        if unknown:
            raise ValueError(Message("'%(name)s' is not a resource name.", name=unknown[0]))
        return cls({name: parse_amount(name, text) for name, text in resource_list.items()})

    def canonical(self) -> dict[str, str]:
        """Return the resource list in the one spelling we answer with."""
        return {name: format_amount(name, self.amounts[name]) for name in sorted(self.amounts)}

    @property
    def extended(self) -> dict[str, int]:
        return {name: amount for name, amount in self.items() if is_extended(name)}

    @property
    def gpu_devices(self) -> int:
        """How many cards these are: whole, in slices or in shares."""
        return sum(amount for name, amount in self.items() if is_card(name))

    def __getitem__(self, name: str) -> int:
        return self.amounts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.amounts)

    def __len__(self) -> int:
        return len(self.amounts)

    def __hash__(self) -> int:
        return hash(frozenset(self.amounts.items()))

    def __add__(self, other: "Resources") -> "Resources":
        return self._combine(other, lambda mine, its: mine + its)

    def __sub__(self, other: "Resources") -> "Resources":
        return self._combine(other, lambda mine, its: mine - its)

    def __mul__(self, factor: int) -> "Resources":
        return Resources({name: amount * factor for name, amount in self.items()})

    def most(self, other: "Resources") -> "Resources":
        """Return the larger amount of each resource."""
        return self._combine(other, max)

    def least(self, other: "Resources") -> "Resources":
        """Return the smaller amount of each resource; what is absent on one side is 0."""
        return self._combine(other, min)

    def only(self, names: Iterable[str]) -> "Resources":
        """Keep the named resources."""
        amounts = self.amounts
        return Resources({name: amounts[name] for name in names if name in amounts})

    def _combine(self, other: "Resources", operation: Callable[[int, int], int]) -> "Resources":
        mine, its = self.amounts, other.amounts
        names = {**mine, **its}
        return Resources({n: operation(mine.get(n, 0), its.get(n, 0)) for n in names})


NOTHING = Resources()


def of_one_pod(requests: Resources) -> Resources:
    """Return what one pod takes of a quota: what it requests, and itself as a pod."""
    return Resources({**requests, PODS: 1})


def with_unlisted(limits: Resources, names: Iterable[str]) -> Resources:
    """Return limits that also state what they imply for some names.

    Every node has CPU, memory and storage, so these are not limited unless they are listed. Only
    some nodes have anything else, so that is not allowed unless it is listed.
    """
    return Resources({**{name: 0 for name in names if is_extended(name)}, **limits})


def total(parts: Iterable[Resources]) -> Resources:
    """Add up resources."""
    amounts: dict[str, int] = {}
    for part in parts:
        for name, amount in part.amounts.items():
            amounts[name] = amounts.get(name, 0) + amount
    return Resources(amounts)
