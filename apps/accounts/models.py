"""Callers: people, and the robots that CI tokens act as."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy

from core.fields import JSONField


class ActorKind(models.TextChoices):
    """What kind of actor a name in a timeline or an audit row belongs to."""

    USER = "user"
    # A person, through one of their tokens.
    TOKEN = "token"  # noqa: S105  (a kind)
    ROBOT = "robot"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class User(AbstractUser):
    """A person, or a robot: the identity behind a project's API token.

    A superuser is a platform admin. A robot has no password and exactly one project role,
    so that one rule decides for people and for CI alike.
    """

    is_robot = models.BooleanField(default=False)
    # What a robot is called inside its project; robots of two projects may share a name.
    display_name = models.CharField(max_length=63, blank=True)
    language = models.CharField(max_length=10, blank=True)

    @property
    def actor_name(self) -> str:
        """The name shown in timelines and audit rows."""
        return self.display_name if self.is_robot else self.username


class ApiToken(models.Model):
    """A credential. Only a digest of the secret is kept; people see the prefix."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=63)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    def ended(self, *, now: datetime) -> str:
        """Say why a token can no longer be used; empty if it still can."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "" if self.user.is_active else "account closed"


class IdempotentRequest(models.Model):
    """The first answer to a POST that carried an `Idempotency-Key`, kept for 24 hours."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 over method, path and body.
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    headers = JSONField(default=dict)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"],
                name="one_answer_per_idempotency_key",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "A request with this Idempotency-Key is still running."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.key
