"""What each pod of a service uses now: kept for as long as it is the present, and no longer.

It is in the cache, since nobody asks later what a pod used that is gone: windows hold sums of
services. A cache that is away or was emptied means that use is unknown until it is measured again.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.cache import remember, remembered
from usage.cards import Amount
from usage.models import PRESENT_FOR


@dataclass(frozen=True, slots=True)
class UseOfPods:
    """What the live pods of a service used when they were last measured, by pod and resource."""

    observed_at: datetime
    amounts: Mapping[str, Mapping[str, Amount]]


def keep_use_of_pods(
    amounts: Mapping[tuple[UUID, str], Mapping[str, Amount]], *, now: datetime
) -> None:
    """Keep what pods use, by service and pod name; an amount without a value is unknown."""
    services: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for (service_id, pod), its in amounts.items():
        services[service_id][pod] = {name: [one.value, one.is_shared] for name, one in its.items()}
    entries = {
        cache_key(service_id): {"observed_at": now.isoformat(), "pods": pods}
        for service_id, pods in services.items()
    }
    remember(entries, lifetime=PRESENT_FOR)


def read_use_of_pods(service_id: UUID, *, now: datetime) -> UseOfPods | None:
    """Return what the pods of a service use; None if that is not known."""
    entry = remembered(cache_key(service_id))
    if entry is None:
        return None
    observed_at = datetime.fromisoformat(entry["observed_at"])
    if now - observed_at > PRESENT_FOR:
        return None
    return UseOfPods(
        observed_at,
        {
            pod: {resource: Amount(value, shared) for resource, (value, shared) in its.items()}
            for pod, its in entry["pods"].items()
        },
    )


def cache_key(service_id: UUID) -> str:
    """Return under which key a service's entry is kept."""
    return f"usage/pods/{service_id}"
