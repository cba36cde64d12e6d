"""How projects, versions and nodes look with the services that run, and how audit rows look."""

from typing import Any

from rest_framework import serializers

from audit.models import AuditEvent
from clusters.serializers import NodeSerializer
from core.api.fields import ResourceListField
from core.api.serializers import Serializer
from overview.attention import AttentionKind
from projects.serializers import ProjectDetailSerializer, ProjectSerializer
from registry.serializers import VersionSerializer
from serving.diagnosis.health import Health


class HealthCountsSerializer(Serializer):
    """How many services show which health; every key is there."""

    def get_fields(self) -> dict[str, Any]:
        return {health: serializers.IntegerField() for health in map(str, Health)}


class ProjectOverviewSerializer(ProjectSerializer):
    """A tenant, with how its services are."""

    services_by_health = HealthCountsSerializer(read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "services_by_health"]


class ProjectOverviewDetailSerializer(ProjectDetailSerializer):
    """A tenant, with how its services are and what the caller may do in it."""

    services_by_health = HealthCountsSerializer(read_only=True)

    class Meta(ProjectDetailSerializer.Meta):
        fields = [*ProjectDetailSerializer.Meta.fields, "services_by_health"]


class PlaceSerializer(Serializer):
    """A service that runs a version, and how many pods it should have."""

    environment = serializers.CharField()
    service = serializers.CharField()
    replicas = serializers.IntegerField()


class VersionOverviewSerializer(VersionSerializer):
    """An immutable version, with where it runs."""

    runs_in = PlaceSerializer(many=True, read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "runs_in"]


class ServiceOnNodeSerializer(Serializer):
    """What one service has on a node."""

    project = serializers.CharField()
    environment = serializers.CharField()
    service = serializers.CharField()
    pods = serializers.IntegerField()
    requested = ResourceListField()


class NodeOverviewSerializer(NodeSerializer):
    """A node, with the services on it that the caller may see, and the number of other pods."""

    services = ServiceOnNodeSerializer(many=True)
    other_pods = serializers.IntegerField()

    class Meta(NodeSerializer.Meta):
        fields = [*NodeSerializer.Meta.fields, "services", "other_pods"]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            **super().to_representation(row),
            "services": row["services"],
            "other_pods": row["other_pods"],
        }


class ConcernSerializer(Serializer):
    """An object to look at, where it is, and why; `since` is null where that is not kept."""

    object = serializers.ChoiceField(["service", "rollout", "environment", "cluster"])
    name = serializers.CharField(help_text="Its name; of a rollout its id.")
    project = serializers.CharField(help_text="Empty for a cluster.")
    environment = serializers.CharField(help_text="Empty for a cluster.")
    service = serializers.CharField(help_text="Empty for an environment and a cluster.")
    reason = serializers.CharField()
    message = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class AttentionSerializer(Serializer):
    """How many objects need somebody for one reason, and the first few of them."""

    kind = serializers.ChoiceField(list(AttentionKind))
    count = serializers.IntegerField()
    concerns = ConcernSerializer(many=True)


class AttentionListSerializer(Serializer):
    """What needs somebody, the most urgent first; what nobody is needed for is left out."""

    results = AttentionSerializer(many=True)


class FoundSerializer(Serializer):
    """An object whose name holds what was looked for; what does not apply to it is empty."""

    object = serializers.ChoiceField(["project", "service", "model", "version", "node"])
    name = serializers.CharField()
    title = serializers.CharField(help_text="A project's display name.")
    project = serializers.CharField()
    environment = serializers.CharField(help_text="Of a service.")
    model = serializers.CharField(help_text="Of a version.")
    cluster = serializers.CharField(help_text="Of a node.")


class FoundListSerializer(Serializer):
    """At most eight objects of each kind: first those of this name, then those that begin so."""

    results = FoundSerializer(many=True)


class AuditEventSerializer(serializers.ModelSerializer):
    """Who did what to which object."""

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "at",
            "actor",
            "actor_kind",
            "actor_token",
            "token_prefix",
            "action",
            "object_kind",
            "object_id",
            "object_name",
            "project",
            "project_id",
            "before",
            "after",
            "request_id",
            "address",
            "user_agent",
        ]
