"""Quota: how much a change may hold at its peak, and the least a container requests. Pure.

The caller locks the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.errors import Invalid, QuotaExceeded
from core.messages import Message
from core.reasons import Reason
from core.resources import NOTHING, Resources, format_amount, with_unlisted
from projects.manifests import Bounds


@dataclass(frozen=True, slots=True)
class Share:
    """What one service holds of a quota, or asks to hold, and on which GPU product."""

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


@dataclass(frozen=True, slots=True)
class Need:
    """What a change needs of one resource, or of one GPU product.

    Units: CPU in millicores, memory in bytes, extended resources in whole devices.
    """

    resource: str
    # What the service holds, and what it holds at the peak of the change.
    held: int
    peak: int
    limit: int | None
    # What all services of the environment hold.
    reserved: int
    gpu_product: str = ""
    is_listed: bool = True

    @property
    def more(self) -> int:
        """How much more than it holds the service needs."""
        return self.peak - self.held

    @property
    def left(self) -> int | None:
        """How much more the quota has; negative if the limit was lowered below what is held."""
        return None if self.limit is None else self.limit - self.reserved

    @property
    def fits(self) -> bool:
        """Whether the quota has room. Only growth is refused: what is held may be kept."""
        return self.left is None or self.more <= max(self.left, 0)

    @property
    def missing_ratio(self) -> float:
        """How far the change goes beyond the limit, relative to the limit."""
        limit = self.limit or 0
        return (self.reserved + self.more - limit) / max(limit, 1)

    def refusal(self) -> QuotaExceeded:
        """Say which resource, how much more was asked for, and how much is left."""
        asked = format_amount(self.resource, self.more)
        left = format_amount(self.resource, self.left or 0)
        limit = format_amount(self.resource, self.limit or 0)
        if not self.is_listed:
            message = unlisted(self.resource)
        elif self.gpu_product:
            message = Message(
                "This needs %(asked)s more %(what)s on %(product)s, but only %(left)s of the quota "
                "of %(limit)s is left.",
                asked=asked,
                what=self.resource,
                product=self.gpu_product,
                left=left,
                limit=limit,
            )
        else:
            message = Message(
                "This needs %(asked)s more %(what)s, but only %(left)s of the quota of %(limit)s "
                "is left.",
                asked=asked,
                what=self.resource,
                left=left,
                limit=limit,
            )
        return QuotaExceeded(
            message,
            details={
                "resource": self.resource,
                "gpu_product": self.gpu_product,
                "requested": asked,
                "headroom": left,
                "limit": limit,
            },
        )


def admit(allowance: Allowance, *, held: Share, wanted: Share) -> Allowance:
    """Exchange what a service holds for what it wants, and return the new allowance.

    Only growth is refused: under a limit that was lowered, a service may keep what it has or
    give some back.

    Raises:
        QuotaExceeded: a resource grows beyond its limit; names the one that exceeds it most.
    """
    refuse_missing(needs(allowance, held=held, wanted=wanted))
    return exchange(allowance, held=held, wanted=wanted)


def refuse_missing(needed: Sequence[Need]) -> None:
    """Refuse needs that do not fit, and name the one that exceeds its limit most."""
    missing = [need for need in needed if not need.fits]
    if missing:
        raise max(missing, key=lambda need: need.missing_ratio).refusal()


def needs(allowance: Allowance, *, held: Share, wanted: Share) -> list[Need]:
    """Return what a change needs of each resource, and of the GPU product that it names."""
    names = sorted({*held.resources, *wanted.resources})
    limits = with_unlisted(allowance.limits, names)
    of_resources = [
        Need(
            resource=name,
            held=held.resources.get(name, 0),
            peak=wanted.resources.get(name, 0),
            limit=limits.get(name),
            reserved=allowance.reserved.get(name, 0),
            is_listed=name in allowance.limits,
        )
        for name in names
    ]
    product = wanted.gpu_product
    if product not in allowance.gpu_products:
        return of_resources
    of_product = Need(
        resource="nvidia.com/gpu",
        held=held.resources.gpu_devices if held.gpu_product == product else 0,
        peak=wanted.resources.gpu_devices,
        limit=allowance.gpu_products[product],
        reserved=allowance.reserved_gpu_products.get(product, 0),
        gpu_product=product,
    )
    return [*of_resources, of_product]


def exchange(allowance: Allowance, *, held: Share, wanted: Share) -> Allowance:
    """Return the allowance with one share in place of another, whether or not it fits."""
    reserved = allowance.reserved - held.resources + wanted.resources
    products = exchanged_products(allowance.reserved_gpu_products, held, wanted)
    return replace(allowance, reserved=without_zeros(reserved), reserved_gpu_products=products)


def unlisted(resource: str) -> Message:
    """Say that the quota would have to list a resource, as only some nodes have it."""
    return Message(
        "The quota of this environment does not list %(resource)s; only CPU, memory and storage "
        "may be used without being listed. Ask whoever sets the quota.",
        resource=resource,
    )


def exchanged_products(reserved: dict[str, int], held: Share, wanted: Share) -> dict[str, int]:
    """Move GPUs between products as a share changes; shares without a product do not count."""
    after = dict(reserved)
    for share, sign in ((held, -1), (wanted, 1)):
        if share.gpu_product:
            moved = after.get(share.gpu_product, 0) + sign * share.resources.gpu_devices
            after[share.gpu_product] = moved
    return {product: count for product, count in after.items() if count}


def without_zeros(resources: Resources) -> Resources:
    """Drop what nobody holds any longer."""
    return Resources({name: amount for name, amount in resources.items() if amount})


def refuse_container(
    limits: Resources, bounds: Bounds, *, requests: Resources, stops_at: Resources
) -> None:
    """Refuse a container that an environment never allows, however much quota is left.

    What the container does not state, it gets by default; `stops_at` are its own limits.

    Raises:
        QuotaExceeded: it requests something that the quota must list, and does not.
        Invalid: it requests less than the minimum, or more than the limit that it is given.
    """
    for name, amount in requests.extended.items():
        if amount and name not in limits:
            raise Need(name, 0, amount, 0, 0, is_listed=False).refusal()
    asked = bounds.requests_of(requests=requests, limits=stops_at)
    for name, least in bounds.minimum.items():
        if asked.get(name, 0) < least:
            raise below_minimum(name, asked.get(name, 0), least)
    for name, limit in bounds.limits_of(stops_at).items():
        if asked.get(name, 0) > limit:
            raise above_limit(name, asked[name], limit)


def below_minimum(name: str, asked: int, least: int) -> Invalid:
    """Refuse a request below the minimum, which would hardly count against any quota."""
    return Invalid(
        Message(
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
        Message(
            "The request of %(asked)s %(name)s is above its limit of %(limit)s.",
            asked=format_amount(name, asked),
            name=name,
            limit=format_amount(name, limit),
        ),
        pointer=pointer_to_request(name),
        reason=Reason.REQUESTS_ABOVE_LIMITS,
    )


def pointer_to_request(name: str) -> str:
    """Return the pointer to a request in the body of a service or a rollout."""
    return f"/resources/requests/{name.replace('/', '~1')}"


def refuse_bounds(bounds: Bounds) -> None:
    """Refuse bounds that no container could meet.

    Raises:
        Invalid: a default is less than the minimum, or a default limit less than the request.
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
    message = Message(
        "A default of %(given)s %(name)s is less than the %(least)s that a container requests.",
        **amounts,
        least=format_amount(name, least),
    )
    return Invalid(message, pointer=f"/{field}/{name}")
