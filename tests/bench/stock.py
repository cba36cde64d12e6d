"""The lists of services and rollouts as Django REST framework writes them, tuned: our peer."""

from django.urls import include, path
from rest_framework import mixins, serializers, viewsets
from rest_framework.pagination import PageNumberPagination

from core.api.fields import ResourceListField
from serving.models import ModelService, Rollout


class Pages(PageNumberPagination):
    """Fifty rows and their number, as most APIs page."""

    page_size = 50


class StockServiceSerializer(serializers.ModelSerializer):
    """A service with the names of what it belongs to."""

    project = serializers.CharField(source="environment.project.name")
    environment = serializers.CharField(source="environment.name")
    cluster = serializers.CharField(source="environment.cluster.name")
    model = serializers.CharField(source="model.name")
    current_version = serializers.CharField(source="current_revision.version.version")
    current_revision = serializers.IntegerField(source="current_revision.number")
    requests = ResourceListField()
    limits = ResourceListField()
    message = serializers.CharField()

    class Meta:
        model = ModelService
        exclude = ("applied", "epoch", "seen_version", "awaits_mirror")


class StockRolloutSerializer(serializers.ModelSerializer):
    """A rollout with the names of what it belongs to."""

    project = serializers.CharField(source="service.environment.project.name")
    environment = serializers.CharField(source="service.environment.name")
    service = serializers.CharField(source="service.name")
    to_version = serializers.CharField(source="to_revision.version.version")
    to_revision = serializers.IntegerField(source="to_revision.number")
    message = serializers.CharField()
    note = serializers.CharField()

    class Meta:
        model = Rollout
        fields = (
            *("id", "kind", "project", "environment", "service", "to_version", "to_revision"),
            *("strategy", "phase", "reason", "message", "note", "rolled_back", "to_replicas"),
            *("updated_replicas", "ready_replicas", "available_replicas", "created_at"),
            *("admitted_at", "applied_at", "scheduled_at", "started_at", "first_ready_at"),
            *("finished_at", "started_by", "started_by_kind", "started_by_token"),
        )


class StockServices(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = ModelService.objects.select_related(
        "environment__project", "environment__cluster", "model", "current_revision__version"
    ).order_by("name", "id")
    serializer_class = StockServiceSerializer
    pagination_class = Pages
    filter_backends = ()


class StockRollouts(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Rollout.objects.select_related(
        "service__environment__project", "to_revision__version"
    ).order_by("-created_at", "-id")
    serializer_class = StockRolloutSerializer
    pagination_class = Pages
    filter_backends = ()


urlpatterns = [
    path("stock/services", StockServices.as_view({"get": "list"})),
    path("stock/rollouts", StockRollouts.as_view({"get": "list"})),
    path("", include("slipway.urls")),
]
