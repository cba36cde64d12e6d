"""Requests as this process serves them: how many, how they ended, and how long they took."""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "slipway_http_requests", "Requests by route and status.", ["route", "code"], registry=None
)
DURATIONS = Histogram(
    "slipway_http_request_duration_seconds",
    "Time to an answer; streams, and what was held on request, are left out.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


class TrafficMiddleware:
    """Count each request under its route; all paths without a route count as one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        if hasattr(response, "hold"):
            # The answer is held, and not sent yet.
            return response
        route = request.resolver_match.route if request.resolver_match else ""
        REQUESTS.labels(route, str(response.status_code)).inc()
        if not response.streaming:
            DURATIONS.labels(route).observe(time.perf_counter() - started)
        return response
