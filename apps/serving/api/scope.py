"""What views below one service share: lookup, authorisation, and the answer to a change."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.response import Response

from core.api.etags import with_etag
from core.errors import Invalid
from core.messages import Message, quoted
from core.prepared import prepared
from projects.models import visible_to_member
from projects.permissions import reads_values
from projects.scope import ProjectScopedViewSet
from registry.models import ModelVersion, RegisteredModel
from serving.api.changes import PlanSerializer
from serving.api.rollout_serializers import StartedRollout, StartedRolloutSerializer
from serving.models import ModelService, Rollout
from serving.plans import Plan, planned_change
from serving.timeline import first_entry
from serving.wishes import Wish

PLANNED_OR_STARTED = {200: PlanSerializer, 202: StartedRolloutSerializer}


class StartingMixin:
    """A view that starts changes of services, or plans them."""

    request: Any
    actor: Any

    def parsed(self, serializer: Any) -> Any:
        """Validate a request body and return its values."""
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def changed(
        self,
        service: ModelService,
        wished: Callable[..., Wish],
        begin: Callable[..., Rollout],
        asked: Mapping[str, Any],
        **wanted: Any,
    ) -> Response:
        """Start what a request wants of a service, or only return the plan of it."""
        if asked["dry_run"]:
            return self.planned(planned_change(wished(service, **wanted)))
        how = {"plan": asked["plan"], "note": quoted(asked["reason"])}
        return self.accepted(begin(service=service, by=self.actor, **how, **wanted))

    def planned(self, plan: Plan) -> Response:
        """Answer 200 with what would be done."""
        return Response(PlanSerializer(plan).data)

    def accepted(self, rollout: Rollout) -> Response:
        """Answer 202 with the rollout and where to follow it."""
        location = self.request.build_absolute_uri(f"/api/v1/rollouts/{rollout.pk}")
        response = Response(
            StartedRolloutSerializer(StartedRollout(rollout, [first_entry(rollout)])).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": location},
        )
        return with_etag(response, rollout)


class ServiceScopedViewSet(StartingMixin, ProjectScopedViewSet):
    """Everything below one service."""

    def get_serializer_context(self) -> dict[str, Any]:
        context = {**super().get_serializer_context()}
        # The schema is generated without a caller.
        if self.request is not None:
            context["reads_values"] = reads_values(self.user, self.get_project())
        return context

    def get_service(self) -> ModelService:
        """Return the service that the URL names, with all above it in the same query."""
        service = self.seen(services_at, services_of_member, "project", "environment", "service")
        self.found = service.environment.project
        return service

    def controlled(self, permission: str) -> ModelService:
        """Return the service if the caller has this permission on it, or refuse."""
        service = self.get_service()
        self.require(permission, service.environment)
        return service


def service_rows(project: str, environment: str, name: str) -> QuerySet[ModelService]:
    """Return a query for the service at an address, with all above it."""
    rows = ModelService.objects.select_related(
        "environment__project",
        "environment__cluster",
        "environment__quota",
        "model",
        "current_revision__version",
    )
    place = {"project__name": project, "environment__name": environment}
    return rows.filter(**place, name=name)


@prepared
def services_at(project: str, environment: str, name: str) -> QuerySet[ModelService]:
    """Read the service at an address."""
    return service_rows(project, environment, name)


@prepared
def services_of_member(
    user_id: int, project: str, environment: str, name: str
) -> QuerySet[ModelService]:
    """Read the service at an address if an account has a role in its project."""
    own = visible_to_member(user_id, project="project")
    return service_rows(project, environment, name).filter(own)


def version_named(model: RegisteredModel, name: str) -> ModelVersion:
    """Return the version of a model that a request body names, or refuse it."""
    for version in versions_named(model.pk, name):
        return version
    message = Message(
        "%(model)s has no version %(version)s. Register it first.", model=model.name, version=name
    )
    raise Invalid(message, pointer="/version")


@prepared
def versions_named(model_id: int, name: str) -> QuerySet[ModelVersion]:
    """Read the version of a model with this name."""
    return ModelVersion.objects.filter(model_id=model_id, version=name)
