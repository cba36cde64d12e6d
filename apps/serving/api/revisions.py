"""The HTTP API of revisions: a service's image and settings over time."""

from typing import Any

import msgspec
from django.db.models import BooleanField, Case, OuterRef, QuerySet, Subquery, When
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.pages import ListMixin
from core.api.serializers import ModelSerializer, Serializer
from serving.api.scope import ServiceScopedViewSet
from serving.api.service_serializers import is_masked
from serving.api.settings_serializers import (
    ProbesField,
    ResourceRequirementsSerializer,
    SecretUseSerializer,
)
from serving.manifests.spec import ServiceSpec
from serving.models import Protocol, Revision, Rollout
from serving.rules import masking


class SpecSerializer(Serializer):
    """All that a revision freezes: everything about a service's pods except their number."""

    model = serializers.CharField()
    version = serializers.CharField()
    image = serializers.CharField()
    protocol = serializers.ChoiceField(choices=Protocol.choices)
    port = serializers.IntegerField()
    requests = serializers.DictField(child=serializers.CharField())
    limits = serializers.DictField(child=serializers.CharField())
    gpu_product = serializers.CharField()
    node_selector = serializers.DictField(child=serializers.CharField())
    env = serializers.DictField(child=serializers.CharField())
    command = serializers.ListField(child=serializers.CharField())
    args = serializers.ListField(child=serializers.CharField())
    secrets = SecretUseSerializer(many=True)
    secret_versions = serializers.DictField(child=serializers.IntegerField())
    pull_credentials = serializers.DictField(child=serializers.IntegerField())
    probes = ProbesField()
    progress_deadline_seconds = serializers.IntegerField()

    def to_representation(self, spec: ServiceSpec) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(spec)
        return shown


class RevisionSerializer(ModelSerializer):
    """A service's image and settings at one time; `replicas` is null if no rollout led to them."""

    version = serializers.CharField(source="version.version")
    image = serializers.CharField(source="frozen_spec.image")
    replicas = serializers.IntegerField(allow_null=True)
    resources = serializers.SerializerMethodField()
    good = serializers.SerializerMethodField()
    is_good = serializers.SerializerMethodField()
    is_current = serializers.BooleanField()
    spec = SpecSerializer(source="frozen_spec")
    env_masked = serializers.SerializerMethodField()

    class Meta:
        model = Revision
        fields = [
            "number",
            "version",
            "image",
            "replicas",
            "resources",
            "spec",
            "env_masked",
            "good",
            "is_good",
            "is_current",
            "succeeded_at",
            "created_by",
            "created_by_kind",
            "created_by_token",
            "created_at",
        ]

    def to_representation(self, revision: Revision) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(revision)
        return (
            {**shown, "spec": masking.of_settings(shown["spec"])} if shown["env_masked"] else shown
        )

    def get_env_masked(self, revision: Revision) -> bool:
        return is_masked(self, revision.service.environment.name)

    def get_good(self, revision: Revision) -> bool:
        return revision.succeeded_at is not None

    def get_is_good(self, revision: Revision) -> bool:
        return self.get_good(revision)

    @extend_schema_field(ResourceRequirementsSerializer)
    def get_resources(self, revision: Revision) -> dict[str, dict[str, str]]:
        spec = revision.frozen_spec
        return {"requests": spec.requests, "limits": spec.limits}


class RevisionViewSet(ListMixin, ServiceScopedViewSet):
    """A service's image and settings over time."""

    queryset = Revision.objects.none()
    serializer_class = RevisionSerializer
    ordering = ["-number"]

    def get_queryset(self) -> QuerySet[Revision]:
        service = self.get_service()
        rollouts = Rollout.objects.filter(to_revision=OuterRef("pk")).order_by("-created_at", "-id")
        return (
            Revision.objects.filter(service=service)
            .select_related("version", "service__environment")
            .annotate(
                replicas=Subquery(rollouts.values("to_replicas")[:1]),
                is_current=Case(
                    When(pk=service.current_revision_id, then=True),
                    default=False,
                    output_field=BooleanField(),
                ),
            )
        )
