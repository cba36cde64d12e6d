"""The edge of overviews: views of the apps below, with the services that run."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view

from projects.models import Project
from projects.serializers import ProjectCreateSerializer, ProjectUpdateSerializer
from projects.views import ProjectViewSet
from serving.overview.running import health_counts
from serving.overview.serializers import (
    ProjectOverviewDetailSerializer,
    ProjectOverviewSerializer,
)

DETAIL = ProjectOverviewDetailSerializer


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
