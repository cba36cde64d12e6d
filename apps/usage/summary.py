"""The resource summary: quota, requested, used, idle. Pure; None is not known, never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.reasons import Reason
from core.resources import CPU, MEMORY, format_amount, unit_of
from usage.cards import GPU_MEMORY


@dataclass(frozen=True, slots=True)
class Line:
    """One resource of one environment or service.

    Units: as in `core.resources`; `used` of a device is how much of it works.
    """

    resource: str
    quota: float | None = None
    reserved: float | None = None
    requested: float | None = None
    used: float | None = None
    cluster_free: float | None = None
    requested_average: float | None = None
    used_average: float | None = None
    used_peak: float | None = None
    # The share of ready pods that were measured; below 1, `used` is of collections that had all.
    coverage: float | None = None
    # Whether some of the use is an equal part of what a card does that several pods hold.
    shared: bool = False

    @property
    def idle(self) -> float | None:
        """What is asked for and not used; a service may use more CPU than it asked for."""
        if self.requested is None or self.used is None:
            return None
        return max(self.requested - self.used, 0.0)

    @property
    def is_partial(self) -> bool:
        """Whether the use is not known because some ready pods were not measured."""
        return self.used is None and self.coverage is not None and self.coverage < 1


NOW_FIELDS = ("quota", "reserved", "requested", "used", "idle", "cluster_free")
WINDOW_FIELDS = ("requested_average", "used_average", "used_peak")


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the numbers are from, and why they are not newer."""

    observed_at: datetime | None
    is_stale: bool
    reason: str = ""


def shown_line(line: Line, freshness: Freshness) -> dict[str, Any]:
    """Return a line as the API shows it: quantities, and plain numbers in the unit for charts."""
    now = {name: getattr(line, name) for name in NOW_FIELDS}
    window = {name: getattr(line, name) for name in WINDOW_FIELDS}
    return {
        "resource": line.resource,
        "unit": shown_unit(line.resource),
        **{name: quantity(line.resource, value) for name, value in now.items()},
        "amounts": {**now, **window},
        "window": {name: quantity(line.resource, value) for name, value in window.items()},
        "coverage": line.coverage,
        "shared": line.shared,
        "observed_at": freshness.observed_at,
        "stale": freshness.is_stale,
        "reason": freshness.reason or (Reason.PARTIAL_DATA if line.is_partial else ""),
    }


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


def order_of(resource: str) -> tuple[int, str]:
    """Put CPU and memory first, then devices by name."""
    first = {CPU: 0, MEMORY: 1}
    return first.get(resource, 2), resource


def lines(
    measures: Mapping[str, Mapping[str, Any]],
) -> list[Line]:
    """Return a holder's lines from its numbers by resource and field."""
    return [Line(resource, **measures[resource]) for resource in sorted(measures, key=order_of)]
