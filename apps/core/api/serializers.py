"""Serializers refuse fields they do not know."""

from functools import cache
from typing import Any

from rest_framework import serializers

from core.fields import MessageField
from core.messages import Message


class StrictMixin:
    """Answer 400 to an unknown field instead of dropping it."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = set(data) - set(self.fields)  # type: ignore[attr-defined]
            if unknown:
                sentence = str(Message("Unknown field."))
                raise serializers.ValidationError(dict.fromkeys(sorted(unknown), sentence))
        return super().to_internal_value(data)


class Serializer(StrictMixin, serializers.Serializer):
    """A strict serializer of plain values."""


class ModelSerializer(StrictMixin, serializers.ModelSerializer):
    """A strict serializer of rows; messages are rendered in the caller's language."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        if isinstance(model_field, MessageField):
            return serializers.CharField, {"read_only": True}
        return super().build_standard_field(field_name, model_field)


@cache
def columns_of(serializer: type[serializers.Serializer]) -> dict[str, str]:
    """Return the column behind each field that has one, for lists that read plain values."""
    fields = serializer().fields.items()
    return {name: field.source for name, field in fields if field.source != "*"}
