"""The edge of usage: the project's resource summary, and the cards that are nobody's."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from core.durations import parse_duration
from core.errors import Invalid
from core.messages import Message, quoted
from projects.scope import ProjectScopedViewSet
from usage.reading import read_summary, read_unattributed
from usage.serializers import FleetUnattributedSerializer, SummarySerializer

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=90)


class SummaryViewSet(ProjectScopedViewSet):
    """What a project may use, asked for, and uses."""

    query_parameters = frozenset({"window"})

    @extend_schema(
        parameters=[OpenApiParameter("window", str, description="Such as 30m, 1h or 7d.")],
        responses=SummarySerializer,
    )
    def retrieve(self, request: Request, project: str) -> Response:
        window = parse_window(request.query_params.get("window", "1h"))
        summary = read_summary(self.get_project(), window=window, now=timezone.now())
        return Response(SummarySerializer(summary).data)


class UnattributedViewSet(ApiViewSet):
    """Cards that name no pod of ours: free ones, and those of others on our clusters."""

    @extend_schema(responses=FleetUnattributedSerializer)
    def retrieve(self, request: Request) -> Response:
        self.require_platform_admin()
        clusters = read_unattributed(now=timezone.now())
        return Response(FleetUnattributedSerializer({"clusters": clusters}).data)


def parse_window(text: str) -> timedelta:
    """Read a window such as 1h."""
    try:
        window = parse_duration(text)
    except ValueError as error:
        raise Invalid(quoted(f"window: {error}")) from error
    if not SHORTEST <= window <= LONGEST:
        raise Invalid(Message("window is a time such as 30m, 1h or 7d, from 5m to 90d."))
    return window
