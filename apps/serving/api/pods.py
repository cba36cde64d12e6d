"""The edge of a service's pods, as the mirror shows them."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from clusters.models import Pod, PodQuerySet
from core.api.fields import ResourceListField
from core.api.serializers import Serializer
from serving.api.scope import ServiceScopedViewSet
from serving.diagnosis.read import belongings, pod_cause
from serving.models import ModelService

CONTAINER_KINDS = ("init", "sidecar", "container", "ephemeral")
CONTAINER_STATES = ("waiting", "running", "terminated")


class ContainerSerializer(Serializer):
    """A container of a pod: how it is, and how its run before this one ended."""

    name = serializers.CharField()
    kind: Any = serializers.ChoiceField(
        choices=CONTAINER_KINDS, read_only=True, default="container"
    )
    image: Any = serializers.CharField(read_only=True, default="")
    ready: Any = serializers.BooleanField(read_only=True, default=False)
    restarts: Any = serializers.IntegerField(read_only=True, default=0)
    state: Any = serializers.ChoiceField(choices=CONTAINER_STATES)
    reason: Any = serializers.CharField(read_only=True, default="")
    message: Any = serializers.CharField(read_only=True, default="")
    exit_code: Any = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    started_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    finished_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    last_reason: Any = serializers.CharField(read_only=True, default="")
    last_message: Any = serializers.CharField(read_only=True, default="")
    last_exit_code: Any = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    last_finished_at: Any = serializers.DateTimeField(read_only=True, allow_null=True, default=None)


class PodConditionSerializer(Serializer):
    """A condition of a pod that says something is not as it should be."""

    type = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()


class PodCauseSerializer(Serializer):
    """Why a pod is not ready, and which of its containers to look at."""

    reason = serializers.CharField()
    message = serializers.CharField()
    container: Any = serializers.CharField(allow_null=True)


class PodSerializer(Serializer):
    """A pod of a service, as the mirror shows it; `cause` is null for one that is ready."""

    name = serializers.CharField()
    node: Any = serializers.CharField(source="node_name")
    version: Any = serializers.CharField(allow_null=True)
    gpus: Any = serializers.SerializerMethodField()
    phase = serializers.CharField()
    ready: Any = serializers.BooleanField(source="is_ready")
    terminating: Any = serializers.BooleanField(source="is_terminating")
    revision: Any = serializers.IntegerField(allow_null=True)
    requests = ResourceListField()
    reason = serializers.CharField()
    message = serializers.CharField()
    cause: Any = serializers.SerializerMethodField()
    conditions: Any = PodConditionSerializer(many=True)
    finalizers: Any = serializers.ListField(child=serializers.CharField())
    deletion_due_at: Any = serializers.DateTimeField(allow_null=True)
    ip = serializers.CharField()
    containers: Any = ContainerSerializer(many=True)
    created_at = serializers.DateTimeField()
    started_at: Any = serializers.DateTimeField(allow_null=True)

    def get_gpus(self, pod: Pod) -> int:
        devices: int = pod.requests.gpu_devices
        return devices

    @extend_schema_field(PodCauseSerializer(allow_null=True))
    def get_cause(self, pod: Pod) -> Any:
        cause = pod_cause(pod)
        return PodCauseSerializer(cause).data if cause else None


class PodViewSet(mixins.ListModelMixin, ServiceScopedViewSet):
    """A service's pods in the mirror."""

    queryset = Pod.objects.none()
    serializer_class = PodSerializer
    ordering = ["-created_at", "-id"]

    def get_queryset(self) -> QuerySet[Pod]:
        service = self.get_service()
        told = service.revisions.filter(number=OuterRef("revision"))
        pods = service_pods(service).with_what_others_say()
        return pods.annotate(version=Subquery(told.values("version__version")[:1]))


def service_pods(service: ModelService) -> PodQuerySet:
    """Return the pods that a service's Deployment owns."""
    environment = service.environment
    if belongings(service).deployment is None:
        return Pod.objects.none()
    return Pod.objects.of_deployment(environment.cluster, environment.namespace, service.name)
