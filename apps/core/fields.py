"""Model fields for our values."""

from typing import Any

from django.db import models
from django.db.models import Field, Lookup

from core.messages import Message
from core.resources import Resources


@models.ForeignKey.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`in`, for as many values as there are: one array, where PostgreSQL takes 65,535 values."""

    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        return [self.lhs.output_field.get_prep_value(value) for value in self.rhs]

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        field = self.lhs.output_field
        return "%s", [[field.get_db_prep_value(one, connection, prepared=True) for one in value]]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = self.process_lhs(compiler, connection)
        array, values = self.process_rhs(compiler, connection)
        return f"{column} = ANY({array}::{self.array_type(connection)})", [*before, *values]

    def array_type(self, connection: Any) -> str:
        """Return the type of the array; an empty one could not say it itself."""
        column = self.lhs.output_field.rel_db_type(connection)
        # As varchar(63) a longer value would be cut and be another's.
        return "text[]" if column.startswith("varchar") else f"{column}[]"


@models.GenericIPAddressField.register_lookup
class Within(Lookup):
    """Addresses in a network, as CIDR."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = compiler.compile(self.lhs)
        return f"{column} <<= %s::inet", [*before, str(self.rhs)]


class ResourcesField(models.JSONField):
    """`Resources` kept as JSON: amounts by name, in millicores, bytes and devices."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": Resources, **options})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Resources | None:
        amounts = super().from_db_value(value, expression, connection)
        return None if amounts is None else Resources(amounts)

    def to_python(self, value: Any) -> Any:
        return Resources(value) if isinstance(value, dict) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = dict(value) if isinstance(value, Resources) else value
        return super().get_db_prep_value(plain, connection, prepared)


class MessageField(models.JSONField):
    """A `Message` kept as JSON."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": Message, "blank": True, **options})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Message:
        # None where a join found no row.
        return Message.from_json(super().from_db_value(value, expression, connection) or [])

    def to_python(self, value: Any) -> Any:
        return Message.from_json(value) if isinstance(value, list) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = value.to_json() if isinstance(value, Message) else value
        return super().get_db_prep_value(plain, connection, prepared)
