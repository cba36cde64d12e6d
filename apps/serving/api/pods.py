"""The HTTP API of a service's pods, as the mirror shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework import serializers

from clusters.models import Pod, PodQuerySet
from clusters.ownership import said_about
from core.api.fields import ResourceListField
from core.api.pages import ListMixin, Page, PagesMixin
from core.api.serializers import Serializer
from serving.api.scope import ServiceScopedViewSet
from serving.diagnosis.read import PodCause, has_deployment, pod_cause
from serving.models import ModelService

CONTAINER_KINDS = ("init", "sidecar", "container", "ephemeral")
CONTAINER_STATES = ("waiting", "running", "terminated")


class ContainerSerializer(Serializer):
    """A container of a pod: its state, and how its previous run ended."""

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
    """A condition of a pod that says that something is wrong."""

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
    cause = PodCauseSerializer(read_only=True, allow_null=True)
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


@dataclass(frozen=True, slots=True)
class PodPage(Page):
    """A pod with why it is not ready."""

    row: Pod
    cause: PodCause | None


class PodViewSet(PagesMixin, ListMixin, ServiceScopedViewSet):
    """A service's pods in the mirror."""

    queryset = Pod.objects.none()
    serializer_class = PodSerializer
    ordering = ["-created_at", "-id"]

    def get_queryset(self) -> QuerySet[Pod]:
        service = self.get_service()
        revisions = service.revisions.filter(number=OuterRef("revision"))
        version = Subquery(revisions.values("version__version")[:1])
        return service_pods(service).annotate(version=version)

    def pages_of(self, rows: Sequence[Pod]) -> list[Page]:
        said = said_about(rows)
        return [PodPage(pod, pod_cause(pod, said)) for pod in rows]


def service_pods(service: ModelService) -> PodQuerySet:
    """Return the pods that a service's Deployment owns."""
    environment = service.environment
    if not has_deployment(service):
        return Pod.objects.none()
    return Pod.objects.of_deployment(environment.cluster, environment.namespace, service.name)
