"""How clusters and nodes look from outside; credentials never do."""

from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clusters.mirror import ALL_MIRRORED
from clusters.models import Cluster, MirrorCursor, Node
from clusters.staleness import is_stale
from clusters.standing import cluster_problem
from core.api.fields import AccountField, ResourceListField, for_reader
from core.api.serializers import ModelSerializer, Serializer
from core.destinations import DENIED, is_denied
from core.messages import Message
from core.names import validate_dns_label


class PermissionSerializer(Serializer):
    """Something that our credentials may or may not do, in all namespaces."""

    verb = serializers.CharField()
    resource = serializers.CharField()


class MirroredKindSerializer(Serializer):
    """When a kind of object was last synced, and how; and what keeps it from being read."""

    kind = serializers.CharField()
    heard_at = serializers.DateTimeField(allow_null=True)
    event_at = serializers.DateTimeField(allow_null=True)
    bookmark_at = serializers.DateTimeField(allow_null=True)
    listed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    message = AccountField()


class DriftSerializer(Serializer):
    """A field that is not as it was applied; null is not there, a blank field is the object."""

    object = serializers.CharField()
    field = serializers.CharField()
    wanted = serializers.JSONField(allow_null=True)
    found = serializers.JSONField(allow_null=True)
    # Who wrote it last; blank where the cluster does not say.
    manager = serializers.CharField()
    since = serializers.DateTimeField()


class ClusterStatusSerializer(Serializer):
    """What was last known of a cluster, and how old that is."""

    reachable = serializers.BooleanField(source="is_reachable", allow_null=True)
    version = serializers.CharField()
    observed_at = serializers.DateTimeField(source="probed_at", allow_null=True)
    reason = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    missing_permissions = PermissionSerializer(
        many=True, allow_null=True, help_text="Null while it is not known."
    )
    duplicate_of = serializers.CharField(
        source="duplicate_of.name",
        default=None,
        allow_null=True,
        help_text="Under which name the same cluster was known first.",
    )
    mirrored_at = serializers.DateTimeField(allow_null=True)
    stale = serializers.SerializerMethodField()
    mirror = serializers.SerializerMethodField()

    def get_stale(self, cluster: Cluster) -> bool:
        return cluster.is_stale(now=timezone.now())

    def get_reason(self, cluster: Cluster) -> str:
        return cluster_problem(cluster, now=timezone.now())[0]

    def get_message(self, cluster: Cluster) -> str:
        return str(for_reader(cluster_problem(cluster, now=timezone.now())[1], self.context))

    @extend_schema_field(MirroredKindSerializer(many=True))
    def get_mirror(self, cluster: Cluster) -> Any:
        known = {cursor.kind: cursor for cursor in cluster.cursors.all()}
        names = [what.kind.name for what in ALL_MIRRORED]
        every = [known.get(name, MirrorCursor(kind=name)) for name in names]
        return MirroredKindSerializer(every, many=True, context=self.context).data


class ClusterSerializer(ModelSerializer):
    """A cluster we operate."""

    status = ClusterStatusSerializer(source="*", read_only=True)
    simulated = serializers.BooleanField(read_only=True)

    class Meta:
        model = Cluster
        fields = [
            "name",
            "display_name",
            "prometheus_url",
            "simulated",
            "status",
            "created_at",
            "updated_at",
        ]


class ClusterUpdateSerializer(Serializer):
    """What may be changed of a cluster."""

    display_name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    kubeconfig = serializers.CharField(write_only=True, required=False, trim_whitespace=False)
    prometheus_url = serializers.CharField(max_length=255, allow_blank=True, required=False)

    def validate_prometheus_url(self, url: str) -> str:
        if url and not is_plain_address(url):
            raise serializers.ValidationError(
                str(Message("Use an http or https address without user or query."))
            )
        if is_denied(urlsplit(url).hostname or ""):
            raise serializers.ValidationError(str(DENIED))
        return url.rstrip("/")


