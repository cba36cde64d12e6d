"""An append-only record of every change, written in the transaction of the change."""

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """Who did what to which object, with its state before and after."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    # `object.verb`, for example rollout.start or quota.update.
    action = models.CharField(max_length=63)
    object_kind = models.CharField(max_length=63)
    object_id = models.CharField(max_length=63)
    object_name = models.CharField(max_length=255)
    # The project's name, kept as text because the project may be gone.
    project = models.CharField(max_length=63, null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "-id"], name="audit_by_project"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_name}"
