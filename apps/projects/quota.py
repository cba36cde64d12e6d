"""Quota: what a change may hold at its peak, and a container at least. Pure.

The caller locks the row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from core.errors import Invalid, QuotaExceeded
from core.reasons import Reason
from core.resources import NOTHING, Resources, format_amount, with_unlisted
from core.words import told
from projects.manifests import Bounds


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
    limits = with_unlisted(limits, reserved)
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
    is_listed: bool = True

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
        sentence = told(
            "This needs %(asked)s more %(what)s, and %(left)s of the quota of %(limit)s is left.",
            asked=asked,
            what=what,
            left=left,
            limit=limit,
        )
        return QuotaExceeded(
            sentence if self.is_listed else unlisted(self.resource),
            details={
                "resource": self.resource,
                "gpu_product": self.gpu_product,
                "requested": asked,
                "headroom": left,
                "limit": limit,
            },
        )


def unlisted(resource: str) -> str:
    """Say that a quota has to name what only some nodes have."""
    return told(
        "The quota of this environment does not list %(resource)s, and only CPU, memory and "
        "storage may be used without being listed. Ask whoever sets the quota.",
        resource=resource,
    )


def shortages(limits: Resources, before: Resources, after: Resources) -> Iterator[Shortage]:
    """Yield every limited resource that grows beyond its limit."""
    for name, limit in with_unlisted(limits, after).items():
        was, becomes = before.get(name, 0), after.get(name, 0)
        if becomes > max(was, limit):
            yield Shortage(name, limit, was, becomes, is_listed=name in limits)


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


def refuse_container(
    limits: Resources, bounds: Bounds, *, requests: Resources, stops_at: Resources
) -> None:
    """Refuse a container that no pod of an environment may have, whatever is left of the quota.

    What it does not state it is given; `stops_at` are its own limits.

    Raises:
        QuotaExceeded: it requests what the quota has to list, and does not.
        Invalid: it requests less than the minimum, or more than the limit that it is given.
    """
    for name, amount in requests.extended.items():
        if amount and name not in limits:
            raise Shortage(name, 0, 0, amount, is_listed=False).refusal()
    asked = Resources({**bounds.default_requests, **stops_at, **requests})
    for name, least in bounds.minimum.items():
        if asked.get(name, 0) < least:
            raise below_minimum(name, asked.get(name, 0), least)
    for name, limit in {**bounds.default_limits, **stops_at}.items():
        if asked.get(name, 0) > limit:
            raise above_limit(name, asked[name], limit)


def below_minimum(name: str, asked: int, least: int) -> Invalid:
    """Refuse to request next to nothing, which nobody could count."""
    return Invalid(
        told(
            "A container requests at least %(least)s %(name)s in this environment, and this "
            "requests %(asked)s.",
            least=format_amount(name, least),
            name=name,
            asked=format_amount(name, asked),
        ),
        pointer=pointer_to_request(name),
        reason=Reason.BELOW_MINIMUM,
    )


def above_limit(name: str, asked: int, limit: int) -> Invalid:
    """Refuse a request that its own limit forbids."""
    return Invalid(
        told(
            "The request of %(asked)s %(name)s is above its limit of %(limit)s.",
            asked=format_amount(name, asked),
            name=name,
            limit=format_amount(name, limit),
        ),
        pointer=pointer_to_request(name),
        reason=Reason.REQUESTS_ABOVE_LIMITS,
    )


def pointer_to_request(name: str) -> str:
    """Return where a request stands in the body of a service or a rollout."""
    return f"/resources/requests/{name.replace('/', '~1')}"


def refuse_bounds(bounds: Bounds) -> None:
    """Refuse bounds that no container could meet.

    Raises:
        Invalid: less is given than is asked for, or a limit below the request.
    """
    for name, least in bounds.minimum.items():
        if bounds.default_requests.get(name, 0) < least:
            raise unmet(name, "default_requests", bounds.default_requests, least)
    for name, request in bounds.default_requests.items():
        if bounds.default_limits.get(name, request) < request:
            raise unmet(name, "default_limits", bounds.default_limits, request)


def unmet(name: str, field: str, given: Resources, least: int) -> Invalid:
    """Say that a default is less than it has to be."""
    amounts = {"given": format_amount(name, given.get(name, 0)), "name": name}
    message = told(
        "A default of %(given)s %(name)s is less than the %(least)s that a container requests.",
        **amounts,
        least=format_amount(name, least),
    )
    return Invalid(message, pointer=f"/{field}/{name}")
