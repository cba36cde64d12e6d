"""What we ask of the database besides rows: whether it answers in time, and locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import Error, OperationalError, connection
from django.db.models import Model, QuerySet

# The shortest timeout that libpq knows.
KNOCK_SECONDS = 2
AnyModel = TypeVar("AnyModel", bound=Model)
IS_READ_ONLY = "SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery()"


def lock(rows: QuerySet, *joined: str) -> bool:
    """Lock rows, and rows that are joined to them by name, in the order of their keys.

    Read them after that: a statement that waits for a lock gets the row as it is now, next to
    others as they were when the statement began, such as a service without the revision it has
    just got. Rows that merely refer to these are not held up: no key is changed under this lock.
    Returns whether there are any.
    """
    locked = locking(rows, *joined)
    if joined:
        locked = locked.select_related(*joined)
    return bool(list(locked.only("pk", *joined)))


def locking(rows: QuerySet[AnyModel], *joined: str) -> QuerySet[AnyModel]:
    """Return a query that locks rows as `lock` does, and reads what it locks as it is then."""
    return rows.order_by("pk").select_for_update(of=("self", *joined), no_key=True)


def with_known(row: AnyModel, known: AnyModel) -> AnyModel:
    """Give a row that was read anew the rows it refers to, where `known` refers to the same."""
    field: Any
    for field in row._meta.concrete_fields:
        is_same = field.value_from_object(row) == field.value_from_object(known)
        if field.is_relation and is_same and field.is_cached(known):
            field.set_cached_value(row, field.get_cached_value(known))
    return row


@contextmanager
def planned_for_its_values() -> Iterator[None]:
    """Have statements planned for the values they are given.

    A plan that is kept is one for any values: it walks all rows in their order to find what the
    statistics call frequent, where none is what was asked for.
    """
    connection.ensure_connection()
    driver: Any = connection.connection
    before, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = before


def knock() -> None:
    """Check that a new connection is answered; a query on an existing one may wait for ever.

    Raises:
        OperationalError: it is not, or not within `KNOCK_SECONDS`.
    """
    parameters = {**connection.get_connection_params(), "connect_timeout": KNOCK_SECONDS}
    parameters.pop("pool", None)
    try:
        psycopg.connect(**parameters).close()
    except psycopg.Error as error:
        raise OperationalError(str(error)) from error


def is_answering() -> bool:
    """Return whether the database answers in time."""
    try:
        knock()
    except Error:
        return False
    return True


def takes_writes() -> bool:
    """Return whether writes are accepted: not by a standby, nor where they are forbidden."""
    with connection.cursor() as cursor:
        cursor.execute(IS_READ_ONLY)
        (is_read_only,) = cursor.fetchone()
    return not is_read_only
