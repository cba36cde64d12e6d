"""What Slipway tells those who monitor it: its parts, liveness, readiness and metrics."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from core.database import knock, takes_writes
from ops.components import read_platform, redis_answers
from ops.metrics import exposition
from ops.serializers import PlatformSerializer

READ_ONLY = "read only"


class PlatformViewSet(ApiViewSet):
    """Slipway itself: everybody who is signed in may see whether its parts live."""

    serializer_class = PlatformSerializer

    @extend_schema(responses=PlatformSerializer)
    def retrieve(self, request: Request) -> Response:
        """Read whether Slipway's own parts live."""
        seen = read_platform(now=timezone.now(), by_admin=request.user.is_superuser)
        return Response(self.get_serializer(seen).data)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether we are ready: without Redis we are, though degraded; without the database not.

    If the database takes no writes, everything can still be read, so that is only degraded too.
    Clusters and Prometheus are never asked: their outage must not take the console down.
    """
    parts = {"database": database_state(), "redis": redis_state()}
    is_ready = parts["database"] in ("ok", READ_ONLY)
    status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    body = {"status": status if is_ready else "unavailable", "parts": parts}
    return JsonResponse(body, status=200 if is_ready else 503)


def database_state() -> str:
    """Check whether the database answers in time, has our tables and takes writes."""
    try:
        knock()
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            return "migrations pending"
        return "ok" if takes_writes() else READ_ONLY
    except Error:
        return "unreachable"


def redis_state() -> str:
    """Check whether Redis answers."""
    return "ok" if redis_answers() else "unreachable"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format; most figures are read from the database right now."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
