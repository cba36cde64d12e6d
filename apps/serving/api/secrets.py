"""The HTTP API of secrets: parse, authorise, call one action, render."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import check_if_match, with_etag
from core.api.pages import ListMixin
from core.database import lock
from core.names import validate_dns_label
from projects.models import Environment
from projects.scope import ProjectScopedViewSet
from serving.api.secret_serializers import (
    LoginSerializer,
    PullCredentialSerializer,
    SecretChangesSerializer,
    SecretSerializer,
    SecretValuesSerializer,
)
from serving.models import Secret
from serving.secrets import actions
from serving.secrets.use import uses_in

SECRET_NAME = serializers.CharField(max_length=63, validators=[validate_dns_label])


class SecretScopedViewSet(ListMixin, ProjectScopedViewSet):
    """The secrets of one kind in an environment: written by those who deploy, read by nobody."""

    queryset = Secret.objects.none()
    kind = Secret.Kind.VALUES
    parameter = "secret"
    ordering = ["name", "id"]

    def get_queryset(self) -> QuerySet[Secret]:
        return self.secrets_of(self.get_environment())

    def secrets_of(self, environment: Environment) -> QuerySet[Secret]:
        return Secret.objects.current().filter(environment=environment, kind=self.kind)

    def get_serializer_context(self) -> dict[str, Any]:
        context = {**super().get_serializer_context()}
        # The schema is generated without a caller.
        if self.request is not None:
            context["uses"] = uses_in(self.get_environment().pk)
        return context

    @property
    def secret_name(self) -> str:
        """The name in the URL."""
        name: str = self.kwargs[self.parameter]
        return name

    def get_object(self) -> Secret:
        return get_object_or_404(self.get_queryset(), name=self.secret_name)

    def writable(self) -> Environment:
        """Return the environment if the caller may change its secrets and has read this one.

        This secret stays locked until the transaction ends.
        """
        environment = self.get_environment()
        self.require("secret.write", environment)
        rows = self.secrets_of(environment).filter(name=self.secret_name)
        lock(rows)
        known = rows.first()
        if known is not None:
            check_if_match(self.request, known)
        return environment

    @transaction.atomic
    def replaced(self, serializer: type[serializers.Serializer]) -> Response:
        """Create or replace the secret that the URL names."""
        environment = self.writable()
        name = SECRET_NAME.run_validation(self.secret_name)
        parsed = serializer(data=self.request.data)
        parsed.is_valid(raise_exception=True)
        asked = self.asked(parsed.validated_data)
        is_known = self.secrets_of(environment).filter(name=name).exists()
        if not is_known:
            check_if_match(self.request, None)
        secret = actions.put_secret(
            environment=environment, kind=self.kind, name=name, by=self.actor, **asked
        )
        return self.shown(secret, status.HTTP_200_OK if is_known else status.HTTP_201_CREATED)

    def asked(self, parsed: dict[str, Any]) -> dict[str, Any]:
        """Return what a request body asks to store."""
        return {"values": parsed["values"]}

    @transaction.atomic
    def remove(self) -> Response:
        """Delete the secret that the URL names."""
        self.writable()
        actions.delete_secret(secret=self.get_object(), by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, secret: Secret, code: int = status.HTTP_200_OK) -> Response:
        """Render one secret."""
        body = self.get_serializer(secret).data
        return with_etag(Response(body, status=code), secret)


class SecretViewSet(SecretScopedViewSet):
    """Values that services get as variables or files."""

    serializer_class = SecretSerializer

    def retrieve(self, request: Request, project: str, environment: str, secret: str) -> Response:
        """Read a secret's keys and ages.

        Values are never shown.
        """
        return self.shown(self.get_object())

    @extend_schema(
        request=SecretValuesSerializer, responses={200: SecretSerializer, 201: SecretSerializer}
    )
    def update(self, request: Request, project: str, environment: str, secret: str) -> Response:
        """Create a secret, or replace all its values.

        Services get them with their next rollout.
        """
        return self.replaced(SecretValuesSerializer)

    @extend_schema(request=SecretChangesSerializer, responses=SecretSerializer)
    @transaction.atomic
    def partial_update(
        self, request: Request, project: str, environment: str, secret: str
    ) -> Response:
        """Change some values of a secret.

        A value of null takes its key away. Services get the change with their next rollout.
        """
        found = self.writable()
        name = self.get_object().name
        parsed = SecretChangesSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        changes = parsed.validated_data["values"]
        return self.shown(
            actions.change_secret(environment=found, name=name, changes=changes, by=self.actor)
        )

    def destroy(self, request: Request, project: str, environment: str, secret: str) -> Response:
        """Delete a secret that no service uses."""
        return self.remove()


class PullCredentialViewSet(SecretScopedViewSet):
    """Registry logins, with which every service of the environment pulls its image."""

    serializer_class = PullCredentialSerializer
    kind = Secret.Kind.PULL_CREDENTIAL
    parameter = "credential"

    def asked(self, parsed: dict[str, Any]) -> dict[str, Any]:
        return {"server": parsed.pop("server"), "values": parsed}

    def retrieve(
        self, request: Request, project: str, environment: str, credential: str
    ) -> Response:
        """Read a pull credential without its password."""
        return self.shown(self.get_object())

    @extend_schema(
        request=LoginSerializer,
        responses={200: PullCredentialSerializer, 201: PullCredentialSerializer},
    )
    def update(self, request: Request, project: str, environment: str, credential: str) -> Response:
        """Create or replace a pull credential."""
        return self.replaced(LoginSerializer)

    def destroy(
        self, request: Request, project: str, environment: str, credential: str
    ) -> Response:
        """Delete a pull credential."""
        return self.remove()
