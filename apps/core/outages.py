"""What counts as an outage of a part that we need: only that is worth another try."""

from django.db import Error, InterfaceError, OperationalError
from psycopg import Error as PostgresError
from redis import RedisError

# Classes of SQLSTATE in which the statement may well succeed later, of the appendix on error codes.
# What breaks a limit of the program (54) is an OperationalError too, and does so for ever.
PASSING = ("08", "25", "40", "53", "55", "57", "58")


def is_outage(error: BaseException) -> bool:
    """Return whether a part did not answer, or does not take what it could take at another time."""
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
    """Return whether the database answers and takes no writes, as a standby does."""
    cause = error.__cause__
    return isinstance(cause, PostgresError) and cause.sqlstate == "25006"
