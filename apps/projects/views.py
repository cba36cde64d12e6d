"""The edge of projects: parse, authorise, call one action, render."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from accounts.idempotency import AnsweredOnce
from accounts.models import ApiToken, User
from core.api.etags import changing, with_etag
from core.database import lock
from core.errors import Invalid
from core.words import told
from projects import actions
from projects.models import Environment, Membership, Project, Role
from projects.overview import attach_overview, attach_what_is_below
from projects.permissions import granted, require
from projects.serializers import (
    EnvironmentCreateSerializer,
    EnvironmentSerializer,
    EnvironmentUpdateSerializer,
    IssuedTokenSerializer,
    LanguageSerializer,
    MembershipSerializer,
    MeSerializer,
    ProjectCreateSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    ProjectUpdateSerializer,
    QuotaLimitsSerializer,
    RoleSerializer,
    TokenCreateSerializer,
    TokenSerializer,
)


class ProjectScopedViewSet(ApiViewSet):
    """Everything below `/projects/{project}`: what the caller may not see is 404."""

    def get_project(self) -> Project:
        """Return the project of the URL if the caller may know about it."""
        return get_object_or_404(
            Project.objects.visible_to(self.request.user), name=self.kwargs["project"]
        )

    def get_environment(self) -> Environment:
        """Return the environment of the URL."""
        environments = Environment.objects.select_related("project", "cluster", "quota")
        return get_object_or_404(
            environments, project=self.get_project(), name=self.kwargs["environment"]
        )

    def require(self, permission: str, environment: Environment | None = None) -> Project:
        """Return the project if the caller may do this in it."""
        project = environment.project if environment else self.get_project()
        # Whose audit has it if this is refused.
        self.request._request.project = project  # type: ignore[attr-defined]
        require(self.user, project, permission, environment=environment)
        self.authorised()
        return project


class MeViewSet(ProjectScopedViewSet):
    """The caller."""

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        me: Any = User.objects.prefetch_related(
            "memberships__project", "memberships__environments"
        ).get(pk=self.user.pk)
        me.token = request.auth if isinstance(request.auth, ApiToken) else None
        return Response(MeSerializer(me).data)

    @extend_schema(request=LanguageSerializer, responses=MeSerializer)
    def partial_update(self, request: Request) -> Response:
        parsed = LanguageSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        User.objects.filter(pk=self.user.pk).update(language=parsed.validated_data["language"])
        return self.retrieve(request)


class ProjectFilter(filters.FilterSet):
    """Search by a part of either name."""

    search = filters.CharFilter(method="by_name")

    class Meta:
        model = Project
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Project], _: str, part: str) -> QuerySet[Project]:
        return rows.filter(Q(name__icontains=part) | Q(display_name__icontains=part))


class ProjectViewSet(mixins.ListModelMixin, ProjectScopedViewSet):
    """Tenants; what runs in them is added by the app that knows of it."""

    serializer_class = ProjectSerializer
    detail_serializer_class: type[ProjectDetailSerializer] = ProjectDetailSerializer
    filterset_class = ProjectFilter
    ordering = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.user)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self.attach(page or [])
        return page

    def attach(self, projects: list[Project]) -> None:
        """Attach what is shown besides the row, with a constant number of queries."""
        attach_overview(projects, self.user, now=timezone.now())

    @extend_schema(request=ProjectCreateSerializer, responses={201: ProjectDetailSerializer})
    def create(self, request: Request) -> Response:
        self.require_platform_admin()
        parsed = ProjectCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        name, details = parsed.validated_data.pop("name"), parsed.validated_data
        project = actions.create_project(name=name, details=details, by=self.actor)
        return self.shown(project, status.HTTP_201_CREATED)

    @extend_schema(responses=ProjectDetailSerializer)
    def retrieve(self, request: Request, project: str) -> Response:
        return self.shown(self.get_project())

    @extend_schema(request=ProjectUpdateSerializer, responses=ProjectDetailSerializer)
    def partial_update(self, request: Request, project: str) -> Response:
        with changing(request, self.require("project.update")) as found:
            parsed = ProjectUpdateSerializer(data=request.data, partial=True)
            parsed.is_valid(raise_exception=True)
            changes = parsed.validated_data
            changed = actions.update_project(project=found, changes=changes, by=self.actor)
        return self.shown(changed)

    def destroy(self, request: Request, project: str) -> Response:
        actions.delete_project(project=self.require("project.delete"), by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, project: Project, code: int = status.HTTP_200_OK) -> Response:
        """Render one project with what the caller may do in it."""
        self.attach([project])
        project.permissions = granted(self.user, project)  # type: ignore[attr-defined]
        body = self.detail_serializer_class(project).data
        return with_etag(Response(body, status=code), project)


# What may be changed of an environment, and who may.
PERMISSION_TO_CHANGE = {
    "quota": "quota.write",
    "foreign_fields": "environment.write",
    "image_registries": "environment.write",
    "ingress": "traffic.write",
    "egress": "traffic.write",
}


class EnvironmentViewSet(mixins.ListModelMixin, ProjectScopedViewSet):
    """A project's presences on clusters."""

    queryset = Environment.objects.none()
    serializer_class = EnvironmentSerializer
    ordering = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Environment]:
        environments = Environment.objects.select_related("project", "cluster", "quota")
        return environments.filter(project=self.get_project())

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        attach_what_is_below(page or [])
        return page

    @extend_schema(request=EnvironmentCreateSerializer, responses={201: EnvironmentSerializer})
    def create(self, request: Request, project: str) -> Response:
        found = self.require("environment.write")
        parsed = EnvironmentCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        wish = parsed.validated_data
        quota = wish.get("quota") or QuotaLimitsSerializer().run_validation({})
        bounds = quota.pop("bounds")
        environment = actions.create_environment(
            project=found,
            name=wish["name"],
            cluster=wish["cluster"],
            namespace=wish.get("namespace") or f"{found.name}-{wish['name']}"[:63],
            quota={**quota, **bounds},
            policies={name: wish[name] for name in actions.POLICIES if name in wish},
            by=self.actor,
        )
        return self.shown(environment, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, project: str, environment: str) -> Response:
        return self.shown(self.get_environment())

    @extend_schema(responses={202: EnvironmentSerializer})
    def destroy(self, request: Request, project: str, environment: str) -> Response:
        found = self.get_environment()
        self.require("environment.write", found)
        with changing(request, found):
            leaving = actions.delete_environment(environment=found, by=self.actor)
        return self.shown(leaving, status.HTTP_202_ACCEPTED)

    @extend_schema(request=EnvironmentUpdateSerializer, responses=EnvironmentSerializer)
    def partial_update(self, request: Request, project: str, environment: str) -> Response:
        parsed = EnvironmentUpdateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        return self.update(parsed.validated_data)

    @extend_schema(request=QuotaLimitsSerializer, responses=EnvironmentSerializer)
    def set_quota(self, request: Request, project: str, environment: str) -> Response:
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
        attach_what_is_below([environment])
        body = EnvironmentSerializer(environment).data
        return with_etag(Response(body, status=code), environment)


