"""Writing audit rows."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.actor import Actor
from audit.models import AuditEvent
from core.stream import announce


def record(
    action: str,
    subject: models.Model,
    *,
    by: Actor,
    project: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit row; call it inside the transaction of the change it describes."""
    event = AuditEvent.objects.create(
        actor=by.name,
        user=by.user,
        action=action,
        object_kind=subject._meta.verbose_name,
        object_id=str(subject.pk),
        object_name=str(subject),
        project=project,
        before=before,
        after=after,
        request_id=by.request_id,
    )
    announce("audit_event", event.pk, project=project)
    return event