def is_plain_address(url: str) -> bool:
    """Return whether a URL is an address and nothing else."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    names_place = parts.scheme in ("http", "https") and parts.hostname and has_port
    return bool(names_place) and not ("@" in parts.netloc or parts.query or parts.fragment)


class ClusterCreateSerializer(ClusterUpdateSerializer):
    """How to register a cluster."""

    name = serializers.CharField(max_length=63, validators=[validate_dns_label])
    kubeconfig = serializers.CharField(write_only=True, trim_whitespace=False)


class NodeConditionSerializer(Serializer):
    """What a node's kubelet, or a watcher beside it, says of one thing."""

    type = serializers.CharField()
    status = serializers.ChoiceField(["True", "False", "Unknown"])
    reason = serializers.CharField()
    message = serializers.CharField()


class TaintSerializer(Serializer):
    """What keeps pods away that do not tolerate it."""

    key = serializers.CharField()
    value = serializers.CharField()
    effect = serializers.CharField()


class NodeSerializer(ModelSerializer):
    """A node: what it has, what pods request of it, and how it is."""

    cluster = serializers.SlugRelatedField("name", read_only=True)
    capacity = ResourceListField()
    allocatable = ResourceListField()
    requested = ResourceListField()
    pods = serializers.IntegerField(source="pods_total")
    ready = serializers.BooleanField(source="is_ready", allow_null=True)
    unschedulable = serializers.BooleanField(source="is_unschedulable")
    simulated = serializers.BooleanField(source="is_simulated")
    service_ids = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    conditions = NodeConditionSerializer(many=True)
    taints = TaintSerializer(many=True)
    observed_at = serializers.DateTimeField(source="cluster.mirrored_at", allow_null=True)
    stale = serializers.BooleanField(read_only=True)

    class Meta:
        model = Node
        fields = [
            "name",
            "cluster",
            "gpu_product",
            "capacity",
            "allocatable",
            "requested",
            "pods",
            "service_ids",
            "ready",
            "unschedulable",
            "simulated",
            "conditions",
            "taints",
            "kubelet_version",
            "observed_at",
            "stale",
            "created_at",
        ]

    def to_representation(self, row: dict[str, Any]) -> dict[str, Any]:
        # A fleet has thousands: asking a field object for each value took most of the time.
        return {
            "name": row["name"],
            "cluster": row["cluster__name"],
            "gpu_product": row["gpu_product"],
            "capacity": row["capacity"].canonical(),
            "allocatable": row["allocatable"].canonical(),
            "requested": row["requested"].only(row["allocatable"]).canonical(),
            "pods": row["pods_total"],
            "service_ids": row["service_ids"],
            "ready": row["is_ready"],
            "unschedulable": row["is_unschedulable"],
            "simulated": row["is_simulated"],
            "conditions": row["conditions"],
            "taints": row["taints"],
            "kubelet_version": row["kubelet_version"],
            "observed_at": row["cluster__mirrored_at"],
            "stale": is_stale(row["cluster__mirrored_at"], now=timezone.now()),
            "created_at": row["created_at"],
        }


class CardsSerializer(Serializer):
    """Cards of one GPU model: `total` is the sum of the other counts, save that of nodes."""

    gpu_product = serializers.CharField()
    resource = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["whole", "slice", "share"],
        help_text="What one of them is: a card, a slice of one, or a share in one.",
    )
    total = serializers.IntegerField(source="cards.total")
    requested = serializers.IntegerField(source="cards.requested")
    free = serializers.IntegerField(source="cards.free")
    unavailable = serializers.IntegerField(source="cards.unavailable")
    unknown = serializers.IntegerField(source="cards.unknown")
    nodes = serializers.IntegerField(source="cards.nodes")


class FleetSummarySerializer(Serializer):
    """The fleet in short."""

    gpus = CardsSerializer(many=True)
