"""An append-only record of every change, written in the transaction of the change."""

from django.conf import settings
from django.db import models

from accounts.models import ActorKind
from core.fields import JSONField


class AuditEvent(models.Model):
    """Who did what to which object, from where, with its state before and after."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    # Empty in rows from before this was recorded; of their actors only the name is known.
    actor_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    actor_token = models.CharField(max_length=63, blank=True)
    token_prefix = models.CharField(max_length=16, blank=True)
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
    # Rows belong to the id: by now the name may be another project's. Both are plain values because
    # the project may be gone.
    project = models.CharField(max_length=63, null=True)
    project_id = models.BigIntegerField(null=True)
    before = JSONField(null=True)
    after = JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project_id", "-id"], name="audit_by_project"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["action", "-at"], name="audit_by_action"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_name}"


class AuditLink(models.Model):
    """An audit row's place in the chain, written by the database as the row is committed.

    `digest` is the SHA-256 of the digest before it and of the row; see `audit.chain`.
    """

    event = models.OneToOneField(
        AuditEvent, models.DO_NOTHING, primary_key=True, related_name="link", db_constraint=False
    )
    position = models.BigIntegerField(null=True, unique=True)
    previous = models.BinaryField(max_length=32, null=True)
    digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position}"
