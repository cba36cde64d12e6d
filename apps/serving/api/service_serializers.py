"""How services look from outside."""

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clusters.serializers import DriftSerializer
from core.api.fields import ResourceListField
from core.api.serializers import ModelSerializer, Serializer
from core.messages import Message
from core.names import validate_dns_label
from core.reasons import Reason
from registry.models import RegisteredModel
from serving.api.changes import AllowedActionSerializer
from serving.api.settings_serializers import (
    DraftSerializer,
    ResourceRequirementsSerializer,
    SettingsSerializer,
    all_optional_but,
    shown_draft,
)
from serving.diagnosis.health import Health
from serving.models import Rollout
from serving.rules import masking

CAUSE_KINDS = ("Rollout", "Deployment", "ReplicaSet", "Pod", "Container", "Event")
STALE = {
    "reason": Reason.STALE,
    "message": Message(
        "The cluster has not been observed lately; what was last seen may be out of date."
    ),
}
NOT_MIRRORED = {
    "reason": Reason.NOT_MIRRORED,
    "message": Message("The cluster has not been observed yet; no informer has reached it."),
}


class ServiceCreateSerializer(SettingsSerializer):
    """What a new service is to be."""

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
    """The unfinished rollout of a service, in short."""

    class Meta:
        model = Rollout
        fields = ["id", "kind", "phase", "reason", "message"]


class ServiceSerializer(SettingsSerializer):
    """A service: its settings, what is drafted, and what the mirror shows of it.

    Values of `env` are for those who deploy there; `env_masked` says that names only are shown.
    """

    project = serializers.CharField(source="environment__project__name")
    environment = serializers.CharField(source="environment__name")
    cluster = serializers.CharField(source="environment__cluster__name")
    model = serializers.CharField(source="model__name")
    resources = serializers.SerializerMethodField()
    health = serializers.ChoiceField(source="shown_health", choices=Health.choices)
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
        # The busiest list: asking a field object for each value took most of its time.
        shown = {name: row[column] for name, column in service_columns().items()}
        if row["is_stale"]:
            shown |= STALE if shown["observed_at"] else NOT_MIRRORED
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
    """Return whether a caller is shown no values; without a context, nobody is."""
    reads_values = serializer.context.get("reads_values")
    return reads_values is None or not reads_values(environment)


class CauseSerializer(Serializer):
    """One step from a rollout to what holds it up, in the words of whoever says it."""

    kind = serializers.ChoiceField(choices=CAUSE_KINDS)
    name = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    restarts = serializers.IntegerField(allow_null=True)


class LogHintSerializer(Serializer):
    """What to ask of the log route to read a failing container's last words."""

    pod = serializers.CharField()
    container = serializers.CharField()
    previous = serializers.BooleanField()


class ServiceDetailSerializer(ServiceSerializer):
    """One service: why it is as it is, what the caller may do to it, what it is promised."""

    causes = CauseSerializer(many=True)
    log_hint = LogHintSerializer(allow_null=True)
    actions = AllowedActionSerializer(many=True)
    reserved = ResourceListField()

    class Meta(ServiceSerializer.Meta):
        fields = [*ServiceSerializer.Meta.fields, "causes", "log_hint", "actions", "reserved"]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        hint = row["log_hint"]
        return {
            **super().to_representation(row),
            "causes": CauseSerializer(row["causes"], many=True).data,
            "log_hint": LogHintSerializer(hint).data if hint else None,
            "actions": AllowedActionSerializer(row["actions"], many=True).data,
            "reserved": row["reserved"].canonical(),
        }


@cache
def service_columns() -> dict[str, str]:
    """Return the column behind each field of a service that is one."""
    fields = ServiceSerializer().fields.items()
    return {name: field.source for name, field in fields if field.source != "*"}
