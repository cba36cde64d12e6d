"""Writing audit rows."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.actor import Actor
from audit.models import AuditEvent
from core.stream import announce

LONGEST_NAME = 255


def record(action: str, subject: models.Model, **said: Any) -> AuditEvent:
    """Write one audit row; call it inside the transaction of the change it describes."""
    kind, key = str(subject._meta.verbose_name), str(subject.pk or "")
    return append(action, kind, key, str(subject), **said)


def append(
    action: str,
    object_kind: str,
    object_id: str,
    object_name: str,
    *,
    by: Actor,
    project: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit row about something that is not a row of ours."""
    event = AuditEvent.objects.create(
        **by.signed("actor"),
        token_prefix=by.token.prefix if by.token else "",
        user=by.user,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        object_name=object_name[:LONGEST_NAME],
        project=str(project) if project else None,
        project_id=project.pk if project else None,
        before=before,
        after=after,
        request_id=by.request_id,
        address=by.origin.address,
        user_agent=by.origin.user_agent,
    )
    announce("audit_event", event.pk, project=event.project)
    return event
