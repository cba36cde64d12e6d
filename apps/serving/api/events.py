"""The HTTP API of events about a service's objects."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from clusters.models import ClusterEvent
from core.api.filters import MomentFilter
from core.api.pages import ListMixin
from core.api.serializers import Serializer
from serving.api.scope import ServiceScopedViewSet
from serving.models import ServiceObject


class EventSerializer(Serializer):
    """A Kubernetes event about a service's objects."""

    type = serializers.CharField()
    reason = serializers.CharField(source="event_reason")
    message = serializers.CharField()
    object_kind = serializers.CharField(source="involved_kind")
    object_name = serializers.CharField(source="involved_name")
    count = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField(allow_null=True)
    last_seen_at = serializers.DateTimeField()


class EventFilter(filters.FilterSet):
    """Events by type, reason, the object's kind and a part of its name, what they say, and time."""

    type = filters.CharFilter()
    reason = filters.CharFilter(field_name="event_reason")
    object_kind = filters.CharFilter(field_name="involved_kind")
    object_name = filters.CharFilter(field_name="involved_name", lookup_expr="icontains")
    search = filters.CharFilter(field_name="message", lookup_expr="icontains")
    since = MomentFilter(field_name="last_seen_at", lookup_expr="gte")
    until = MomentFilter(field_name="last_seen_at", lookup_expr="lt")

    class Meta:
        model = ClusterEvent
        fields: list[str] = []


class EventViewSet(ListMixin, ServiceScopedViewSet):
    """Events about a service's objects, kept after the cluster drops them and the objects go."""

    queryset = ClusterEvent.objects.none()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    ordering = ["-last_seen_at", "-id"]

    def get_queryset(self) -> QuerySet[ClusterEvent]:
        service = self.get_service()
        own = ServiceObject.objects.filter(service=service).values("uid")
        return ClusterEvent.objects.filter(
            cluster=service.environment.cluster, involved_uid__in=own
        )
