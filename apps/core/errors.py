"""Refusals: every one has a reason from the closed list, a sentence, and the facts."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from core.messages import Message
from core.reasons import Reason


class Refusal(Exception):
    """A request that is understood but not carried out; nothing was changed.

    `details` holds the facts a caller may act on; `errors` points at fields of the body
    (JSON pointer and sentence).
    """

    status: ClassVar[int] = 400
    reason: Reason = Reason.INVALID

    def __init__(
        self,
        message: Message,
        *,
        reason: Reason | None = None,
        details: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, str | Message]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or type(self).reason
        self.details = dict(details or {})
        self.errors = errors


class Invalid(Refusal):
    """The body or a parameter is malformed."""

    def __init__(self, message: Message, *, pointer: str = "", **facts: Any) -> None:
        if pointer:
            facts.setdefault("errors", [{"pointer": pointer, "detail": message}])
        super().__init__(message, **facts)


class Forbidden(Refusal):
    """The caller may see the object but not do this to it."""

    status = 403
    reason = Reason.FORBIDDEN


class QuotaExceeded(Refusal):
    """The environment's headroom is smaller than what was asked for."""

    status = 403
    reason = Reason.QUOTA_EXCEEDED


class NotFound(Refusal):
    """It does not exist, or the caller may not know that it does."""

    status = 404
    reason = Reason.NOT_FOUND


class Conflict(Refusal):
    """The present state of the object does not allow this."""

    status = 409
    reason = Reason.CONFLICT


class PreconditionFailed(Refusal):
    """The object changed since the caller read it."""

    status = 412
    reason = Reason.PRECONDITION_FAILED


class IdempotencyKeyReused(Refusal):
    """The key belongs to a request with another body."""

    status = 422
    reason = Reason.IDEMPOTENCY_KEY_REUSED


class TooMany(Refusal):
    """There are already as many of these as allowed; one of them may end soon."""

    status = 429
    reason = Reason.TOO_MANY_REQUESTS

    def __init__(self, message: Message, *, retry_after_seconds: int, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(Refusal):
    """A cluster or a metrics server that is needed for the answer is away."""

    status = 503
    reason = Reason.CLUSTER_UNAVAILABLE
