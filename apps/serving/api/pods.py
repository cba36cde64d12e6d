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
    kind = serializers.ChoiceField(choices=CONTAINER_KINDS, read_only=True, default="container")
    image = serializers.CharField(read_only=True, default="")
    ready = serializers.BooleanField(read_only=True, default=False)
    restarts = serializers.IntegerField(read_only=True, default=0)
    state = serializers.ChoiceField(choices=CONTAINER_STATES)
    reason = serializers.CharField(read_only=True, default="")
    message = serializers.CharField(read_only=True, default="")
    exit_code = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    last_reason = serializers.CharField(read_only=True, default="")
    last_message = serializers.CharField(read_only=True, default="")
    last_exit_code = serializers.IntegerField(read_only=True, allow_null=True, default=None)
    last_finished_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)


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
    container = serializers.CharField(allow_null=True)


class PodSerializer(Serializer):
    """A pod of a service, as the mirror shows it; `cause` is null for one that is ready."""

    name = serializers.CharField()
    node = serializers.CharField(source="node_name")
    version = serializers.CharField(allow_null=True)
    gpus = serializers.SerializerMethodField()
    phase = serializers.CharField()
    ready = serializers.BooleanField(source="is_ready")
    terminating = serializers.BooleanField(source="is_terminating")
    revision = serializers.IntegerField(allow_null=True)
    requests = ResourceListField()
    reason = serializers.CharField()
    message = serializers.CharField()
    cause = serializers.SerializerMethodField()
    conditions = PodConditionSerializer(many=True)
    finalizers = serializers.ListField(child=serializers.CharField())
    deletion_due_at = serializers.DateTimeField(allow_null=True)
    ip = serializers.CharField()
    containers = ContainerSerializer(many=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)

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
