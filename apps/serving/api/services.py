"""The HTTP API of services: parse, authorise, call one action, render."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import changing, with_etag
from core.api.pages import ListMixin
from core.messages import quoted
from serving import actions, resolve
from serving.api.changes import (
    RollbackSerializer,
    ScaleSerializer,
    StartSerializer,
    held_to_limits,
)
from serving.api.reading import service_page, shown_services
from serving.api.scope import PLANNED_OR_STARTED, ServiceScopedViewSet
from serving.api.service_serializers import (
    ServiceCreateSerializer,
    ServiceDetailSerializer,
    ServiceSerializer,
)
from serving.api.settings_serializers import SettingsSerializer, completed
from serving.models import HEALTHS, ModelService, Rollout
from serving.rules import drafts
from serving.wishes import (
    Wish,
    wished_decommission,
    wished_restart,
    wished_rollback,
    wished_scale,
)


class ServiceFilter(filters.FilterSet):
    """Services by environment, health, model or a part of the name, or one of them."""

    id = filters.UUIDFilter()
    environment = filters.CharFilter(field_name="environment__name")
    health = filters.ChoiceFilter(field_name="shown_health", choices=HEALTHS)
    model = filters.CharFilter(field_name="model__name")
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = ModelService
        fields: list[str] = []


SERVICES_ORDERED_BY = {
    "name": "name",
    "created_at": "created_at",
    "environment": "environment__name",
    "model": "model__name",
    "health": "shown_health",
    "desired_replicas": "desired_replicas",
}


class ProjectServicesViewSet(ListMixin, ServiceScopedViewSet):
    """All services of a project."""

    queryset = ModelService.objects.none()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ["name", "id"]
    ordering_fields = SERVICES_ORDERED_BY

    def get_queryset(self) -> QuerySet[ModelService, dict[str, Any]]:
        return shown_services().filter(project=self.get_project())


class ServiceViewSet(ListMixin, ServiceScopedViewSet):
    """The services of an environment, and what may be done to one."""

    queryset = ModelService.objects.none()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ["name", "id"]
    ordering_fields = SERVICES_ORDERED_BY

    def get_queryset(self) -> QuerySet[ModelService, dict[str, Any]]:
        return shown_services().filter(environment=self.get_environment())

    @extend_schema(request=ServiceCreateSerializer, responses={201: ServiceDetailSerializer})
    def create(self, request: Request, project: str, environment: str) -> Response:
        """Create a service.

        Nothing runs until its first rollout.
        """
        found = self.get_environment()
        self.require("service.write", found)
        context = {"project": found.project, "bounds": found.quota.bounds}
        stated = dict(self.parsed(ServiceCreateSerializer(data=request.data, context=context)))
        settings = completed(stated, bounds=found.quota.bounds)
        name, model = settings.pop("name"), settings.pop("model")
        service = actions.create_service(
            environment=found, name=name, model=model, settings=settings, by=self.actor
        )
        return self.shown(service, status.HTTP_201_CREATED)

    @extend_schema(responses=ServiceDetailSerializer)
    def retrieve(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Read a service, its health and what may be done to it."""
        return self.shown(self.get_service())

    @extend_schema(request=SettingsSerializer, responses=ServiceDetailSerializer)
    def partial_update(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        """Draft settings for the next rollout.

        What runs does not change. Before the first rollout the settings themselves are changed.
        """
        with changing(request, self.controlled("service.write")) as found:
            stated = {**found.settings, **drafts.settings_from(found.draft)}
            context = {
                "resources": drafts.amounts_in(stated),
                "bounds": found.environment.quota.bounds,
            }
            parsed = SettingsSerializer(data=request.data, partial=True, context=context)
            actions.update_service(service=found, changes=self.parsed(parsed), by=self.actor)
        return self.shown(found)

    @extend_schema(request=RollbackSerializer, responses=PLANNED_OR_STARTED)
    def rollback(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Return to an earlier revision.

        Settings and image together; by default to the last good revision.
        """
        found = self.controlled("rollout.start")
        asked = self.parsed(RollbackSerializer(data=request.data))
        wanted = {"number": asked["revision"]}
        return self.changed(found, wished_rollback, actions.start_rollback, asked, **wanted)

    @extend_schema(request=ScaleSerializer, responses=PLANNED_OR_STARTED)
    def scale(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Change the number of pods.

        With `expires_in` only for a while: the former number returns by itself.
        """
        found = self.controlled("rollout.start")
        asked = self.parsed(ScaleSerializer(data=request.data))
        wanted = {"replicas": asked["replicas"], "expires_in": asked["expires_in"]}
        return self.changed(found, wished_scale, actions.start_scale, asked, **wanted)

    @extend_schema(request=StartSerializer, responses=PLANNED_OR_STARTED)
    def restart(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Replace every pod with an identical one."""
        found = self.controlled("rollout.start")
        asked = self.parsed(StartSerializer(data=request.data))
        return self.changed(found, wished_restart, actions.start_restart, asked)

    @extend_schema(request=StartSerializer, responses=PLANNED_OR_STARTED)
    def decommission(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        """Stop a service and delete what runs.

        The quota is released once all of it is gone; the history stays.
        """
        found = self.controlled("rollout.start")
        asked = self.parsed(StartSerializer(data=request.data))
        return self.changed(found, wished_decommission, actions.start_decommission, asked)

    @extend_schema(request=StartSerializer, responses=PLANNED_OR_STARTED)
    def restore(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Restore what was rolled out.

        It undoes drift. With `dry_run` it answers the plan and changes nothing.
        """
        return self.resolved(resolve.wished_restore, resolve.start_restore)

    @extend_schema(request=StartSerializer, responses=PLANNED_OR_STARTED)
    def take_over(self, request: Request, project: str, environment: str, service: str) -> Response:
        """Take over what others have changed.

        Drift becomes the next revision. With `dry_run` it answers the plan and changes nothing.
        """
        wished = partial(resolve.wished_take_over, check=held_to_limits)
        return self.resolved(wished, partial(resolve.start_take_over, check=held_to_limits))

    def resolved(self, wished: Callable[..., Wish], begin: Callable[..., Rollout]) -> Response:
        """Start a rollout that resolves drift, or return the plan of one."""
        found = self.controlled("rollout.start")
        asked = self.parsed(StartSerializer(data=self.request.data))
        if asked["dry_run"]:
            return self.planned(resolve.planned(found, wished, by=self.actor))
        how = {"plan": asked["plan"], "note": quoted(asked["reason"])}
        return self.accepted(begin(service=found, by=self.actor, **how))

    @extend_schema(responses={204: None})
    def discard_draft(
        self, request: Request, project: str, environment: str, service: str
    ) -> Response:
        """Discard drafted settings."""
        found = self.controlled("service.write")
        actions.discard_draft(service=found, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, service: ModelService, code: int = status.HTTP_200_OK) -> Response:
        """Render one service as it is now, with what the caller may do to it."""
        page = service_page(service, self.user)
        version = ModelService(pk=page.row["id"], updated_at=page.row["updated_at"])
        body = ServiceDetailSerializer(page, context=self.get_serializer_context()).data
        return with_etag(Response(body, status=code), version)
