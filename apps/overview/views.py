"""The edge of overviews: views of the apps below, with the services that run."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view

from clusters.models import Node
from clusters.views import NodeViewSet
from overview.running import attach_services, health_counts, places_of
from overview.serializers import (
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
)
class ProjectOverviewViewSet(ProjectViewSet):
    """Tenants, with how their services are."""

    serializer_class = ProjectOverviewSerializer
    detail_serializer_class = ProjectOverviewDetailSerializer

    def attach(self, projects: list[Project]) -> None:
        super().attach(projects)
        counts = health_counts(projects, now=timezone.now())
        for project in projects:
            shown: Any = project
            shown.services_by_health = counts[project.pk]


@extend_schema_view(
    create=extend_schema(request=VersionCreateSerializer, responses={201: VERSION, 200: VERSION}),
)
class VersionOverviewViewSet(VersionViewSet):
    """A model's immutable versions, with where they run."""

    serializer_class = VersionOverviewSerializer

    def attach(self, versions: list[ModelVersion]) -> None:
        super().attach(versions)
        places = places_of(versions, self.user)
        for version in versions:
            shown: Any = version
            shown.runs_in = places[version.pk]


class NodeOverviewViewSet(NodeViewSet):
    """The fleet's nodes, with the services on them that the caller may see."""

    serializer_class = NodeOverviewSerializer

    def attach(self, nodes: list[Node]) -> None:
        super().attach(nodes)
        attach_services(nodes, self.user)
