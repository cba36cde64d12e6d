"""The HTTP API of usage: the project's resource summary, and the unattributed cards."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from core.api.pagination import link_after, piece_of
from core.durations import parse_duration
from core.errors import Invalid
from core.messages import Message, quoted
from projects.scope import ProjectScopedViewSet
from usage.ranking import RankBy
from usage.reading import Wanted, read_summary, read_unattributed
from usage.serializers import FleetUnattributedSerializer, SummarySerializer, shown_summary

MOST_SERVICES = 25
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=90)


class SummaryViewSet(ProjectScopedViewSet):
    """What a project may use, asked for, and uses."""

    query_parameters = frozenset({"window", "environment", "resource", "rank", "limit", "cursor"})

    @extend_schema(
        parameters=[
            OpenApiParameter("window", str, description="Such as 30m, 1h or 7d."),
            OpenApiParameter("environment", str, description="Of which services are wanted."),
            OpenApiParameter(
                "resource", str, description="By which services rank; else a device, or CPU."
            ),
            OpenApiParameter("rank", enum=list(RankBy), description="What of it they rank by."),
            OpenApiParameter("limit", int, description="How many services, at most 500."),
            OpenApiParameter("cursor", str, description="Where the services go on."),
        ],
        responses=SummarySerializer,
    )
    def retrieve(self, request: Request, project: str) -> Response:
        """Summarise a project's resources.

        Per environment and resource: quota, requested, used, idle and what is free on the cluster,
        with their course over a window. What is not known is null, with its age.
        """
        asked = request.query_params
        wanted = Wanted(
            parse_window(asked.get("window", "1h")),
            piece_of(request, default=MOST_SERVICES),
            rank=parse_rank(asked.get("rank", RankBy.REQUESTED)),
            resource=asked.get("resource", ""),
            environment=asked.get("environment", ""),
        )
        summary = read_summary(self.get_project(), wanted, now=timezone.now())
        next_page = link_after(request, wanted.piece, total=summary.ranking.total)
        return Response(shown_summary(summary, next_page))


class UnattributedViewSet(ApiViewSet):
    """Cards that name no pod of ours: free ones, and those of others on our clusters."""

    @extend_schema(responses=FleetUnattributedSerializer)
    def retrieve(self, request: Request) -> Response:
        """List the cards that name no pod of ours."""
        self.require_platform_admin()
        clusters = read_unattributed(now=timezone.now())
        return Response(FleetUnattributedSerializer({"clusters": clusters}).data)


def parse_rank(text: str) -> RankBy:
    """Read what services rank by."""
    try:
        return RankBy(text)
    except ValueError:
        raise Invalid(Message("rank is requested or idle."), pointer="/rank") from None


def parse_window(text: str) -> timedelta:
    """Read a window such as 1h."""
    try:
        window = parse_duration(text)
    except ValueError as error:
        raise Invalid(quoted(f"window: {error}")) from error
    if not SHORTEST <= window <= LONGEST:
        raise Invalid(Message("window is a time such as 30m, 1h or 7d, from 5m to 90d."))
    return window
