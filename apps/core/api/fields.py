"""Serializer fields for our values."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.durations import parse_duration
from core.resources import Resources
from core.words import retold, told

RESOURCE_LIST_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "example": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"},
}


@extend_schema_field(RESOURCE_LIST_SCHEMA)
class ResourceListField(serializers.Field):
    """A Kubernetes resource list; any legal spelling in, the canonical one out.

    `also` are names that no container requests, and that are allowed here.
    """

    def __init__(self, *, also: Collection[str] = (), **kwargs: Any) -> None:
        self.also = also
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Resources:
        if not isinstance(data, dict):
            raise serializers.ValidationError(told('Give a resource list such as {"cpu": "500m"}.'))
        errors: dict[str, str] = {}
        amounts: dict[str, int] = {}
        for name, text in data.items():
            try:
                amounts.update(Resources.parse({name: text}, also=self.also))
            except ValueError as error:
                errors[name] = str(error)
        if errors:
            raise serializers.ValidationError(errors)
        return Resources(amounts)

    def to_representation(self, value: Resources) -> dict[str, str]:
        return value.canonical()


class SentenceField(serializers.CharField):
    """A kept sentence, in the language of whoever asks."""

    def to_representation(self, value: str) -> str:
        return retold(value)


@extend_schema_field({"type": "string", "example": "1h30m"})
class DurationField(serializers.Field):
    """A duration such as `45s`, `30m` or `1h30m`, within bounds."""

    def __init__(self, *, shortest: timedelta, longest: timedelta, **kwargs: Any) -> None:
        self.shortest, self.longest = shortest, longest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> timedelta:
        try:
            duration = parse_duration(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        if not self.shortest <= duration <= self.longest:
            seconds, days = int(self.shortest.total_seconds()), self.longest.days
            raise serializers.ValidationError(
                told("Give a time from %(seconds)ss to %(days)sd.", seconds=seconds, days=days)
            )
        return duration
