"""The HTTP API of projects and environments: parse, authorise, call one action, render."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import changing, with_etag
from core.api.pages import ListMixin, Page, PagesMixin
from projects import actions
from projects.models import Environment, Project
from projects.overview import WithPermissions, environment_pages, project_pages
from projects.permissions import granted
from projects.scope import ProjectScopedViewSet
from projects.serializers import (
    EnvironmentCreateSerializer,
    EnvironmentSerializer,
    EnvironmentUpdateSerializer,
    ProjectCreateSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    ProjectUpdateSerializer,
    QuotaLimitsSerializer,
)


class ProjectFilter(filters.FilterSet):
    """Search by a part of either name."""

    search = filters.CharFilter(method="by_name")

    class Meta:
        model = Project
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Project], _: str, part: str) -> QuerySet[Project]:
        return rows.filter(Q(name__icontains=part) | Q(display_name__icontains=part))


class ProjectViewSet(PagesMixin, ListMixin, ProjectScopedViewSet):
    """Tenants; overview adds what runs in them."""

    serializer_class = ProjectSerializer
    detail_serializer_class: type[ProjectDetailSerializer] = ProjectDetailSerializer
    filterset_class = ProjectFilter
    ordering = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.user)

    def pages_of(self, rows: Sequence[Project]) -> list[Page]:
        return [*project_pages(rows, self.user, now=timezone.now())]

    @extend_schema(request=ProjectCreateSerializer, responses={201: ProjectDetailSerializer})
    def create(self, request: Request) -> Response:
        """Create a project.

        Whoever creates it becomes its first admin.
        """
        self.require_platform_admin()
        parsed = ProjectCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        name, details = parsed.validated_data.pop("name"), parsed.validated_data
        project = actions.create_project(name=name, details=details, by=self.actor)
        return self.shown(project, status.HTTP_201_CREATED)

    @extend_schema(responses=ProjectDetailSerializer)
    def retrieve(self, request: Request, project: str) -> Response:
        """Read a project, its environments and its health."""
        return self.shown(self.get_project())

    @extend_schema(request=ProjectUpdateSerializer, responses=ProjectDetailSerializer)
    def partial_update(self, request: Request, project: str) -> Response:
        """Change how a project is described."""
        with changing(request, self.require("project.update")) as found:
            parsed = ProjectUpdateSerializer(data=request.data, partial=True)
            parsed.is_valid(raise_exception=True)
            changes = parsed.validated_data
            changed = actions.update_project(project=found, changes=changes, by=self.actor)
        return self.shown(changed)

    @extend_schema(responses={202: ProjectDetailSerializer, 204: None})
    def destroy(self, request: Request, project: str) -> Response:
        """Delete a project in which nothing runs.

        Its environments, models, members and tokens go with it; the audit stays. While services
        still run it is 409 `InUse` and says which. It is 202 if its namespaces have to be deleted
        first, and 204 if it is gone at once.
        """
        with changing(request, self.require("project.delete")) as found:
            is_gone = actions.delete_project(project=found, by=self.actor)
        if is_gone:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return self.shown(found, status.HTTP_202_ACCEPTED)

    def shown(self, project: Project, code: int = status.HTTP_200_OK) -> Response:
        """Render one project with what the caller may do in it."""
        [page] = self.pages_of([project])
        detail = WithPermissions(page, granted(self.user, project))
        body = self.detail_serializer_class(detail).data
        return with_etag(Response(body, status=code), project)


# The permission that it takes to change each field of an environment.
PERMISSION_TO_CHANGE = {
    "quota": "quota.write",
    "foreign_fields": "environment.write",
    "image_registries": "environment.write",
    "ingress": "traffic.write",
    "egress": "traffic.write",
}


class EnvironmentViewSet(PagesMixin, ListMixin, ProjectScopedViewSet):
    """A project's presences on clusters."""

    queryset = Environment.objects.none()
    serializer_class = EnvironmentSerializer
    ordering = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Environment]:
        environments = Environment.objects.select_related("project", "cluster", "quota")
        return environments.filter(project=self.get_project())

    def pages_of(self, rows: Sequence[Environment]) -> list[Page]:
        return [*environment_pages(rows)]

    @extend_schema(request=EnvironmentCreateSerializer, responses={201: EnvironmentSerializer})
    def create(self, request: Request, project: str) -> Response:
        """Create an environment on a cluster.

        A worker creates its namespace, its ResourceQuota, its LimitRange and its NetworkPolicy.
        """
        found = self.require("environment.write")
        parsed = EnvironmentCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        data = parsed.validated_data
        quota = data.get("quota") or QuotaLimitsSerializer().run_validation({})
        bounds = quota.pop("bounds")
        environment = actions.create_environment(
            project=found,
            name=data["name"],
            cluster=data["cluster"],
            namespace=data.get("namespace") or f"{found.name}-{data['name']}"[:63],
            quota={**quota, **bounds},
            policies={name: data[name] for name in actions.POLICIES if name in data},
            by=self.actor,
        )
        return self.shown(environment, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, project: str, environment: str) -> Response:
        """Read an environment, its quota and what is reserved of it."""
        return self.shown(self.get_environment())

    @extend_schema(responses={202: EnvironmentSerializer})
    def destroy(self, request: Request, project: str, environment: str) -> Response:
        """Delete an environment in which nothing runs.

        A worker deletes its namespace; the history of its services goes with it.
        """
        found = self.get_environment()
        self.require("environment.write", found)
        with changing(request, found):
            leaving = actions.delete_environment(environment=found, by=self.actor)
        return self.shown(leaving, status.HTTP_202_ACCEPTED)

    @extend_schema(request=EnvironmentUpdateSerializer, responses=EnvironmentSerializer)
    def partial_update(self, request: Request, project: str, environment: str) -> Response:
        """Change an environment's quota or policies."""
        parsed = EnvironmentUpdateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        return self.update(parsed.validated_data)

    @extend_schema(request=QuotaLimitsSerializer, responses=EnvironmentSerializer)
    def set_quota(self, request: Request, project: str, environment: str) -> Response:
        """Replace an environment's quota.

        Limits below what is reserved are allowed: nothing that runs is touched, nothing more is
        admitted.
        """
        parsed = QuotaLimitsSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        return self.update({"quota": parsed.validated_data})

    def update(self, changes: dict[str, Any]) -> Response:
        """Change the environment of the URL."""
        found = self.get_environment()
        for name in changes:
            self.require(PERMISSION_TO_CHANGE[name], found)
        with changing(self.request, found):
            changed = actions.update_environment(environment=found, changes=changes, by=self.actor)
        return self.shown(changed)

    def shown(self, environment: Environment, code: int = status.HTTP_200_OK) -> Response:
        """Render one environment."""
        [page] = environment_pages([environment])
        body = EnvironmentSerializer(page).data
        return with_etag(Response(body, status=code), environment)
