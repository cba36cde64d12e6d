"""The ledger: one locked row per environment says what admission has promised."""

from collections.abc import Callable, Collection
from uuid import UUID

from core.database import lock
from core.errors import Conflict
from core.messages import Message
from core.resources import Resources
from core.stream import announce
from projects.models import Environment, Quota, Reservation
from projects.quota import Allowance, Claim, admit, exchange, refuse_container


def reserve(environment_id: int, service_id: UUID, wanted: Claim) -> None:
    """Promise a service what it wants instead of what it holds, inside the caller's transaction.

    Setting, not adding: repeating it changes nothing. The locked row makes concurrent requests
    wait for each other, whatever the number of services.

    Raises:
        QuotaExceeded: the environment has not that much left.
        Conflict: the environment is being deleted.
    """
    quota = locked_quota(environment_id)
    if wanted.resources and quota.environment.phase == Environment.Phase.TERMINATING:
        raise Conflict(Message("%(environment)s is being deleted.", environment=quota.environment))
    set_reservation(quota, service_id, wanted, admit)


def refuse_pods(environment_id: int, *, requests: Resources, limits: Resources) -> None:
    """Refuse what no pod of an environment may be; whether there is room for it is not asked.

    Raises:
        QuotaExceeded: it requests what the quota has to list, and does not.
        Invalid: it requests less than the minimum, or more than the limit that it is given.
    """
    quota = Quota.objects.get(environment=environment_id)
    refuse_container(quota.limits, quota.bounds, requests=requests, stops_at=limits)


def record_reservation(environment_id: int, service_id: UUID, held: Claim) -> None:
    """Write down what a service holds, whether or not it fits: what runs is a fact."""
    set_reservation(locked_quota(environment_id), service_id, held, exchange)


def release(environment_id: int, service_id: UUID) -> None:
    """Give back everything a service holds."""
    record_reservation(environment_id, service_id, Claim())


def locked_quota(environment_id: int) -> Quota:
    """Lock an environment's quota."""
    row = Quota.objects.filter(environment_id=environment_id)
    lock(row)
    return row.select_related("environment__project").get()


def set_reservation(
    quota: Quota, service_id: UUID, wanted: Claim, rule: Callable[..., Allowance]
) -> None:
    """Replace a service's claim by what it wants, as the rule counts it."""
    known = Reservation.objects.filter(service_id=service_id).first()
    reservation = known or Reservation(service_id=service_id)
    allowance = rule(allowance_of(quota), held=claim_of(known), wanted=wanted)
    quota.reserved = allowance.reserved
    quota.reserved_gpu_products = allowance.reserved_gpu_products
    quota.save(update_fields=["reserved", "reserved_gpu_products"])
    if wanted.resources:
        reservation.quota = quota
        reservation.resources, reservation.gpu_product = wanted.resources, wanted.gpu_product
        reservation.save()
    elif known:
        known.delete()
    announce("environment", quota.environment_id, project=quota.environment.project.name)


def reserved_by(service_id: UUID) -> Claim:
    """Return what a service's pods were promised."""
    return claim_of(Reservation.objects.filter(service_id=service_id).first())


def reserved_by_each(service_ids: Collection[UUID]) -> dict[UUID, Claim]:
    """Return what the pods of some services were promised, in one query; none hold nothing."""
    held = {service_id: Claim() for service_id in service_ids}
    for reservation in Reservation.objects.filter(service_id__among=service_ids):
        held[reservation.service_id] = claim_of(reservation)
    return held


def claim_of(reservation: Reservation | None) -> Claim:
    """Return a reservation as the value that the rule works on; none holds nothing."""
    return Claim(reservation.resources, reservation.gpu_product) if reservation else Claim()


def allowance_of(quota: Quota) -> Allowance:
    """Return a quota row as the value that the rule works on."""
    return Allowance(quota.allowed, quota.reserved, quota.gpu_products, quota.reserved_gpu_products)
