"""The resource summary: quota, requested, used, idle. Values from the queries to the API. Pure.

None means unknown, and never zero. Units are those of `core.resources`; the use of a device is how
much of it is at work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clusters.capacity import Free
from core.reasons import Reason
from core.resources import CPU, MEMORY, PODS, Resources, format_amount, unit_of, with_unlisted
from usage.cards import GPU_MEMORY


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the numbers are from, and why they are not newer."""

    observed_at: datetime | None
    is_stale: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UseNow:
    """What is used now, and the share of ready pods that was measured.

    If that is below 1, `used` comes from those collections of the minute that measured all.
    """

    used: float | None = None
    coverage: float | None = None

    @property
    def is_partial(self) -> bool:
        """Whether the use is unknown because some ready pods were not measured."""
        return self.used is None and self.coverage is not None and self.coverage < 1


@dataclass(frozen=True, slots=True)
class OverWindow:
    """What was requested and used over the window."""

    requested_average: float | None = None
    used_average: float | None = None
    used_peak: float | None = None
    # Whether some of the use is an equal part of what a card does that several pods share.
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series over the window."""

    at: datetime
    requested: float | None
    used: float | None


@dataclass(frozen=True, slots=True)
class Allotment:
    """What an environment may request, what admission has promised, and what its cluster has."""

    limits: Resources
    reserved: Resources
    # None if the mirror is stale.
    free: Free | None

    def quota(self, resource: str) -> int | None:
        """Return the limit of a resource; None means no limit."""
        names = {resource} - {GPU_MEMORY}
        return with_unlisted(self.limits, names).get(resource)

    def promised(self, resource: str) -> int | None:
        """Return what admission has promised; None for the memory of cards, which it ignores."""
        return None if resource == GPU_MEMORY else self.reserved.get(resource, 0)

    def cluster_free(self, resource: str) -> int | None:
        """Return what nodes have left; None for pods and card memory, which is unknown."""
        is_of_nodes = resource not in (PODS, GPU_MEMORY)
        return self.free.get(resource, 0) if self.free is not None and is_of_nodes else None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that is known of one environment or service, by resource name."""

    freshness: Freshness
    # What live pods request; None if the mirror is stale.
    requested: Resources | None = None
    now: Mapping[str, UseNow] = field(default_factory=dict)
    over_window: Mapping[str, OverWindow] = field(default_factory=dict)
    series: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    # Only environments have one.
    allowance: Allotment | None = None

    @property
    def resources(self) -> list[str]:
        """All resources of which anything is known, in the order in which they are shown."""
        own = self.allowance
        allowed = (*own.limits, *own.reserved) if own else ()
        return sorted(
            {*self.now, *self.over_window, *(self.requested or ()), *allowed}, key=resource_order
        )

    def requested_of(self, resource: str) -> int | None:
        """Return what is requested; None for the memory of cards, which nobody requests as such."""
        if self.requested is None:
            return None
        return self.requested.get(resource, None if resource == GPU_MEMORY else 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One resource of one environment or service."""

    resource: str
    freshness: Freshness
    quota: int | None = None
    reserved: int | None = None
    requested: int | None = None
    cluster_free: int | None = None
    now: UseNow = UseNow()
    over_window: OverWindow = OverWindow()
    series: tuple[Point, ...] = ()

    @property
    def idle(self) -> float | None:
        """What is requested but not used; zero if a service uses more CPU than it requests."""
        if self.requested is None or self.now.used is None:
            return None
        return max(self.requested - self.now.used, 0.0)

    @property
    def reason(self) -> str:
        """Why the numbers are not fresh, or why the use is unknown although they are."""
        return self.freshness.reason or (Reason.PARTIAL_DATA if self.now.is_partial else "")

    @property
    def unit(self) -> str:
        """The unit of plain numbers, as in the series."""
        return shown_unit(self.resource)


@dataclass(frozen=True, slots=True)
class EnvironmentSummary:
    """The resources of one environment."""

    environment: str
    cluster: str
    resources: list[Line]


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """The resources of one service."""

    service: str
    environment: str
    health: str
    resources: list[Line]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How the services of a summary are ranked, and how many there are."""

    resource: str
    rank: str
    total: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a project may use, asked for, and uses."""

    project: str
    window_seconds: int
    # When the window ends.
    until: datetime
    simulated: bool
    environments: list[EnvironmentSummary]
    # Those that rank first, or a later piece of them.
    services: list[ServiceSummary]
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class UnattributedCards:
    """Cards of one resource that name no pod of ours, and how many of them are at work."""

    resource: str
    cards: float
    duty: float | None
    memory_bytes: float | None


@dataclass(frozen=True, slots=True)
class ClusterUnattributed:
    """The unattributed cards of one cluster; None if unknown, and the reason says why."""

    cluster: str
    unattributed: list[UnattributedCards] | None
    observed_at: datetime | None
    reason: str = ""


def lines_of(holding: Holding) -> list[Line]:
    """Return a line for each resource of which anything is known."""
    return [line_of(holding, resource) for resource in holding.resources]


def line_of(holding: Holding, resource: str) -> Line:
    """Put together what is known of one resource."""
    allowance = holding.allowance
    return Line(
        resource,
        holding.freshness,
        quota=allowance.quota(resource) if allowance else None,
        reserved=allowance.promised(resource) if allowance else None,
        requested=holding.requested_of(resource),
        cluster_free=allowance.cluster_free(resource) if allowance else None,
        now=holding.now.get(resource, UseNow()),
        over_window=holding.over_window.get(resource, OverWindow()),
        series=holding.series.get(resource, ()),
    )


def shown_unit(resource: str) -> str:
    """Return the unit of the plain numbers."""
    return "bytes" if resource == GPU_MEMORY else unit_of(resource)


def quantity(resource: str, value: float | None) -> str | None:
    """Write a number as Kubernetes does; half a GPU at work is 500m."""
    if value is None:
        return None
    if shown_unit(resource) != "devices":
        name = MEMORY if resource == GPU_MEMORY else resource
        return format_amount(name, round(value))
    return format_amount(CPU, round(value * 1000))


def resource_order(resource: str) -> tuple[int, str]:
    """Put CPU and memory first, then devices by name."""
    first = {CPU: 0, MEMORY: 1}
    return first.get(resource, 2), resource
