"""How rollouts look from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import ModelSerializer, Serializer
from serving.api.changes import AllowedActionSerializer
from serving.api.settings_serializers import StrategySerializer
from serving.models import Rollout, RolloutTransition
from serving.rules.lifecycle import Phase, RolloutKind


class TransitionSerializer(ModelSerializer):
    """One entry of a timeline."""

    class Meta:
        model = RolloutTransition
        fields = ["at", "phase", "reason", "message", "actor", "actor_kind", "actor_token"]


class ClockSerializer(Serializer):
    """When a rollout reached each stage, from the registered version to full traffic."""

    registered_at = serializers.SerializerMethodField()
    requested_at = serializers.DateTimeField(source="created_at")
    admitted_at = serializers.DateTimeField(allow_null=True)
    applied_at = serializers.DateTimeField(allow_null=True)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    first_ready_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_registered_at(self, rollout: Rollout) -> Any:
        return rollout.to_revision.version.created_at if rollout.to_revision else None


class RolloutSerializer(ModelSerializer):
    """One change of one service."""

    project = serializers.CharField(source="service.environment.project.name")
    environment = serializers.CharField(source="service.environment.name")
    service = serializers.CharField(source="service.name")
    kind = serializers.ChoiceField(choices=RolloutKind.choices)
    phase = serializers.ChoiceField(choices=Phase.choices)
    from_version = serializers.SerializerMethodField()
    to_version = serializers.SerializerMethodField()
    from_revision = serializers.IntegerField(
        source="from_revision.number", allow_null=True, default=None
    )
    to_revision = serializers.IntegerField(
        source="to_revision.number", allow_null=True, default=None
    )
    finished = serializers.BooleanField(source="is_finished")
    desired_replicas = serializers.IntegerField(source="to_replicas")
    strategy = StrategySerializer()
    clock = ClockSerializer(source="*")

    class Meta:
        model = Rollout
        fields = [
            "id",
            "kind",
            "project",
            "environment",
            "service",
            "from_version",
            "to_version",
            "from_revision",
            "to_revision",
            "strategy",
            "phase",
            "finished",
            "reason",
            "message",
            "note",
            "rolled_back",
            "desired_replicas",
            "updated_replicas",
            "ready_replicas",
            "available_replicas",
            "clock",
            "started_by",
            "started_by_kind",
            "started_by_token",
            "created_at",
        ]

    def get_from_version(self, rollout: Rollout) -> str | None:
        return rollout.from_revision.version.version if rollout.from_revision else None

    def get_to_version(self, rollout: Rollout) -> str | None:
        return rollout.to_revision.version.version if rollout.to_revision else None


class RolloutPodSerializer(Serializer):
    """A pod that a rollout replaces or brings, and what it waits for."""

    name = serializers.CharField(source="pod.name")
    node = serializers.CharField(source="pod.node_name")
    ready = serializers.BooleanField(source="pod.is_ready")
    terminating = serializers.BooleanField(source="pod.is_terminating")
    revision = serializers.IntegerField(source="pod.revision", allow_null=True)
    is_new = serializers.BooleanField()
    reason = serializers.CharField()
    message = serializers.CharField()


class LastLinesSerializer(Serializer):
    """The last lines of the container that a rollout failed of, kept when it failed."""

    pod = serializers.CharField()
    container = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())


class RolloutDetailSerializer(RolloutSerializer):
    """One change with its timeline and pods, what it waits for, and what may be asked of it now."""

    timeline = TransitionSerializer(source="transitions", many=True)
    pods = RolloutPodSerializer(many=True)
    explanation = serializers.CharField()
    last_lines = LastLinesSerializer(allow_null=True)
    actions = AllowedActionSerializer(many=True)

    class Meta(RolloutSerializer.Meta):
        fields = [
            *RolloutSerializer.Meta.fields,
            "timeline",
            "pods",
            "explanation",
            "last_lines",
            "actions",
        ]
