"""The HTTP API of preflight: what a change would hold, before it begins."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Serializer
from core.errors import Invalid
from core.messages import Message
from projects.models import Environment
from serving import preflight
from serving.api.changes import VERDICTS, NeedSerializer, ShownStepSerializer
from serving.api.scope import ServiceScopedViewSet, version_named
from serving.api.settings_serializers import (
    SettingsSerializer,
    StrategySerializer,
    all_optional_but,
    completed,
)
from serving.models import ModelService
from serving.preflight import Preflight


class PlannedRolloutSerializer(SettingsSerializer):
    """What a rollout would bring to an existing service, or to one that is to be created."""

    environment = serializers.SlugRelatedField("name", queryset=Environment.objects.none())
    service = serializers.CharField(max_length=63, required=False)
    version = serializers.CharField(max_length=63, required=False)

    class Meta(SettingsSerializer.Meta):
        fields = ["environment", "service", "version", *SettingsSerializer.Meta.fields]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        project = self.context.get("project")
        if project is not None:
            environments: Any = fields["environment"]
            environments.queryset = project.environments.select_related("quota")
        return all_optional_but(fields, "environment")

    def validate_environment(self, environment: Environment) -> Environment:
        # Validated first, as the defaults for resources depend on it.
        context: Any = self.context
        context["bounds"] = environment.quota.bounds
        return environment


class PlacementSerializer(Serializer):
    """How many pods a node would have room for."""

    node = serializers.CharField()
    replicas = serializers.IntegerField()
    gpus = serializers.IntegerField()


class PreflightSerializer(Serializer):
    """Whether a change would be admitted, and what it would hold; nothing was changed.

    `cannot`: a rollout would be refused for this reason now. `unknown`: the quota has room; nodes
    are not checked yet, so there are no `placements`. `highest_replicas` is how many such pods the
    quota has room for.
    """

    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.CharField()
    message = serializers.CharField()
    replicas = serializers.IntegerField()
    highest_replicas = serializers.IntegerField()
    replacement = StrategySerializer(allow_null=True)
    steps = ShownStepSerializer(many=True)
    needs = NeedSerializer(many=True)
    missing = NeedSerializer(many=True)
    placements = PlacementSerializer(many=True)

    def to_representation(self, found: Preflight) -> dict[str, Any]:
        needs = NeedSerializer(found.needs, many=True).data
        return {
            "verdict": found.verdict,
            "reason": found.reason,
            "message": found.message,
            "replicas": found.replicas,
            "highest_replicas": found.highest_replicas,
            "replacement": found.replacement and found.replacement.as_json(),
            "steps": found.steps,
            "needs": needs,
            "missing": [need for need in needs if not need["fits"]],
            "placements": [],
        }


class PreflightViewSet(ServiceScopedViewSet):
    """Preflight a rollout, in a project."""

    serializer_class = PreflightSerializer

    @extend_schema(request=PlannedRolloutSerializer, responses={200: PreflightSerializer})
    def create(self, request: Request, project: str) -> Response:
        """Preflight a change without reserving anything.

        It answers what admission would say of the quota.
        """
        context = {"project": self.require("project.view")}
        parsed = PlannedRolloutSerializer(data=request.data, context=context)
        settings = dict(self.parsed(parsed))
        environment, name = settings.pop("environment"), settings.pop("service", None)
        version = settings.pop("version", None)
        if name is not None:
            service = service_named(environment, name)
            to_version = None if version is None else version_named(service.model, version)
            found = preflight.of_next(service, settings, to_version)
        else:
            settings = completed(settings, bounds=environment.quota.bounds)
            found = preflight.of_new(environment, settings)
        return Response(PreflightSerializer(found).data)


def service_named(environment: Environment, name: str) -> ModelService:
    """Return the service that a request body names, or refuse it."""
    related = ("environment", "current_revision", "model")
    service = environment.services.select_related(*related).filter(name=name).first()
    if service is None:
        message = Message(
            "%(environment)s has no service %(service)s.",
            environment=environment.name,
            service=name,
        )
        raise Invalid(message, pointer="/service")
    return service
