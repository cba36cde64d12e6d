"""Trained models and their immutable versions."""

from django.db import models
from django.db.models.functions import Collate, Lower
from django.utils.translation import gettext_lazy

from accounts.models import ActorKind
from core.fields import JSONField
from core.names import validate_dns_label, validate_version_name
from projects.models import Project


class RegisteredModel(models.Model):
    """A trained artefact's name; its versions are what is served."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="models")
    name = models.CharField(max_length=63, validators=[validate_dns_label])
    description = models.TextField(blank=True, max_length=2000)
    labels = JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "model"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_model_per_name",
                violation_error_code="Conflict",
                violation_error_message=gettext_lazy(
                    "The project already has a model of this name."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One immutable version: an image by digest and/or an artefact URI with its digest."""

    model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="versions")
    version = models.CharField(max_length=63, validators=[validate_version_name])
    # `repository@sha256:...`; empty for a version that is an artefact only.
    image = models.CharField(max_length=512, blank=True)
    # What the caller wrote, if it was a tag, which was resolved once.
    requested_image = models.CharField(max_length=512, blank=True)
    artifact_uri = models.CharField(max_length=1024, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    runtime = models.CharField(max_length=100, blank=True)
    framework = models.CharField(max_length=100, blank=True)
    source = JSONField(default=dict)
    metrics = JSONField(default=dict)
    labels = JSONField(default=dict)
    # SHA-256 of the content; a second POST of the same content is not a conflict.
    content_digest = models.CharField(max_length=64)
    created_by = models.CharField(max_length=150)
    created_by_kind = models.CharField(max_length=20, choices=ActorKind, blank=True)
    created_by_token = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "model version"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version"],
                name="one_version_per_name",
                violation_error_code="VersionExists",
                violation_error_message=gettext_lazy(
                    "This version exists and versions do not change."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(image="", artifact_uri=""), name="version_has_content"
            ),
        ]
        indexes = [
            models.Index(fields=["model", "-created_at", "-id"], name="versions_by_time"),
            # Also by how a name begins, in any case; see `overview.search`.
            models.Index(
                models.F("model"), Collate(Lower("version"), "C"), name="versions_by_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name}:{self.version}"
