"""What we need ourselves and is away is an outage, not a fault: 503, and worth a repeat."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from redis import RedisError

from core.api.problem import plain_problem
from core.words import told

log = structlog.get_logger(__name__)


class OutageMiddleware:
    """Answer 503 when the database, or Redis where it is needed, does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError | RedisError):
            return None
        log.error("outage", error=str(error), path=request.path)
        response = plain_problem(
            503, told("A part that this needs is away. Try again in a moment.")
        )
        response["Retry-After"] = "5"
        return response
