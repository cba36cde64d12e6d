"""Model fields for our values."""

from typing import Any

import msgspec
from django.db import models
from django.db.models import Field, Lookup
from django.db.models.fields.json import KeyTransform

from core.messages import Message
from core.resources import Resources


@models.ForeignKey.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`in` for any number of values: as one array, since PostgreSQL takes 65,535 values at most."""

    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        if hasattr(self.rhs, "resolve_expression"):
            return self.rhs
        return [self.lhs.output_field.get_prep_value(value) for value in self.rhs]

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        field = self.lhs.output_field
        return "%s", [[field.get_db_prep_value(one, connection, prepared=True) for one in value]]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = self.process_lhs(compiler, connection)
        array, values = self.process_rhs(compiler, connection)
        array_of = array_type(self.lhs.output_field, connection)
        return f"{column} = ANY({array}::{array_of})", [*before, *values]


def array_type(field: Any, connection: Any) -> str:
    """Return the type of an array of a field's values, which an empty one does not reveal."""
    column = field.rel_db_type(connection)
    # As varchar(63), a longer value would be cut and might be another row's.
    return "text[]" if column.startswith("varchar") else f"{column}[]"


@models.GenericIPAddressField.register_lookup
class Within(Lookup):
    """Addresses within a network, given as CIDR."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = compiler.compile(self.lhs)
        return f"{column} <<= %s::inet", [*before, str(self.rhs)]


class JSONField(models.JSONField):
    """JSON that is read several times faster than by Django's own field, and kept as that does."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or isinstance(expression, KeyTransform):
            return super().from_db_value(value, expression, connection)
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            # PostgreSQL keeps numbers that are too large for it.
            return super().from_db_value(value, expression, connection)

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        # To the database it is Django's own.
        path = "django.db.models.JSONField" if type(self) is JSONField else path
        return name, path, arguments, options


class ResourcesField(JSONField):
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


class MessageField(JSONField):
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
