"""When something we depend on is away, that is an outage, not a fault: 503, worth a retry."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from core.api.problem import plain_problem
from core.messages import Message
from core.outages import is_outage, is_read_only
from core.reasons import Reason

log = structlog.get_logger(__name__)


class OutageMiddleware:
    """Answer 503 when the database, or Redis where it is needed, does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_outage(error):
            return None
        log.error("outage", error=str(error), path=request.path)
        if is_read_only(error):
            sentence = Message("The database is read-only now. Try again in a moment.")
            response = plain_problem(503, sentence, reason=Reason.DATABASE_READ_ONLY)
        else:
            response = plain_problem(
                503, Message("A component that this needs is unavailable. Try again in a moment.")
            )
        response["Retry-After"] = "5"
        return response
