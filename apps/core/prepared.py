"""Statements that are written once, for what is asked or saved all the time in the same words.

Django composes a statement anew each time, and that takes longer than PostgreSQL takes to answer.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cache, wraps
from inspect import signature
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from core.database import AnyModel
from core.fields import array_type

T = TypeVar("T")


class Given(Expression):
    """A value that a statement is given when it runs, as the driver takes it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def prepared(build: Callable[..., QuerySet[AnyModel, T]]) -> Callable[..., list[T]]:
    """Make a function that builds a query from values into one that runs it with them.

    The query is built once, from a `Given` for each parameter, so its form may not depend on a
    value: no `None`, and lists only for `among`.
    """
    names = tuple(signature(build).parameters)

    @cache
    def written() -> tuple[QuerySet[AnyModel, T], SQLCompiler, str, tuple[Any, ...]]:
        rows = build(*map(Given, names))
        compiler: Any = rows.query.get_compiler(connection=connection)
        statement, places = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda _: converters
        return rows, compiler, statement, places

    @wraps(build)
    def run(*values: Any) -> list[T]:
        rows, compiler, statement, places = written()
        if rows.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("A lock would end with its statement.")
        given = dict(zip(names, values, strict=True))
        parameters = tuple(given[p.name] if isinstance(p, Given) else p for p in places)
        # Compilers belong to a thread and its connection; what this one has found out does not.
        again: Any = copy(compiler)
        again.connection, again.as_sql = connection, lambda: (statement, parameters)
        rows = rows.all()
        rows.query.get_compiler = lambda *_, **__: again  # type: ignore[method-assign]
        return list(rows)

    return run


def read_rows(model: type[AnyModel], statement: str, parameters: Sequence[Any]) -> list[AnyModel]:
    """Run plain SQL that selects `{columns}`, which are all of a model's; return its rows."""
    columns, names, converters = columns_to_read(model)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(columns=columns), parameters)
        found = [list(row) for row in cursor.fetchall()]
    for row in found:
        for index, convert in converters:
            row[index] = convert(row[index], None, connection)
    return [model.from_db(connection.alias, names, row) for row in found]


@cache
def columns_to_read(model: type[Model]) -> tuple[str, list[str], list[tuple[int, Any]]]:
    """Return a model's columns as SQL and by name, and how to read those that need it."""
    table, fields = model._meta.db_table, model._meta.concrete_fields
    converters = [
        (index, field.from_db_value)
        for index, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    ]
    columns = ", ".join(f'"{table}"."{field.column}"' for field in fields)
    return columns, [field.attname for field in fields], converters


def save_columns(rows: Sequence[Model], columns: Sequence[str] = ()) -> None:
    """Write columns of some rows of one model, by default all, in one statement.

    As with `save`, times that are set automatically are set if their columns are written.
    """
    if not rows:
        return
    for_one, for_many, fields = written_updates(type(rows[0]), tuple(columns))
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=False), connection) for row in rows]
        for field in fields
    ]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            # Arrays of one take twice as long to make, and to read.
            cursor.execute(for_one, [value for (value,) in values])
        else:
            cursor.execute(for_many, values)


@cache
def written_updates(model: type[Model], names: tuple[str, ...]) -> tuple[str, str, list[Any]]:
    """Return the statements of `save_columns` for one row and for many, and their fields.

    The key comes last: that of one row, or those of all, beside arrays of the other values.
    """
    meta: Any = model._meta
    named = [meta.get_field(name) for name in names] or meta.concrete_fields
    fields = [*(field for field in named if field != meta.pk), meta.pk]
    *columns, key = (f'"{field.column}"' for field in fields)
    table = f'UPDATE "{meta.db_table}" AS kept'
    one = f"{table} SET {', '.join(f'{c} = %s' for c in columns)} WHERE {key} = %s"
    arrays = ", ".join(f"%s::{array_type(field, connection)}" for field in fields)
    many = (
        f"{table} SET {', '.join(f'{c} = given.{c}' for c in columns)} "
        f"FROM unnest({arrays}) AS given ({', '.join([*columns, key])}) "
        f"WHERE kept.{key} = given.{key}"
    )
    return one, many, fields
