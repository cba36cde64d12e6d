"""Every error leaves as an RFC 9457 problem with a reason."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError
from django.db.models import UniqueConstraint
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import override
from psycopg import errors as postgres
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.api.documents import escape
from core.api.request_id import current_request_id
from core.errors import Conflict, Refusal
from core.messages import Message
from core.reasons import Reason

CONTENT_TYPE = "application/problem+json"
REASONS = {
    400: Reason.INVALID,
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    405: Reason.METHOD_NOT_ALLOWED,
    406: Reason.INVALID,
    408: Reason.INVALID,
    413: Reason.PAYLOAD_TOO_LARGE,
    415: Reason.UNSUPPORTED_MEDIA_TYPE,
    429: Reason.TOO_MANY_REQUESTS,
    503: Reason.SERVICE_UNAVAILABLE,
}
# These keep an answer small whatever was sent, though its sentences repeat some of that.
MOST_ERRORS, LONGEST_TEXT = 20, 500
log = structlog.get_logger(__name__)


def problem(
    status: int,
    detail: str | Message,
    *,
    reason: Reason | None = None,
    errors: Sequence[Mapping[str, str | Message]] = (),
    details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a problem."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": clipped(str(detail)),
        "reason": (reason or REASONS.get(status, Reason.INTERNAL_ERROR)).value,
        "errors": [
            {name: clipped(str(text)) for name, text in error.items()}
            for error in errors[:MOST_ERRORS]
        ],
        "details": details or {},
        "request_id": current_request_id(),
    }


def clipped(text: str) -> str:
    """Shorten a text that repeats too much of what was sent."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; anything unforeseen becomes a logged 500."""
    set_rollback()
    refusal = refusal_from_constraint(error) if isinstance(error, IntegrityError) else error
    if isinstance(refusal, Refusal):
        body = problem(
            refusal.status,
            refusal.message,
            reason=refusal.reason,
            errors=refusal.errors,
            details=refusal.details,
        )
        wait_seconds = getattr(refusal, "retry_after_seconds", None)
        return problem_response(body, {"Retry-After": str(wait_seconds)} if wait_seconds else {})
    return response_from_framework(error)


def response_from_framework(error: Exception) -> Response | None:
    """Map the errors of Django and its REST framework."""
    if isinstance(error, ObjectDoesNotExist):
        # It was found, but was gone before it could be locked.
        log.warning("gone meanwhile", exc_info=error)
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    errors = list(flatten(error.detail)) if isinstance(error, exceptions.ValidationError) else []
    detail = first_sentence(error, errors)
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait_seconds := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait_seconds:.0f}"
    return problem_response(problem(error.status_code, detail, errors=errors), headers)


def first_sentence(error: exceptions.APIException, errors: list[dict[str, str]]) -> str:
    """Say what is wrong in one sentence; the first field error when there are several."""
    if not errors:
        return str(error.detail)
    first = errors[0]
    return f"{first['pointer']}: {first['detail']}" if first["pointer"] else first["detail"]


def flatten(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """Yield each field error with its JSON pointer (RFC 6901)."""
    if isinstance(detail, dict):
        for key, part in detail.items():
            own = "" if key == "non_field_errors" else f"/{escape(str(key))}"
            yield from flatten(part, pointer + own)
    elif isinstance(detail, list):
        for index, part in enumerate(detail):
            nested = isinstance(part, dict | list)
            yield from flatten(part, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail)}


def problem_response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Wrap a problem for the REST framework."""
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def refusal_from_constraint(error: IntegrityError) -> Exception:
    """Return the refusal for a race that a constraint decided, as the action would have."""
    cause = error.__cause__
    if isinstance(cause, postgres.ForeignKeyViolation):
        return Conflict(
            Message("A related object changed meanwhile. Reload, then repeat the change.")
        )
    name = cause.diag.constraint_name if isinstance(cause, postgres.Error) else None
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.name == name:
                reason = Reason(constraint.violation_error_code or Reason.CONFLICT)
                # It is kept as it was written, and said in the reader's language like any other.
                with override(None):
                    message = Message(str(constraint.violation_error_message))
                return Conflict(message, reason=reason)
    if isinstance(cause, postgres.UniqueViolation):
        return Conflict(Message("One of this name was created at the same time. Reload and check."))
    return error


def plain_problem(status: int, detail: Message, *, reason: Reason | None = None) -> HttpResponse:
    """Return a problem from outside the REST framework."""
    body = problem(status, detail, reason=reason)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_problem(404, Message("There is nothing at %(path)s.", path=request.path))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_problem(400, Message("The request is malformed."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_problem(403, Message("This is not allowed."))


def server_error(request: HttpRequest) -> HttpResponse:
    return plain_problem(500, Message("Something went wrong on our side. Report the request id."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return plain_problem(403, Message("CSRF check failed: %(reason)s", reason=reason))
