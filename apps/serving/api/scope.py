"""What the views below one service share: whose it is, who may, and how a change is answered."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.response import Response

from core.api.etags import with_etag
from projects.permissions import reads_values
from projects.scope import ProjectScopedViewSet
from serving.api.reading import rollout_page
from serving.api.rollout_serializers import RolloutDetailSerializer
from serving.models import ModelService, Rollout


class ServiceScopedViewSet(ProjectScopedViewSet):
    """Everything below one service."""

    def get_serializer_context(self) -> dict[str, Any]:
        context = {**super().get_serializer_context()}
        # The schema is made without a caller.
        if self.request is not None:
            context["reads_values"] = reads_values(self.user, self.get_project())
        return context

    def get_service(self) -> ModelService:
        """Return the service of the URL."""
        services = ModelService.objects.select_related(
            "environment__project",
            "environment__cluster",
            "environment__quota",
            "model",
            "current_revision__version",
        )
        return get_object_or_404(
            services, environment=self.get_environment(), name=self.kwargs["service"]
        )

    def controlled(self, permission: str) -> ModelService:
        """Return the service if the caller may do this to it."""
        service = self.get_service()
        self.require(permission, service.environment)
        return service

    def parsed(self, serializer: Any) -> Any:
        """Validate a body."""
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def accepted(self, rollout: Rollout) -> Response:
        """Answer 202 with the rollout and where to follow it."""
        page = rollout_page(rollout.pk, self.user)
        location = self.request.build_absolute_uri(f"/api/v1/rollouts/{rollout.pk}")
        response = Response(
            RolloutDetailSerializer(page).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": location},
        )
        return with_etag(response, page.row)
