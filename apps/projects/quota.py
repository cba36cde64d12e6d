"""Quota: what a change may hold at its peak. Pure; the caller locks the row."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from core.errors import QuotaExceeded
from core.resources import NOTHING, Resources, format_amount
from core.words import told


@dataclass(frozen=True, slots=True)
class Claim:
    """What one model service asks to hold, and on which GPU product."""

    resources: Resources = NOTHING
    gpu_product: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """An environment's limits and what has been promised of them."""

    limits: Resources = NOTHING
    reserved: Resources = NOTHING
    gpu_products: dict[str, int] = field(default_factory=dict)
    reserved_gpu_products: dict[str, int] = field(default_factory=dict)


def headroom(limits: Resources, reserved: Resources) -> Resources:
    """Return what the environment may still request before it reaches its quota.

    A negative component means the limit was lowered below what is reserved; it is returned as it
    is, so that callers can show by how much. A resource without a limit has no headroom to show.

    Units: CPU in millicores, memory in bytes, extended resources in whole devices.
    Source: `requests.*` of a ResourceQuota, kubernetes.io/docs/concepts/policy/resource-quotas
    """
    return limits - reserved.only(limits)


def admit(allowance: Allowance, *, held: Claim, wanted: Claim) -> Allowance:
    """Exchange what a service holds for what it wants, and return the new allowance.

    Only growth is refused: under a limit that was lowered, a service may keep what it has or
    give some back.

    Raises:
        QuotaExceeded: a resource grows beyond its limit; names the one that misses most of it.
    """
    after = exchange(allowance, held=held, wanted=wanted)
    refusals = [
        *shortages(allowance.limits, allowance.reserved, after.reserved),
        *product_shortages(allowance, after.reserved_gpu_products),
    ]
    if refusals:
        raise max(refusals, key=lambda shortage: shortage.missing_ratio).refusal()
    return after


def exchange(allowance: Allowance, *, held: Claim, wanted: Claim) -> Allowance:
    """Return the allowance with one claim in place of another, whether or not it fits."""
    reserved = allowance.reserved - held.resources + wanted.resources
    products = exchanged_products(allowance.reserved_gpu_products, held, wanted)
    return replace(allowance, reserved=without_zeros(reserved), reserved_gpu_products=products)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A resource of which more is wanted than is left."""

    resource: str
    limit: int
    before: int
    after: int
    gpu_product: str = ""

    @property
    def missing_ratio(self) -> float:
        """Return how far beyond the limit, relative to it."""
        return (self.after - self.limit) / max(self.limit, 1)

    def refusal(self) -> QuotaExceeded:
        """Say which resource, how much more was asked for, and how much is left."""
        asked = format_amount(self.resource, self.after - self.before)
        left = format_amount(self.resource, self.limit - self.before)
        limit = format_amount(self.resource, self.limit)
        what = f"{self.resource} on {self.gpu_product}" if self.gpu_product else self.resource
        return QuotaExceeded(
            told(
                "This needs %(asked)s more %(what)s, and %(left)s of the quota of %(limit)s is "
                "left.",
                asked=asked,
                what=what,
                left=left,
                limit=limit,
            ),
            details={
                "resource": self.resource,
                "gpu_product": self.gpu_product,
                "requested": asked,
                "headroom": left,
                "limit": limit,
            },
        )


def shortages(limits: Resources, before: Resources, after: Resources) -> Iterator[Shortage]:
    """Yield every limited resource that grows beyond its limit."""
    for name, limit in limits.items():
        was, becomes = before.get(name, 0), after.get(name, 0)
        if becomes > max(was, limit):
            yield Shortage(name, limit, was, becomes)


def product_shortages(allowance: Allowance, after: dict[str, int]) -> Iterator[Shortage]:
    """Yield every limited GPU product that grows beyond its limit."""
    for product, limit in allowance.gpu_products.items():
        was = allowance.reserved_gpu_products.get(product, 0)
        becomes = after.get(product, 0)
        if becomes > max(was, limit):
            yield Shortage("nvidia.com/gpu", limit, was, becomes, product)


def exchanged_products(reserved: dict[str, int], held: Claim, wanted: Claim) -> dict[str, int]:
    """Move GPUs between products as a claim changes; claims without a product do not count."""
    after = dict(reserved)
    for claim, sign in ((held, -1), (wanted, 1)):
        if claim.gpu_product:
            moved = after.get(claim.gpu_product, 0) + sign * claim.resources.gpu_devices
            after[claim.gpu_product] = moved
    return {product: count for product, count in after.items() if count}


def without_zeros(resources: Resources) -> Resources:
    """Drop what nobody holds any more."""
    return Resources({name: amount for name, amount in resources.items() if amount})
