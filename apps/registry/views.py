"""The HTTP API of the registry: parse, authorise, call one action, render."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import changing, with_etag
from core.api.pages import ListMixin
from projects.scope import ProjectScopedViewSet
from registry import actions
from registry.artifacts import check_artifact
from registry.images import pinned_image
from registry.models import ModelVersion, RegisteredModel
from registry.serializers import (
    ModelUpdateSerializer,
    RegisteredModelSerializer,
    VersionCreateSerializer,
    VersionSerializer,
)


class ModelFilter(filters.FilterSet):
    """Search by a part of the name."""

    search = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = RegisteredModel
        fields: list[str] = []


class ModelViewSet(ListMixin, ProjectScopedViewSet):
    """A project's models."""

    queryset = RegisteredModel.objects.none()
    serializer_class = RegisteredModelSerializer
    filterset_class = ModelFilter
    ordering = ["name"]
    ordering_fields = ["name", "created_at", "versions_total"]

    def get_queryset(self) -> QuerySet[RegisteredModel]:
        newest = ModelVersion.objects.filter(model=OuterRef("pk")).order_by("-created_at", "-pk")
        return (
            RegisteredModel.objects.filter(project=self.get_project())
            .select_related("project")
            .annotate(
                versions_total=Count("versions"),
                latest_version=Subquery(newest.values("version")[:1]),
            )
        )

    def get_object(self) -> RegisteredModel:
        return get_object_or_404(self.get_queryset(), name=self.kwargs["model"])

    @extend_schema(responses={201: RegisteredModelSerializer})
    def create(self, request: Request, project: str) -> Response:
        """Register a model."""
        found = self.require("model.write")
        parsed = RegisteredModelSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        name, details = parsed.validated_data.pop("name"), parsed.validated_data
        details = {k: v for k, v in details.items() if k in ("description", "labels")}
        model = actions.create_model(project=found, name=name, details=details, by=self.actor)
        return self.shown(model, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, project: str, model: str) -> Response:
        """Read a model."""
        return self.shown(self.get_object())

    @extend_schema(request=ModelUpdateSerializer, responses=RegisteredModelSerializer)
    def partial_update(self, request: Request, project: str, model: str) -> Response:
        """Change how a model is described."""
        self.require("model.write")
        with changing(request, self.get_object()) as found:
            parsed = ModelUpdateSerializer(data=request.data, partial=True)
            parsed.is_valid(raise_exception=True)
            changes = parsed.validated_data
            changed = actions.update_model(model=found, changes=changes, by=self.actor)
        return self.shown(changed)

    def destroy(self, request: Request, project: str, model: str) -> Response:
        """Delete a model that no service names.

        Its versions go with it. If services name it, it is 409 `InUse` and says which.
        """
        self.require("model.delete")
        with changing(request, self.get_object()) as found:
            actions.delete_model(model=found, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, model: RegisteredModel, code: int = status.HTTP_200_OK) -> Response:
        """Render one model."""
        return with_etag(Response(RegisteredModelSerializer(model).data, status=code), model)


class VersionViewSet(ListMixin, ProjectScopedViewSet):
    """A model's immutable versions; overview adds where they run."""

    queryset = ModelVersion.objects.none()
    serializer_class = VersionSerializer
    ordering = ["-created_at", "-id"]
    ordering_fields = ["created_at", "version"]

    def get_model(self) -> RegisteredModel:
        models = RegisteredModel.objects.select_related("project")
        return get_object_or_404(models, project=self.get_project(), name=self.kwargs["model"])

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return ModelVersion.objects.filter(model=self.get_model()).select_related("model")

    @extend_schema(
        request=VersionCreateSerializer, responses={201: VersionSerializer, 200: VersionSerializer}
    )
    def create(self, request: Request, project: str, model: str) -> Response:
        """Register a version of a model.

        Versions are immutable: the same content again is 200, other content is 409 `VersionExists`.
        A tag is resolved to a digest once.
        """
        self.require("model.write")
        found = self.get_model()
        parsed = VersionCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        content = dict(parsed.validated_data)
        version, is_new = actions.register_version(
            model=found, version=content.pop("version"), content=verified(content), by=self.actor
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return self.shown(version, code)

    def retrieve(self, request: Request, project: str, model: str, version: str) -> Response:
        """Read a version and where it runs."""
        return self.shown(get_object_or_404(self.get_queryset(), version=version))

    def shown(self, version: ModelVersion, code: int = status.HTTP_200_OK) -> Response:
        """Render one version."""
        return Response(self.get_serializer(version).data, status=code)


def verified(content: dict[str, Any]) -> dict[str, Any]:
    """Pin the image and check the artefact of a version that is to be registered."""
    if content["artifact_uri"]:
        check_artifact(content["artifact_uri"], content["digest"])
    written = content["image"]
    pinned = pinned_image(written) if written else ""
    return {
        **content,
        "source": dict(content["source"]),
        "image": pinned,
        "requested_image": "" if written == pinned else written,
    }
