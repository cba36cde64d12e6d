"""Whether the database answers, told in time: a query on a connection we have may wait for ever."""

import psycopg
from django.db import DatabaseError, OperationalError, connection

# The least that libpq knows.
KNOCK_SECONDS = 2
READ_ONLY = "SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery()"


def knock() -> None:
    """See whether a new connection is answered.

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
    """Tell whether the database answers in time."""
    try:
        knock()
    except DatabaseError:
        return False
    return True


def takes_writes() -> bool:
    """Tell whether what is written would be taken: not by a standby, nor where it is forbidden."""
    with connection.cursor() as cursor:
        cursor.execute(READ_ONLY)
        (is_read_only,) = cursor.fetchone()
    return not is_read_only
