"""The HTTP API of overviews: the views of other apps, with the services that run."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from clusters.views import NodeViewSet
from core.api.pages import Page, PagesMixin
from core.messages import Message
from overview.attention import attention_for
from overview.running import VersionPage, WithHealth, health_counts, services_running, with_services
from overview.search import LONGEST_TEXT, find_objects
from overview.serializers import (
    AttentionListSerializer,
    FoundListSerializer,
    NodeOverviewSerializer,
    ProjectOverviewDetailSerializer,
    ProjectOverviewSerializer,
    VersionOverviewSerializer,
)
from projects.models import Project
from projects.serializers import ProjectCreateSerializer, ProjectUpdateSerializer
from projects.views import ProjectViewSet
from registry.models import ModelVersion
from registry.serializers import VersionCreateSerializer
from registry.views import VersionViewSet

DETAIL, VERSION = ProjectOverviewDetailSerializer, VersionOverviewSerializer


@extend_schema_view(
    create=extend_schema(request=ProjectCreateSerializer, responses={201: DETAIL}),
    retrieve=extend_schema(responses=DETAIL),
    partial_update=extend_schema(request=ProjectUpdateSerializer, responses=DETAIL),
    destroy=extend_schema(responses={202: DETAIL, 204: None}),
)
class ProjectOverviewViewSet(ProjectViewSet):
    """Tenants, with how their services are."""

    serializer_class = ProjectOverviewSerializer
    detail_serializer_class = ProjectOverviewDetailSerializer

    def pages_of(self, rows: Sequence[Project]) -> list[Page]:
        counts = health_counts(rows, now=timezone.now())
        return [WithHealth(page, counts[page.pk]) for page in super().pages_of(rows)]


@extend_schema_view(
    create=extend_schema(request=VersionCreateSerializer, responses={201: VERSION, 200: VERSION}),
)
class VersionOverviewViewSet(PagesMixin, VersionViewSet):
    """A model's immutable versions, with where they run."""

    serializer_class = VersionOverviewSerializer

    def pages_of(self, rows: Sequence[ModelVersion]) -> list[Page]:
        places = services_running(rows, self.user)
        return [VersionPage(version, places[version.pk]) for version in rows]

    def shown(self, version: ModelVersion, code: int = status.HTTP_200_OK) -> Response:
        [page] = self.pages_of([version])
        return Response(self.get_serializer(page).data, status=code)


class AttentionViewSet(ApiViewSet):
    """What needs somebody now, among what the caller may see."""

    @extend_schema(responses=AttentionListSerializer)
    def retrieve(self, request: Request) -> Response:
        """List what needs somebody now."""
        found = attention_for(self.user)
        return Response(AttentionListSerializer({"results": found}).data)


class SearchViewSet(ApiViewSet):
    """Objects by a part of their names, among what the caller may see."""

    query_parameters = frozenset({"q"})

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q",
                str,
                required=True,
                description="A part of a name, in any case; `model:version` finds versions too.",
            )
        ],
        responses=FoundListSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        """Find objects by a part of their names."""
        text = request.query_params.get("q", "").strip()
        if not 0 < len(text) <= LONGEST_TEXT:
            sentence = Message(
                "q is a part of a name, at most %(most)s letters.", most=LONGEST_TEXT
            )
            raise ValidationError({"q": str(sentence)})
        return Response(FoundListSerializer({"results": find_objects(text, self.user)}).data)


class NodeOverviewViewSet(PagesMixin, NodeViewSet):
    """The fleet's nodes, with the services on them that the caller may see."""

    serializer_class = NodeOverviewSerializer

    def pages_of(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return with_services(rows, self.user)
