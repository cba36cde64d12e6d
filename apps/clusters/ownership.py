"""What belongs to a Deployment: followed from owner to owner by uid, within cluster and namespace.

A label only says what somebody wrote, and a copy of it elsewhere is somebody else's.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject

from clusters.models import ClusterEvent, Companion, Node, Pod, Workload
from core.prepared import read_rows

DEPLOYMENT_KIND, REPLICA_SET_KIND = "Deployment", "ReplicaSet"
# Warnings that explain why a pod is stuck; others repeat what its containers report themselves.
TELLING_WARNINGS = (
    "FailedCreatePodSandBox",
    "FailedMount",
    "FailedAttachVolume",
    "FailedMapVolume",
    "FailedPrepareDynamicResources",
    "NetworkNotReady",
    "Unhealthy",
)
# A cluster's id, a namespace, and a name or uid in it.
Address = tuple[int, str, str]
T = TypeVar("T", Workload, Companion, Pod)


@dataclass(frozen=True, slots=True)
class Said:
    """What other objects say about a pod: its node, and the newest event that explains it."""

    is_node_lost: bool = False
    warning_reason: str = ""
    warning_message: str = ""


@dataclass(slots=True)
class Belongings:
    """What the mirror has of one Deployment; each pod's revision is that of its ReplicaSet."""

    deployment: Workload | None = None
    # A second Deployment beside it, whose pods are to take the place of its own.
    candidate: Workload | None = None
    replica_sets: list[Workload] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    # Pods of others that the Deployment's Service sends requests to.
    strays: list[Pod] = field(default_factory=list)
    # By the id of a pod that is not ready.
    said: Mapping[int, Said] = field(default_factory=dict)

    @property
    def workloads(self) -> list[Workload]:
        return [*self.deployments, *self.replica_sets]

    @property
    def deployments(self) -> list[Workload]:
        return [one for one in (self.deployment, self.candidate) if one is not None]

    @property
    def uids(self) -> list[str]:
        """The uids of everything here, whose events are the Deployment's."""
        return [row.uid for row in (*self.workloads, *self.pods, *self.companions)]


def belongings_of(addresses: Mapping[Address, str]) -> dict[Address, Belongings]:
    """Read what belongs to some Deployments, in a constant number of queries.

    Each address comes with the label by which the Deployment's Service selects pods.
    """
    found = {address: Belongings() for address in addresses}
    for (cluster, namespace, name), deployment in deployments_at(addresses).items():
        own = found[cluster, namespace, deployment.goes_with]
        if name == deployment.goes_with:
            own.deployment = deployment
        else:
            own.candidate = deployment
    for companion in rows_of(Companion, "goes_with", addresses):
        own = found[companion.cluster_id, companion.namespace, companion.goes_with]
        own.companions.append(companion)
    deployments = {owner_address(one): own for own in found.values() for one in own.deployments}
    replica_sets = {}
    for row in rows_of(Workload, "owner_uid", deployments):
        own = deployments[row.cluster_id, row.namespace, row.owner_uid]
        own.replica_sets.append(row)
        replica_sets[owner_address(row)] = own, row.revision
    for pod in rows_of(Pod, "owner_uid", replica_sets):
        own, pod.revision = replica_sets[pod.cluster_id, pod.namespace, pod.owner_uid]
        own.pods.append(pod)
    selecting = {
        (cluster, namespace, label): found[cluster, namespace, name]
        for (cluster, namespace, name), label in addresses.items()
    }
    known = {pod.pk for own in found.values() for pod in own.pods}
    for pod in rows_of(Pod, "selected_by", selecting):
        if pod.pk not in known:
            selecting[pod.cluster_id, pod.namespace, pod.selected_by].strays.append(pod)
    said = said_about(pod for own in found.values() for pod in own.pods)
    for own in found.values():
        own.said = said
    return found


def deployments_at(addresses: Collection[Address]) -> dict[Address, Workload]:
    """Read the Deployments of these names, and their candidates, that the mirror has."""
    # Of two rows with the same name, the newer, which comes first, is the one that exists.
    return {
        (row.cluster_id, row.namespace, row.name): row
        for row in reversed(list(rows_of(Workload, "goes_with", addresses)))
        if row.kind == DEPLOYMENT_KIND
    }


def rows_of(model: type[T], column: str, addresses: Collection[Address]) -> Iterable[T]:
    """Read rows by cluster, namespace and the value of a column, the newest first.

    Blank is no value: an index may hold only rows that have one. Plain SQL, since Django takes
    longer to compose it than PostgreSQL to run it.
    """
    if not addresses:
        return []
    seen = model._meta.db_table
    statement = f"""
        SELECT {{columns}} FROM {seen}
        JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS asked (cluster_id, namespace, value)
        ON ({seen}.cluster_id, {seen}.namespace, {seen}.{column})
            = (asked.cluster_id, asked.namespace, asked.value)
        AND {seen}.{column} != ''
        ORDER BY {seen}.created_at DESC, {seen}.id DESC
    """  # noqa: S608  (our own names)
    return read_rows(model, statement, [list(part) for part in zip(*addresses, strict=True)])


def said_about(pods: Iterable[Pod]) -> dict[int, Said]:
    """Read what other objects say about pods that are not ready; without any, nothing is queried.

    The keys are the ids of the pods.
    """
    unready = [pod.pk for pod in pods if not pod.is_ready]
    if not unready:
        return {}
    place = {"cluster": OuterRef("cluster")}
    nodes = Node.objects.filter(**place, name=OuterRef("node_name")).exclude(is_ready=True)
    events = ClusterEvent.objects.filter(
        **place, involved_uid=OuterRef("uid"), event_reason__in=TELLING_WARNINGS
    ).order_by("-last_seen_at", "-pk")
    warning = JSONObject(warning_reason="event_reason", warning_message="message")
    rows = Pod.objects.filter(pk__among=unready).annotate(
        is_node_lost=Exists(nodes), warning=Subquery(events.values(warning=warning)[:1])
    )
    return {
        pk: Said(is_node_lost, **(warning or {}))
        for pk, is_node_lost, warning in rows.values_list("pk", "is_node_lost", "warning")
    }


def owner_address(owner: Workload) -> Address:
    """Return the address by which owned objects know their owner."""
    return owner.cluster_id, owner.namespace, owner.uid
