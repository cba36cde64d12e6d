"""The ledger: one locked row per environment says what admission has promised."""

from uuid import UUID

from core.errors import Conflict
from core.stream import announce
from projects.models import Environment, Quota, Reservation
from projects.quota import Allowance, Claim, admit


def reserve(environment_id: int, service_id: UUID, wanted: Claim) -> None:
    """Promise a service what it wants instead of what it holds, inside the caller's transaction.

    Setting, not adding: repeating it changes nothing. The locked row makes concurrent requests
    wait for each other, whatever the number of services.

    Raises:
        QuotaExceeded: the environment has not that much left.
        Conflict: the environment is being deleted.
    """
    quota = Quota.objects.select_for_update().get(environment_id=environment_id)
    if wanted.resources and quota.environment.phase == Environment.Phase.TERMINATING:
        raise Conflict(f"{quota.environment} is being deleted.")
    reservation = Reservation.objects.filter(service_id=service_id).first()
    held = Claim(reservation.resources, reservation.gpu_product) if reservation else Claim()
    allowance = admit(allowance_of(quota), held=held, wanted=wanted)
    quota.reserved = allowance.reserved
    quota.reserved_gpu_products = allowance.reserved_gpu_products
    quota.save(update_fields=["reserved", "reserved_gpu_products"])
    if wanted.resources:
        Reservation.objects.update_or_create(
            service_id=service_id,
            defaults={
                "quota": quota,
                "resources": wanted.resources,
                "gpu_product": wanted.gpu_product,
            },
        )
    elif reservation:
        reservation.delete()
    announce("environment", environment_id, project=quota.environment.project.name)


def release(environment_id: int, service_id: UUID) -> None:
    """Give back everything a service holds."""
    reserve(environment_id, service_id, Claim())


def held_by(service_id: UUID) -> Claim:
    """Return what a service's pods were promised."""
    reservation = Reservation.objects.filter(service_id=service_id).first()
    return Claim(reservation.resources, reservation.gpu_product) if reservation else Claim()


def allowance_of(quota: Quota) -> Allowance:
    """Return a quota row as the value that the rule works on."""
    return Allowance(quota.limits, quota.reserved, quota.gpu_products, quota.reserved_gpu_products)
