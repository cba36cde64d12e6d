"""What can go wrong with a cluster, and what that means for the caller."""

from typing import ClassVar

from core.answers import Answer, meaning_of
from core.messages import Message, below, quoted
from core.reasons import Reason


class ClusterError(Exception):
    """A cluster did not do what it was asked; `answer` says what to do about it."""

    reason: ClassVar[Reason] = Reason.CLUSTER_REFUSED
    answer: ClassVar[Answer] = Answer.REFUSED

    def __init__(
        self,
        message: Message,
        *,
        ours: Message | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        # What happened, in our own words, if the message is somebody else's.
        self.ours = ours
        self.retry_after_seconds = retry_after_seconds

    @property
    def account(self) -> Message:
        """The message to keep: what we say, and below it what others said."""
        return self.message if self.ours is None else self.ours + below(str(self.message))


class ClusterUnavailable(ClusterError):
    """Nobody answered."""

    reason = Reason.CLUSTER_UNAVAILABLE
    answer = Answer.AWAY


class NodeAway(ClusterError):
    """The API server answers, but the node that it would have to ask does not."""

    reason = Reason.NODE_AWAY
    answer = Answer.AWAY


class ClusterBusy(ClusterError):
    """The API server answers that it cannot serve us now."""

    reason = Reason.CLUSTER_BUSY
    answer = Answer.BUSY


class ClusterForbidden(ClusterError):
    """Our credentials are not accepted, do not allow this, or admission refuses it."""

    reason = Reason.CLUSTER_FORBIDDEN


class ClusterConflict(ClusterError):
    """Somebody else wrote first."""

    reason = Reason.CONFLICT
    answer = Answer.REPEAT


class AlreadyExists(ClusterConflict):
    """An object of that name already exists."""


class ClusterInvalid(ClusterError):
    """The API server refuses the object as it is."""


class ClusterNotFound(ClusterInvalid):
    """The object of the request, or the namespace it would be in, does not exist."""


class ResourceExpired(ClusterError):
    """The resource version to resume from is gone; list again."""

    answer = Answer.REPEAT


# Statuses with an error of their own; the others get theirs from what they mean.
STATUS_ERRORS: dict[int, type[ClusterError]] = {
    401: ClusterForbidden,
    403: ClusterForbidden,
    404: ClusterNotFound,
    410: ResourceExpired,
}
MEANINGS: dict[Answer, type[ClusterError]] = {
    Answer.REFUSED: ClusterInvalid,
    Answer.BUSY: ClusterBusy,
    Answer.AWAY: ClusterUnavailable,
    Answer.REPEAT: ClusterConflict,
}


def error_of_status(status: int, said: str, *, retry_after_seconds: float | None) -> ClusterError:
    """Return the error that an HTTP status means, with what the API server said about it."""
    error = STATUS_ERRORS.get(status) or MEANINGS[meaning_of(status)]
    ours = Message("The API server answered %(status)s.", status=status)
    if not said:
        return error(ours, retry_after_seconds=retry_after_seconds)
    return error(quoted(said), ours=ours, retry_after_seconds=retry_after_seconds)
