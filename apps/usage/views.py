"""The HTTP API of usage: the project's resource summary, and the unattributed cards."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from core.api.pagination import link_after, piece_of
from core.api.windows import parse_until, parse_window
from core.errors import Invalid
from core.messages import Message
from projects.scope import ProjectScopedViewSet
from serving.api.scope import ServiceScopedViewSet
from usage.pods import read_use_of_pods
from usage.ranking import RankBy
from usage.reading import Wanted, read_course, read_summary, read_unattributed, span_of
from usage.serializers import (
    FleetUnattributedSerializer,
    ServiceUsageSerializer,
    SummarySerializer,
    shown_summary,
    shown_use,
)
from usage.summary import shown_unit

MOST_SERVICES = 25


class SummaryViewSet(ProjectScopedViewSet):
    """What a project may use, asked for, and uses."""

    query_parameters = frozenset(
        {"window", "until", "environment", "resource", "rank", "limit", "cursor"}
    )

    @extend_schema(
        parameters=[
            OpenApiParameter("window", str, description="Such as 30m, 1h or 7d."),
            OpenApiParameter("until", OpenApiTypes.DATETIME, description="Its end; else now."),
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
        with their course over a window. What is not known is null, with its age. A window may end
        earlier; quota, requested and used are those of now all the same.
        """
        asked, now = request.query_params, timezone.now()
        window, until = parse_window(asked.get("window", "1h")), parse_until(asked.get("until"))
        wanted = Wanted(
            span_of(window, until=until, now=now),
            piece_of(request, default=MOST_SERVICES),
            rank=parse_rank(asked.get("rank", RankBy.REQUESTED)),
            resource=asked.get("resource", ""),
            environment=asked.get("environment", ""),
        )
        summary = read_summary(self.get_project(), wanted, now=now)
        next_page = link_after(request, wanted.piece, total=summary.ranking.total)
        return Response(shown_summary(summary, next_page))


class ServiceUsageViewSet(ServiceScopedViewSet):
    """What one service asked for and used, over time."""

    query_parameters = frozenset({"window"})

    @extend_schema(
        parameters=[OpenApiParameter("window", str, description="Such as 30m, 1h or 7d.")],
        responses=ServiceUsageSerializer,
    )
    def retrieve(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Read what a service used and requested over time, and what its pods use now."""
        window, now = parse_window(request.query_params.get("window", "1h")), timezone.now()
        own, span = self.get_service(), span_of(window, now=now)
        found = read_course(own, span)
        resources = [
            {"resource": name, "unit": shown_unit(name), "points": points}
            for name, points in sorted(found.items())
        ]
        usage = {"since": span.since, "until": span.until, "step_seconds": span.step_seconds}
        pods = shown_use(read_use_of_pods(own.pk, now=now))
        answer = {**usage, "resources": resources, "now": pods}
        return Response(ServiceUsageSerializer(answer).data)


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
