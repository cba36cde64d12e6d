"""The HTTP API of access: who the caller is, the members of a project, and its tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import AnsweredOnce
from accounts.models import ApiToken, User
from core.api.etags import changing, with_etag
from core.api.pages import ListMixin, Page
from core.database import lock
from core.errors import Invalid
from core.messages import Message
from projects import actions
from projects.models import Environment, Membership, Project, Role
from projects.scope import ProjectScopedViewSet
from projects.serializers import (
    IssuedTokenSerializer,
    LanguageSerializer,
    MembershipSerializer,
    MeSerializer,
    RoleSerializer,
    TokenCreateSerializer,
    TokenSerializer,
)


@dataclass(frozen=True, slots=True)
class MePage(Page):
    """The caller with the token that was used, if one was."""

    row: User
    token: ApiToken | None


@dataclass(frozen=True, slots=True)
class IssuedToken(Page):
    """A new token with its secret."""

    row: ApiToken
    secret: str
    secret_message: str = ""


class MeViewSet(ProjectScopedViewSet):
    """The caller."""

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        """Read who the caller is.

        The account, its roles, and the scope of the token that was used.
        """
        users = User.objects.prefetch_related("memberships__project", "memberships__environments")
        token = request.auth if isinstance(request.auth, ApiToken) else None
        return Response(MeSerializer(MePage(users.get(pk=self.user.pk), token)).data)

    @extend_schema(request=LanguageSerializer, responses=MeSerializer)
    def partial_update(self, request: Request) -> Response:
        """Choose the language of the caller's pages."""
        parsed = LanguageSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        User.objects.filter(pk=self.user.pk).update(language=parsed.validated_data["language"])
        return self.retrieve(request)


class MemberViewSet(ListMixin, ProjectScopedViewSet):
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
        """Add a member to a project."""
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
        """Read a member's role."""
        member = self.get_object()
        return with_etag(Response(MembershipSerializer(member).data), member)

    @extend_schema(request=RoleSerializer, responses=MembershipSerializer)
    def partial_update(self, request: Request, project: str, username: str) -> Response:
        """Change a member's role.

        A project keeps at least one admin.
        """
        self.require("member.write")
        with self.changing() as member:
            parsed = RoleSerializer(data=request.data)
            parsed.is_valid(raise_exception=True)
            role = Role(parsed.validated_data["role"])
            changed = actions.change_role(membership=member, role=role, by=self.actor)
        return with_etag(Response(MembershipSerializer(changed).data), changed)

    def destroy(self, request: Request, project: str, username: str) -> Response:
        """Remove a member from a project.

        A project keeps at least one admin.
        """
        self.require("member.write")
        with self.changing() as member:
            actions.remove_member(membership=member, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @contextmanager
    def changing(self) -> Iterator[Membership]:
        """Lock every role of the project: whether an admin is left depends on all of them."""
        with transaction.atomic():
            lock(Membership.objects.filter(project=self.get_project()))
            with changing(self.request, self.get_object()) as member:
                yield member


class TokenViewSet(ListMixin, ProjectScopedViewSet):
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
        """Issue a token for CI.

        It has one role in this project, perhaps only in some of its environments. Its secret is
        shown once.
        """
        found = self.require("token.write")
        parsed = TokenCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        data = parsed.validated_data
        token, secret = actions.create_token(
            project=found,
            name=data["name"],
            role=Role(data["role"]),
            expires_at=data["expires_at"],
            environments=environments_named(found, data["environments"]),
            by=self.actor,
        )
        body = IssuedTokenSerializer(IssuedToken(token, secret)).data
        gone = Message(
            "The secret was in the first answer and is not stored. Create another token."
        )
        kept = {**body, "secret": None, "secret_message": gone}
        return AnsweredOnce(body, kept=kept, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, project: str, token: Any) -> Response:
        """Read a token without its secret."""
        return Response(TokenSerializer(self.get_object()).data)

    def destroy(self, request: Request, project: str, token: Any) -> Response:
        """Revoke a token.

        It is refused from now on, and stays in the list.
        """
        found = self.require("token.write")
        actions.revoke_token(project=found, token=self.get_object(), by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


def environments_named(project: Project, names: list[str]) -> list[Environment]:
    """Return a project's environments by name, or refuse the first unknown one."""
    known = {environment.name: environment for environment in project.environments.all()}
    for name in names:
        if name not in known:
            raise Invalid(
                Message("There is no environment %(name)s.", name=name), pointer="/environments"
            )
    return [known[name] for name in names]
