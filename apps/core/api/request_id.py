"""A request id on every answer, log line and audit row, and the address on the latter two."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from core.api import origin

ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")


def current_request_id() -> str:
    """Return the id of the request being handled, or an empty string outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestIdMiddleware:
    """Take the caller's `X-Request-ID` if it is harmless, else make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        came_from = origin.origin_of(request)
        kept = origin.current.set(came_from)
        try:
            with structlog.contextvars.bound_contextvars(
                request_id=request_id, address=came_from.address
            ):
                response = self.get_response(request)
        finally:
            origin.current.reset(kept)
        response["X-Request-ID"] = request_id
        return response
