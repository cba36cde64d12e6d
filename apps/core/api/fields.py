"""Serializer fields for our values."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.resources import Resources

RESOURCE_LIST_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "example": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"},
}


@extend_schema_field(RESOURCE_LIST_SCHEMA)
class ResourceListField(serializers.Field):
    """A Kubernetes resource list; any legal spelling in, the canonical one out."""

    def to_internal_value(self, data: Any) -> Resources:
        if not isinstance(data, dict):
            raise serializers.ValidationError('Give a resource list such as {"cpu": "500m"}.')
        errors: dict[str, str] = {}
        amounts: dict[str, int] = {}
        for name, text in data.items():
            try:
                amounts.update(Resources.parse({name: text}))
            except ValueError as error:
                errors[name] = str(error)
        if errors:
            raise serializers.ValidationError(errors)
        return Resources(amounts)

    def to_representation(self, value: Resources) -> dict[str, str]:
        return value.canonical()
