"""Ends expired temporary scales. The database says which are due; a lost task costs a sweep."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from accounts.actor import SYSTEM
from core.errors import Conflict, Refusal
from serving import actions
from serving.models import ModelService

SWEPT_AT_ONCE = 200
# Nobody is waiting for a return that was refused, so retrying it must not crowd out the others.
TRY_AGAIN = timedelta(minutes=1)
log = structlog.get_logger(__name__)


def due_services() -> Iterable[UUID]:
    """Return the services whose temporary scale has expired, longest overdue first.

    A service with drift or an unfinished rollout is not due: its return waits for that to end.
    """
    due = ModelService.objects.returning(now=timezone.now()).order_by("temporary_expires_at")
    return due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]


def end_temporary_scale(service_id: str) -> None:
    """Start the return of one service, if it is still due."""
    now = timezone.now()
    service = ModelService.objects.returning(now=now).filter(pk=service_id).first()
    if service is None:
        return
    try:
        actions.start_return(service=service, now=now, by=SYSTEM)
    except Conflict:
        log.info("return waits for a rollout", service=service_id)
    except Refusal as refusal:
        # The return was admitted with the scale, so the spec or what is allowed changed since.
        log.warning("return is not let in", service=service_id, detail=str(refusal.message))
        postponed = ModelService.objects.filter(pk=service_id, temporary_expires_at__lte=now)
        postponed.update(temporary_expires_at=now + TRY_AGAIN)
