"""Serializer fields for our values."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.durations import parse_duration
from core.messages import Message
from core.resources import Resources

MOST_ENTRIES = 200
RESOURCE_LIST_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "example": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"},
}


class BoundedDict(serializers.DictField):
    """A map with a limited number of entries, and with checked names and values."""

    def __init__(
        self, *, key: re.Pattern[str], value: re.Pattern[str] | None = None, **kwargs: Any
    ) -> None:
        self.key, self.value = key, value
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        refuse_many(data)
        checked = super().to_internal_value(data)
        for name, text in checked.items():
            if not self.key.fullmatch(name) or (self.value and not self.value.fullmatch(text)):
                raise serializers.ValidationError(
                    {name: str(Message("This name or value is not allowed."))}
                )
        return checked


def refuse_many(data: Any) -> None:
    """Refuse a map with more entries than anybody needs."""
    if isinstance(data, dict) and len(data) > MOST_ENTRIES:
        raise serializers.ValidationError(
            str(Message("At most %(most)s entries.", most=MOST_ENTRIES))
        )


@extend_schema_field(RESOURCE_LIST_SCHEMA)
class ResourceListField(serializers.Field):
    """A Kubernetes resource list; any legal spelling in, the canonical one out.

    `also` are names that are allowed here although no container can request them.
    """

    def __init__(self, *, also: Collection[str] = (), **kwargs: Any) -> None:
        self.also = also
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Resources:
        if not isinstance(data, dict):
            raise serializers.ValidationError(
                str(Message('Give a resource list such as {"cpu": "500m"}.'))
            )
        refuse_many(data)
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


class AccountField(serializers.CharField):
    """A message; what others answered is shown to platform admins only."""

    def to_representation(self, value: Any) -> str:
        return str(for_reader(value, self.context))


def for_reader(message: Message, context: Mapping[str, Any]) -> Message:
    """Return the part of a message that its reader may see."""
    request = context.get("request")
    return message if request and request.user.is_superuser else message.ours


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
                str(
                    Message(
                        "Give a duration from %(seconds)ss to %(days)sd.",
                        seconds=seconds,
                        days=days,
                    )
                )
            )
        return duration
