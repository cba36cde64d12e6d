"""What we ask of the database beside rows: whether it answers, told in time, and locks."""

import psycopg
from django.db import Error, OperationalError, connection
from django.db.models import QuerySet

# The least that libpq knows.
KNOCK_SECONDS = 2
READ_ONLY = "SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery()"


def lock(rows: QuerySet, *joined: str) -> bool:
    """Lock rows, and those that they are joined with by some names, in the order of their keys.

    Read them after that: what waits for a lock gets the row as it is by now, beside others as they
    were when the statement began, such as a service without the revision that it has just got.
    Who only refers to them is not held up: no key is changed under this lock. Returns whether
    there are any.
    """
    locked = rows.order_by("pk").select_for_update(of=("self", *joined), no_key=True)
    if joined:
        locked = locked.select_related(*joined)
    return bool(list(locked.only("pk", *joined)))


def knock() -> None:
    """See whether a new connection is answered; a query on one that we have may wait for ever.

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
    """Return whether writes would be taken: not by a standby, nor where they are forbidden."""
    with connection.cursor() as cursor:
        cursor.execute(READ_ONLY)
        (is_read_only,) = cursor.fetchone()
    return not is_read_only
