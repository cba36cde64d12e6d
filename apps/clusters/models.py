"""Clusters we operate, and the mirror: what the informer saw in them, as rows."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from clusters.pods import OVER
from clusters.staleness import is_stale, stale
from core.fields import JSONField, MessageField, ResourcesField
from core.names import validate_dns_label


class ClusterQuerySet(models.QuerySet["Cluster"]):
    def silent(self, *, now: datetime) -> "ClusterQuerySet":
        """Keep clusters whose mirror is too old to be shown as the present."""
        return self.filter(stale("mirrored_at", now=now))


class Cluster(models.Model):
    """A Kubernetes cluster; its credentials are encrypted and never leave through the API."""

    name = models.CharField(max_length=63, unique=True, validators=[validate_dns_label])
    display_name = models.CharField(max_length=100, blank=True)
    server = models.URLField(max_length=255)
    credentials = models.BinaryField()
    prometheus_url = models.URLField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # What the last probe found; null before the first.
    is_reachable = models.BooleanField(null=True)
    version = models.CharField(max_length=63, blank=True)
    probed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()
    # The uid of its namespace `kube-system`, as far as it could be read.
    uid = models.CharField(max_length=63, blank=True)
    # When its address was first found to lead to another cluster than before.
    uid_changed_at = models.DateTimeField(null=True)
    # The same cluster under the name that was known first; if set, this one is not mirrored.
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="duplicates", blank=True
    )
    # `[{verb, resource}]` that our credentials lack; null while that is not known.
    missing_permissions = JSONField(null=True)
    permissions_checked_at = models.DateTimeField(null=True)
    # When every kind of object was last synced; null until the first full list.
    mirrored_at = models.DateTimeField(null=True)
    # When its resource versions were last found to have gone back, as after a restore of etcd.
    restored_at = models.DateTimeField(null=True)

    informer = models.CharField(max_length=100, blank=True)
    informer_lease_until = models.DateTimeField(null=True)

    objects = ClusterQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_stale(self, *, now: datetime) -> bool:
        """Return whether the mirror is too old to be shown as the present."""
        return is_stale(self.mirrored_at, now=now)


class Heartbeat(models.Model):
    """When one of our own processes last gave a sign of life."""

    class Part(models.TextChoices):
        WORKER = "worker"
        # A worker of the usage queue.
        COLLECTOR = "collector"
        BEAT = "beat"
        INFORMER = "informer"

    part = models.CharField(max_length=20, choices=Part)
    # The host, and what tells its processes apart.
    instance = models.CharField(max_length=255)
    # A process that started after another fell silent has taken that one's place.
    started_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "instance"], name="one_heartbeat_per_process")
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.instance}"


class LoopFault(models.Model):
    """Unexpected errors that a loop of ours survived: how many, and the latest."""

    # Such as "reader", or the name of a task.
    loop = models.CharField(max_length=100)
    # The cluster's name; blank if the loop does not belong to one cluster.
    cluster = models.CharField(max_length=63, blank=True)
    count = models.PositiveBigIntegerField()
    last_at = models.DateTimeField()
    last_object = models.CharField(max_length=300, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["loop", "cluster"], name="one_row_of_faults_per_loop")
        ]

    def __str__(self) -> str:
        return f"{self.loop} {self.cluster}: {self.count}"


class MirrorCursor(models.Model):
    """Where to resume watching one kind; written in the same transaction as the rows it covers.

    It also says how we know: when the kind was last synced, by which sign of life, and what keeps
    us from reading it now.
    """

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="cursors")
    kind = models.CharField(max_length=63)
    resource_version = models.CharField(max_length=63, blank=True)
    # When the kind was last synced in any way; null if it could never be read.
    heard_at = models.DateTimeField(null=True)
    event_at = models.DateTimeField(null=True)
    bookmark_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=63, blank=True)
    message = MessageField()

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "kind"], name="one_cursor_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id}/{self.kind}"


class MirroredObject(models.Model):
    """What every mirrored object has."""

    # Columns that are not read from the object: other rows say what they hold.
    derived: ClassVar[frozenset[str]] = frozenset()

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="+")
    uid = models.CharField(max_length=63)
    name = models.CharField(max_length=253)
    resource_version = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class NodeQuerySet(models.QuerySet["Node"]):
    def known_ready(self, *, now: datetime) -> "NodeQuerySet":
        """Keep nodes that are known to be ready now, which a stale mirror cannot tell."""
        return self.filter(~stale("cluster__mirrored_at", now=now), is_ready=True)

    def resource_names(self) -> set[str]:
        """Return the names of all resources that the nodes have."""
        names = models.Func(
            "capacity", function="jsonb_object_keys", output_field=models.TextField()
        )
        return set(self.annotate(resource=names).values_list("resource", flat=True).distinct())


class Node(MirroredObject):
    """A node: capacity, health and what kind of GPU it carries."""

    derived = frozenset({"requested"})

    labels = JSONField(default=dict)
    taints = JSONField(default=list)
    conditions = JSONField(default=list)
    capacity = ResourcesField()
    allocatable = ResourcesField()
    gpu_product = models.CharField(max_length=100, blank=True)
    is_ready = models.BooleanField(null=True)
    is_unschedulable = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    kubelet_version = models.CharField(max_length=63, blank=True)
    # What its live pods request, added up whenever one of them changes; see `load.keep_requested`.
    requested = ResourcesField()

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "uid"], name="one_row_per_node")]
        indexes = [
            models.Index(fields=["cluster", "name"], name="nodes_by_name"),
            models.Index(fields=["name", "id"], name="nodes_in_order"),
        ]


class PodQuerySet(models.QuerySet["Pod"]):
    def live(self) -> "PodQuerySet":
        """Keep pods that hold what they request; see `clusters.pods`."""
        return self.exclude(phase__in=OVER)

    def of_deployment(self, cluster: Cluster, namespace: str, name: str) -> "PodQuerySet":
        """Keep the pods of a Deployment and its candidate, whatever their labels say."""
        place = {"cluster": cluster, "namespace": namespace}
        deployments = Workload.objects.filter(**place, kind="Deployment", goes_with=name)
        replica_sets = Workload.objects.filter(
            **place, kind="ReplicaSet", owner_uid__in=deployments.values("uid")
        )
        return self.filter(**place, owner_uid__in=replica_sets.values("uid"))

    def with_deployment(self) -> "PodQuerySet":
        """Annotate `deployment`, the Deployment that the pod goes with; None without one."""
        deployments = Workload.objects.filter(
            cluster=models.OuterRef("cluster"),
            uid=models.OuterRef("owner_uid"),
            namespace=models.OuterRef("namespace"),
            kind="Deployment",
        )
        replica_sets = Workload.objects.filter(
            cluster=models.OuterRef("cluster"),
            uid=models.OuterRef("owner_uid"),
            namespace=models.OuterRef("namespace"),
        ).annotate(deployment=models.Subquery(deployments.values("goes_with")[:1]))
        return self.annotate(deployment=models.Subquery(replica_sets.values("deployment")[:1]))


class Pod(MirroredObject):
    """A pod: where it runs, what it asked for, and why it is not ready."""

    namespace = models.CharField(max_length=63)
    node_name = models.CharField(max_length=253, blank=True)
    phase = models.CharField(max_length=20)
    is_ready = models.BooleanField(default=False)
    is_terminating = models.BooleanField(default=False)
    # When its grace period ends, and who has to agree before it goes.
    deletion_due_at = models.DateTimeField(null=True)
    finalizers = JSONField(default=list)
    # What the scheduler counts: init containers and sidecars as Kubernetes counts them.
    requests = ResourcesField()
    # The uid of its controller, and the revision that its own label states.
    owner_uid = models.CharField(max_length=63, blank=True)
    revision = models.PositiveIntegerField(null=True)
    # The service whose requests its label brings it, though no Deployment of that name made it.
    selected_by = models.CharField(max_length=63, blank=True)
    # The image in its model container's spec; a webhook may have changed it.
    image = models.CharField(max_length=512, blank=True)
    # In the order in which they start; `kind` is init, sidecar, container or ephemeral.
    # `[{name, kind, image, ready, restarts, state, reason, message, exit_code, started_at,
    # finished_at, last_reason, last_message, last_exit_code, last_finished_at}]`
    containers = JSONField(default=list)
    # Those that say something is wrong, `[{type, status, reason, message}]`.
    conditions = JSONField(default=list)
    # Readiness gates that are not met.
    unmet_gates = JSONField(default=list)
    # The pod's own; if it has none, why it has no node.
    reason = models.CharField(max_length=63, blank=True)
    message = models.TextField(blank=True)
    ip = models.CharField(max_length=45, blank=True)
    scheduled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    objects = PodQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "uid"], name="one_row_per_pod")]
        indexes = [
            models.Index(fields=["cluster", "owner_uid"], name="pods_by_owner"),
            # Few are selected without belonging there; among all, none would be found by an index.
            models.Index(
                fields=["cluster", "selected_by"],
                condition=~models.Q(selected_by=""),
                name="pods_by_service",
            ),
            models.Index(fields=["cluster", "namespace"], name="pods_by_namespace"),
            models.Index(fields=["cluster", "node_name"], name="pods_by_node"),
        ]

    @property
    def is_over(self) -> bool:
        """Whether it has finished or failed, and no longer holds anything."""
        return self.phase in OVER

    @property
    def is_active(self) -> bool:
        """Whether it answers requests, or will; see `clusters.pods`."""
        return not self.is_over and not self.is_terminating


class PodCount(models.Model):
    """How many live pods of one owner request the same.

    The database keeps it with every write of pods, whoever writes: see its triggers in
    `0011_pods_counted`. A namespace has few of these and many pods.
    """

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="+", db_index=False)
    namespace = models.CharField(max_length=63)
    owner_uid = models.CharField(max_length=63, blank=True)
    requests = ResourcesField()
    pods = models.PositiveIntegerField()

    class Meta:
        # What a pod may request is too long for a constraint; one writer has a cluster at a time.
        indexes = [
            models.Index(fields=["cluster", "namespace", "owner_uid"], name="pods_counted_by_owner")
        ]

    def __str__(self) -> str:
        return f"{self.pods} in {self.namespace}"


class Workload(MirroredObject):
    """A Deployment or a ReplicaSet: wanted and observed replicas, and its conditions."""

    kind = models.CharField(max_length=20)
    namespace = models.CharField(max_length=63)
    owner_uid = models.CharField(max_length=63, blank=True)
    # Of a Deployment, whose pods are counted with those of the Deployment of this name: its own,
    # or, of a candidate, that beside which it runs.
    goes_with = models.CharField(max_length=253, blank=True)
    revision = models.PositiveIntegerField(null=True)
    # A Deployment's metadata and spec as the cluster wrote them, to be compared with a manifest.
    content = models.TextField(blank=True)
    generation = models.BigIntegerField(default=0)
    observed_generation = models.BigIntegerField(default=0)
    desired_replicas = models.PositiveIntegerField(default=0)
    replicas = models.PositiveIntegerField(default=0)
    updated_replicas = models.PositiveIntegerField(default=0)
    ready_replicas = models.PositiveIntegerField(default=0)
    available_replicas = models.PositiveIntegerField(default=0)
    # `[{type, status, reason, message}]`
    conditions = JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "uid"], name="one_row_per_workload")
        ]
        indexes = [
            models.Index(fields=["cluster", "owner_uid"], name="workloads_by_owner"),
            models.Index(
                fields=["cluster", "namespace", "goes_with"],
                condition=~models.Q(goes_with=""),
                name="deployments_by_name",
            ),
        ]


class Companion(MirroredObject):
    """An object that goes with a Deployment, or sets up its namespace, as the cluster wrote it."""

    kind = models.CharField(max_length=63)
    namespace = models.CharField(max_length=63)
    # The name of the Deployment that it goes with; blank for what sets up a namespace.
    goes_with = models.CharField(max_length=253, blank=True)
    content = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "uid"], name="one_row_per_companion")
        ]
        indexes = [
            models.Index(
                fields=["cluster", "namespace", "goes_with"], name="companions_by_deployment"
            )
        ]


class ClusterEvent(MirroredObject):
    """A Kubernetes event; kept when the cluster has already forgotten it."""

    namespace = models.CharField(max_length=63)
    involved_kind = models.CharField(max_length=63)
    involved_name = models.CharField(max_length=253)
    involved_uid = models.CharField(max_length=63, blank=True)
    type = models.CharField(max_length=20)
    event_reason = models.CharField(max_length=128)
    message = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "uid"], name="one_row_per_event")]
        indexes = [
            models.Index(
                fields=["cluster", "namespace", "-last_seen_at"], name="events_by_namespace"
            ),
            models.Index(fields=["cluster", "involved_uid"], name="events_by_object"),
        ]
