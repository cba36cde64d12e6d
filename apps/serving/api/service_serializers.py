"""How the API shows services."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clusters.serializers import DriftSerializer
from core.api.fields import ResourceListField
from core.api.serializers import ModelSerializer, Serializer, columns_of
from core.names import validate_dns_label
from core.resources import Resources
from registry.models import RegisteredModel
from serving.allowed_actions import AllowedAction
from serving.api.changes import AllowedActionSerializer
from serving.api.settings_serializers import (
    DraftSerializer,
    ResourceRequirementsSerializer,
    SettingsSerializer,
    all_optional_but,
    shown_draft,
)
from serving.diagnosis.health import unobserved
from serving.diagnosis.read import Diagnosis
from serving.models import HEALTHS, Rollout
from serving.rules import masking

CAUSE_KINDS = ("Rollout", "Deployment", "ReplicaSet", "Pod", "Container", "Event")


class ServiceCreateSerializer(SettingsSerializer):
    """A new service: its name, model and settings."""

    model = serializers.SlugRelatedField("name", queryset=RegisteredModel.objects.none())

    class Meta(SettingsSerializer.Meta):
        fields = ["name", "model", *SettingsSerializer.Meta.fields]
        extra_kwargs = {"name": {"validators": [validate_dns_label]}}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        project = self.context.get("project")
        if project is not None:
            models: Any = fields["model"]
            models.queryset = project.models.all()
        return all_optional_but(fields, "name", "model")


class ShownRolloutSerializer(ModelSerializer):
    """A summary of a service's unfinished rollout."""

    class Meta:
        model = Rollout
        fields = ["id", "kind", "phase", "reason", "message"]


class ServiceSerializer(SettingsSerializer):
    """A service: its settings, its draft, and what the mirror shows of it.

    Values of `env` are for those who deploy there; `env_masked` says that only names are shown.
    """

    project = serializers.CharField(source="project__name")
    environment = serializers.CharField(source="environment__name")
    cluster = serializers.CharField(source="environment__cluster__name")
    model = serializers.CharField(source="model__name")
    resources = serializers.SerializerMethodField()
    health = serializers.ChoiceField(source="shown_health", choices=HEALTHS)
    current_version = serializers.CharField(
        source="current_revision__version__version", allow_null=True
    )
    current_revision = serializers.IntegerField(source="current_revision__number", allow_null=True)
    stale = serializers.BooleanField(source="is_stale")
    observed_at = serializers.DateTimeField(
        source="environment__cluster__mirrored_at", allow_null=True
    )
    rollout = serializers.SerializerMethodField()
    draft = DraftSerializer()
    drift = DriftSerializer(many=True)
    env_masked = serializers.SerializerMethodField()

    class Meta(SettingsSerializer.Meta):
        fields = [
            "id",
            "name",
            "project",
            "environment",
            "cluster",
            "model",
            *SettingsSerializer.Meta.fields,
            "env_masked",
            "temporary_replicas",
            "temporary_expires_at",
            "health",
            "reason",
            "message",
            "current_version",
            "current_revision",
            "desired_replicas",
            "ready_replicas",
            "observed_at",
            "stale",
            "drift",
            "draft",
            "rollout",
            "created_at",
            "updated_at",
        ]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        # This is the busiest list; asking a field object for each value took most of its time.
        shown = {name: row[column] for name, column in columns_of(ServiceSerializer).items()}
        if row["is_stale"]:
            verdict = unobserved(shown["observed_at"])
            shown |= {"reason": verdict.reason, "message": verdict.message}
        shown["message"] = str(shown["message"])
        draft = shown_draft(row["draft"])
        is_masked = self.get_env_masked(row)
        if is_masked:
            shown, draft = masking.of_settings(shown), masking.of_settings(draft)
            shown["drift"] = masking.of_drift(shown["drift"])
        return {
            **shown,
            "env_masked": is_masked,
            "resources": self.get_resources(row),
            "draft": draft,
            "rollout": self.get_rollout(row),
        }

    def get_env_masked(self, row: dict[str, Any]) -> bool:
        return is_masked(self, row["environment__name"])

    @extend_schema_field(ResourceRequirementsSerializer)
    def get_resources(self, row: dict[str, Any]) -> dict[str, dict[str, str]]:
        return {"requests": row["requests"].canonical(), "limits": row["limits"].canonical()}

    @extend_schema_field(ShownRolloutSerializer(allow_null=True))
    def get_rollout(self, row: dict[str, Any]) -> dict[str, Any] | None:
        if not row["running__id"]:
            return None
        shown = {name: row[f"running__{name}"] for name in ShownRolloutSerializer.Meta.fields}
        return {**shown, "message": str(shown["message"])}


def is_masked(serializer: serializers.BaseSerializer, environment: str) -> bool:
    """Return whether values are hidden from the caller; without a context they always are."""
    reads_values = serializer.context.get("reads_values")
    return reads_values is None or not reads_values(environment)


class CauseSerializer(Serializer):
    """One step from a rollout to what holds it up, in the words of its source."""

    kind = serializers.ChoiceField(choices=CAUSE_KINDS)
    name = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    restarts = serializers.IntegerField(allow_null=True)


class LogHintSerializer(Serializer):
    """The parameters with which the log route returns a failing container's last lines."""

    pod = serializers.CharField()
    container = serializers.CharField()
    previous = serializers.BooleanField()


@dataclass(frozen=True, slots=True)
class ServicePage:
    """A service's row with why it is in its state, what may be done to it, what it has reserved."""

    row: dict[str, Any]
    diagnosis: Diagnosis
    actions: list[AllowedAction]
    reserved: Resources


class ServiceDetailSerializer(ServiceSerializer):
    """One service: why it is in its state, what the caller may do to it, what it has reserved."""

    causes = CauseSerializer(many=True)
    log_hint = LogHintSerializer(allow_null=True)
    actions = AllowedActionSerializer(many=True)
    reserved = ResourceListField()

    class Meta(ServiceSerializer.Meta):
        fields = [*ServiceSerializer.Meta.fields, "causes", "log_hint", "actions", "reserved"]

    def to_representation(self, page: ServicePage) -> dict[str, Any]:  # type: ignore[override]
        hint = page.diagnosis.log_hint
        return {
            **super().to_representation(page.row),
            "causes": CauseSerializer(page.diagnosis.causes, many=True).data,
            "log_hint": LogHintSerializer(hint).data if hint else None,
            "actions": AllowedActionSerializer(page.actions, many=True).data,
            "reserved": page.reserved.canonical(),
        }
