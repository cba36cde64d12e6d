"""What counts as an outage of a component that we need: only that is worth another try."""

from django.db import Error, InterfaceError, OperationalError
from psycopg import Error as PostgresError
from redis import RedisError

# SQLSTATE classes in which the statement may well succeed later, from the appendix on error codes.
# Exceeding a program limit (54) is an OperationalError too, but one that never passes.
PASSING = ("08", "25", "40", "53", "55", "57", "58")


def is_outage(error: BaseException) -> bool:
    """Return whether a component did not answer, or refuses now what it may accept later."""
    if isinstance(error, RedisError):
        return True
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, PostgresError) else None
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state.startswith(PASSING)


def is_read_only(error: BaseException) -> bool:
    """Return whether the database answers but takes no writes, as a standby does."""
    cause = error.__cause__
    return isinstance(cause, PostgresError) and cause.sqlstate == "25006"
