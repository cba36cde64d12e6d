"""Model fields for our values."""

from typing import Any

from django.db import models

from core.resources import Resources


class ResourcesField(models.JSONField):
    """`Resources` kept as JSON: amounts by name, in millicores, bytes and devices."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": Resources, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Resources | None:
        amounts = super().from_db_value(value, expression, connection)
        return None if amounts is None else Resources(amounts)

    def to_python(self, value: Any) -> Any:
        return Resources(value) if isinstance(value, dict) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = dict(value) if isinstance(value, Resources) else value
        return super().get_db_prep_value(plain, connection, prepared)