class MemberViewSet(mixins.ListModelMixin, ProjectScopedViewSet):
    """People and their roles."""

    queryset = Membership.objects.none()
    serializer_class = MembershipSerializer
    ordering = ["user__username"]

    def get_queryset(self) -> QuerySet[Membership]:
        members = Membership.objects.select_related("user", "project")
        return members.filter(project=self.get_project(), user__is_robot=False)

    def get_object(self) -> Membership:
        return get_object_or_404(self.get_queryset(), user__username=self.kwargs["username"])

    def create(self, request: Request, project: str) -> Response:
        found = self.require("member.write")
        parsed = MembershipSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        username, role = parsed.validated_data["user"]["username"], parsed.validated_data["role"]
        member = actions.add_member(
            project=found, username=username, role=Role(role), by=self.actor
        )
        body = MembershipSerializer(member).data
        return with_etag(Response(body, status=status.HTTP_201_CREATED), member)

    def retrieve(self, request: Request, project: str, username: str) -> Response:
        member = self.get_object()
        return with_etag(Response(MembershipSerializer(member).data), member)

    @extend_schema(request=RoleSerializer, responses=MembershipSerializer)
    def partial_update(self, request: Request, project: str, username: str) -> Response:
        self.require("member.write")
        with self.changing() as member:
            parsed = RoleSerializer(data=request.data)
            parsed.is_valid(raise_exception=True)
            role = Role(parsed.validated_data["role"])
            changed = actions.change_role(membership=member, role=role, by=self.actor)
        return with_etag(Response(MembershipSerializer(changed).data), changed)

    def destroy(self, request: Request, project: str, username: str) -> Response:
        self.require("member.write")
        with self.changing() as member:
            actions.remove_member(membership=member, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @contextmanager
    def changing(self) -> Iterator[Membership]:
        """Hold every role of the project: whether an admin is left depends on all of them."""
        with transaction.atomic():
            lock(Membership.objects.filter(project=self.get_project()))
            with changing(self.request, self.get_object()) as member:
                yield member


class TokenViewSet(mixins.ListModelMixin, ProjectScopedViewSet):
    """A project's tokens for CI."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenSerializer
    ordering = ["-created_at", "id"]

    def get_queryset(self) -> QuerySet[ApiToken]:
        self.require("token.view")
        return (
            ApiToken.objects.filter(
                user__is_robot=True, user__memberships__project=self.get_project()
            )
            .select_related("user", "created_by")
            .prefetch_related("user__memberships__environments")
        )

    def get_object(self) -> ApiToken:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["token"])

    @extend_schema(request=TokenCreateSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request, project: str) -> Response:
        found = self.require("token.write")
        parsed = TokenCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        wish = parsed.validated_data
        token, secret = actions.create_token(
            project=found,
            name=wish["name"],
            role=Role(wish["role"]),
            expires_at=wish["expires_at"],
            environments=environments_named(found, wish["environments"]),
            by=self.actor,
        )
        token.secret, token.secret_message = secret, ""  # type: ignore[attr-defined]
        body = IssuedTokenSerializer(token).data
        gone = told("The secret was in the first answer and is not kept. Make another token.")
        kept = {**body, "secret": None, "secret_message": gone}
        return AnsweredOnce(body, kept=kept, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, project: str, token: Any) -> Response:
        return Response(TokenSerializer(self.get_object()).data)

    def destroy(self, request: Request, project: str, token: Any) -> Response:
        found = self.require("token.write")
        actions.revoke_token(project=found, token=self.get_object(), by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


def environments_named(project: Project, names: list[str]) -> list[Environment]:
    """Return a project's environments by name, or refuse the first unknown one."""
    known = {environment.name: environment for environment in project.environments.all()}
    for name in names:
        if name not in known:
            raise Invalid(
                told("There is no environment %(name)s.", name=name), pointer="/environments"
            )
    return [known[name] for name in names]
