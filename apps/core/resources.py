"""Resources: amounts of compute by Kubernetes resource name, as integers in a declared unit."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from core.devices import DeviceKind, is_card, kind_of
from core.messages import Message
from core.quantities import format_bytes, format_millicores, parse_quantity

CPU, MEMORY, EPHEMERAL_STORAGE = "cpu", "memory", "ephemeral-storage"
# What a quota counts beside what containers request.
PODS = "pods"
MILLI = Decimal("0.001")
EXTENDED_NAME = re.compile(
    r"(?=.{1,253}/)[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)


def unit_of(name: str) -> str:
    """Return the unit in which amounts of a resource are kept.

    Millicores, bytes, pods, devices, or the units of a device's own that its vendor counts it in.
    """
    if name == CPU:
        return "millicores"
    if name in (MEMORY, EPHEMERAL_STORAGE):
        return "bytes"
    if name == PODS:
        return PODS
    return "units" if kind_of(name) is DeviceKind.AMOUNT else "devices"


def parse_amount(name: str, text: object) -> int:
    """Parse one entry of a resource list into its unit.

    Raises:
        ValueError: no quantity, or a fraction of what there is only whole.
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
    """Return whether only whole numbers of a resource exist, as of all that Kubernetes has not."""
    return unit_of(name) in ("devices", "units")


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
        return {name: format_amount(name, self[name]) for name in sorted(self)}

    @property
    def cpu_millicores(self) -> int:
        return self.get(CPU, 0)

    @property
    def memory_bytes(self) -> int:
        return self.get(MEMORY, 0)

    @property
    def extended(self) -> dict[str, int]:
        return {name: amount for name, amount in self.items() if is_extended(name)}

    @property
    def gpu_devices(self) -> int:
        """Return how many cards these are: whole, in slices or in shares."""
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
        return Resources({name: self[name] for name in names if name in self})

    def _combine(self, other: "Resources", operation: Callable[[int, int], int]) -> "Resources":
        names = {**self.amounts, **other.amounts}
        return Resources({n: operation(self.get(n, 0), other.get(n, 0)) for n in names})


NOTHING = Resources()


def of_one_pod(requests: Resources) -> Resources:
    """Return what one pod takes of a quota: what it requests, and a place among the pods."""
    return Resources({**requests, PODS: 1})


def with_unlisted(limits: Resources, names: Iterable[str]) -> Resources:
    """Return limits that also say what they mean for some names.

    CPU, memory and storage every node has, so they are not limited unless they are listed. All
    else only some nodes have, and it is not allowed unless it is listed.
    """
    return Resources({**{name: 0 for name in names if is_extended(name)}, **limits})


def total(parts: Iterable[Resources]) -> Resources:
    """Add up resources."""
    return sum(parts, NOTHING)
