"""What can go wrong with a cluster, and whether trying again may help."""

from typing import ClassVar

from core.reasons import Reason


class ClusterError(Exception):
    """A cluster did not do what it was asked; `retryable` says whether it may later."""

    reason: ClassVar[Reason] = Reason.CLUSTER_REFUSED
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class ClusterUnavailable(ClusterError):
    """No answer, or an answer that only says to come back later."""

    reason = Reason.CLUSTER_UNAVAILABLE
    retryable = True


class ClusterForbidden(ClusterError):
    """Our credentials are not accepted, or not for this."""

    reason = Reason.CLUSTER_FORBIDDEN
    retryable = True


class ClusterConflict(ClusterError):
    """Somebody else wrote first."""

    reason = Reason.CONFLICT
    retryable = True


class ClusterInvalid(ClusterError):
    """The API server refuses the object as it is."""


class ResourceExpired(ClusterError):
    """The resource version to resume from is gone; list again."""

    retryable = True


STATUS_ERRORS: dict[int, type[ClusterError]] = {
    400: ClusterInvalid,
    401: ClusterForbidden,
    403: ClusterForbidden,
    409: ClusterConflict,
    410: ResourceExpired,
    422: ClusterInvalid,
    429: ClusterUnavailable,
}


def error_of_status(
    status: int, message: str, *, retry_after_seconds: float | None
) -> ClusterError:
    """Return the error that an HTTP status means; server errors are outages."""
    error = STATUS_ERRORS.get(status, ClusterUnavailable if status >= 500 else ClusterInvalid)
    return error(message, retry_after_seconds=retry_after_seconds)
