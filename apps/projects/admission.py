"""The ledger: one locked row per environment says what admission has promised."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import FilteredRelation, Q, QuerySet

from core.database import locking
from core.errors import Conflict
from core.messages import Message
from core.prepared import prepared
from core.resources import NOTHING, Resources
from core.stream import announce
from projects.models import Environment, Quota, Reservation
from projects.quota import Allowance, Share, admit, exchange, refuse_container

HOLD = """
    INSERT INTO projects_reservation (quota_id, service_id, resources, gpu_product)
    VALUES (%(quota)s, %(service)s, %(resources)s::jsonb, %(gpu_product)s)
    ON CONFLICT (service_id) DO UPDATE
    SET resources = excluded.resources, gpu_product = excluded.gpu_product
"""
RELEASE = "DELETE FROM projects_reservation WHERE service_id = %(service)s"
# What one holds and what all hold are written by one statement.
WITH_THE_SUM = """
    WITH share AS ({})
    UPDATE projects_quota
    SET reserved = %(reserved)s::jsonb, reserved_gpu_products = %(gpu_products)s::jsonb
    WHERE environment_id = %(quota)s
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The locked quota of an environment, what a service holds of it, and what else is allowed."""

    quota: Quota
    service_id: UUID
    held: Share
    project: str
    environment: str
    phase: str
    image_registries: list[str]

    @property
    def allowance(self) -> Allowance:
        """The quota as the value that the rule works on."""
        return allowance_of(self.quota)

    def reserve(self, wanted: Share) -> None:
        """Promise the service what it wants instead of what it holds.

        It sets the reservation and does not add to it, so repeating it changes nothing.

        Raises:
            QuotaExceeded: the environment has not that much left.
            Conflict: the environment is being deleted.
        """
        refuse_ending(f"{self.project}/{self.environment}", self.phase, wanted)
        self.replace(wanted, admit)

    def replace(self, wanted: Share, rule: Callable[..., Allowance]) -> None:
        """Replace the service's share with what it wants, as the rule counts it."""
        allowance = rule(self.allowance, held=self.held, wanted=wanted)
        if wanted == self.held:
            return
        values = {
            "quota": self.quota.pk,
            "service": self.service_id,
            "resources": msgspec.json.encode(dict(wanted.resources)).decode(),
            "gpu_product": wanted.gpu_product,
            "reserved": msgspec.json.encode(dict(allowance.reserved)).decode(),
            "gpu_products": msgspec.json.encode(allowance.reserved_gpu_products).decode(),
        }
        with connection.cursor() as cursor:
            cursor.execute(WITH_THE_SUM.format(HOLD if wanted.resources else RELEASE), values)
        announce("environment", self.quota.pk, project=self.project)


def locked_ledger(environment_id: int, service_id: UUID) -> Ledger:
    """Lock an environment's quota for the caller's transaction, and read what a service holds.

    The locked row makes concurrent requests wait for each other, whatever the number of services.
    """
    (quota,) = locked_quota(environment_id)
    # Only after that: what those who held the lock have changed has to be seen.
    ((resources, gpu_product, *of_environment),) = holding(environment_id, service_id)
    held = Share(resources or NOTHING, gpu_product or "")
    return Ledger(quota, service_id, held, *of_environment)


@prepared
def locked_quota(environment_id: int) -> QuerySet[Quota]:
    """Lock the quota of an environment."""
    return locking(Quota.objects.filter(environment_id=environment_id))


@prepared
def holding(environment_id: int, service_id: UUID) -> QuerySet[Environment, tuple[Any, ...]]:
    """Read what a service holds in an environment, and the last columns of a `Ledger`."""
    its_own = Q(quota__reservations__service_id=service_id)
    held = FilteredRelation("quota__reservations", condition=its_own)
    rows = Environment.objects.filter(pk=environment_id).annotate(held=held).order_by()
    return rows.values_list(
        "held__resources", "held__gpu_product", "project__name", "name", "phase", "image_registries"
    )


def refuse_ending(environment: str, phase: str, wanted: Share) -> None:
    """Refuse to hold anything in an environment that is being deleted."""
    if wanted.resources and phase == Environment.Phase.TERMINATING:
        raise Conflict(Message("%(environment)s is being deleted.", environment=environment))


def refuse_pods(quota: Quota, *, requests: Resources, limits: Resources) -> None:
    """Refuse pods that an environment never allows, whether or not there is room for them.

    Raises:
        QuotaExceeded: they request something that the quota must list, and does not.
        Invalid: they request less than the minimum, or more than their limit.
    """
    refuse_container(quota.limits, quota.bounds, requests=requests, stops_at=limits)


def record_reservation(environment_id: int, service_id: UUID, held: Share) -> None:
    """Record what a service holds, whether or not it fits: what runs is a fact."""
    locked_ledger(environment_id, service_id).replace(held, exchange)


def reserved_by(service_id: UUID) -> Share:
    """Return what a service's pods were promised."""
    return reserved_by_each([service_id])[service_id]


def reserved_by_each(service_ids: Collection[UUID]) -> dict[UUID, Share]:
    """Return what the pods of some services were promised, in one query; nothing is a `Share()`."""
    held = {service_id: Share() for service_id in service_ids}
    for reservation in reservations_of(list(service_ids)):
        held[reservation.service_id] = share_of(reservation)
    return held


@prepared
def reservations_of(service_ids: list[UUID]) -> QuerySet[Reservation]:
    """Read the reservations of some services."""
    return Reservation.objects.filter(service_id__among=service_ids)


def share_of(reservation: Reservation | None) -> Share:
    """Return a reservation as the share that it is; without one, nothing is held."""
    return Share(reservation.resources, reservation.gpu_product) if reservation else Share()


def allowance_of(quota: Quota) -> Allowance:
    """Return a quota row as the value that the rule works on."""
    return Allowance(quota.allowed, quota.reserved, quota.gpu_products, quota.reserved_gpu_products)
