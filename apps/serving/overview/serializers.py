"""How what the apps below show looks with the services that run of it."""

from typing import Any

from rest_framework import serializers

from core.api.serializers import Serializer
from projects.serializers import ProjectDetailSerializer, ProjectSerializer
from serving.health import Health


class HealthCountsSerializer(Serializer):
    """How many services show which health; every key is there."""

    def get_fields(self) -> dict[str, Any]:
        return {health: serializers.IntegerField() for health in Health.values}


class ProjectOverviewSerializer(ProjectSerializer):
    """A tenant, with how its services are."""

    services_by_health: Any = HealthCountsSerializer(read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "services_by_health"]


class ProjectOverviewDetailSerializer(ProjectDetailSerializer):
    """A tenant, with how its services are and what the caller may do in it."""

    services_by_health: Any = HealthCountsSerializer(read_only=True)

    class Meta(ProjectDetailSerializer.Meta):
        fields = [*ProjectDetailSerializer.Meta.fields, "services_by_health"]
