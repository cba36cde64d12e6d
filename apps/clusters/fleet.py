"""Reads nodes and what pods request of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import Count, QuerySet

from clusters.capacity import Free, SeenNode, count_cards, free_in
from clusters.models import Cluster, Node, Pod
from clusters.staleness import is_stale
from core.api.pages import Page
from core.devices import kind_on
from core.resources import Resources, total


def read_fleet(*, cluster: str | None, now: datetime) -> dict[str, Any]:
    """Return how many cards of each GPU model there are, and how many of them are free."""
    nodes = Node.objects.filter(cluster__name=cluster) if cluster else Node.objects.all()
    kinds = sorted(count_cards(chain(*seen_nodes(nodes, now=now).values())).items())
    return {
        "gpus": [
            {
                "gpu_product": product,
                "resource": resource,
                "kind": kind_on(resource, product),
                "cards": cards,
            }
            for (product, resource), cards in kinds
        ]
    }


def free_by_cluster(clusters: Collection[Cluster], *, now: datetime) -> dict[int, Free | None]:
    """Return what each cluster has free, by its id; None if its mirror is stale."""
    nodes = seen_nodes(Node.objects.filter(cluster__in=clusters), now=now)
    return {
        cluster.pk: None if cluster.is_stale(now=now) else free_in(nodes.get(cluster.pk, []))
        for cluster in clusters
    }


def seen_nodes(nodes: QuerySet[Node], *, now: datetime) -> dict[int, list[SeenNode]]:
    """Return nodes by the id of their cluster: those of a large fleet are alike by the hundred."""
    columns = ("gpu_product", "capacity", "allocatable", "requested", "is_ready")
    cluster = ("cluster_id", "cluster__mirrored_at")
    alike = nodes.values(*cluster, *columns, "is_unschedulable").annotate(count=Count("pk"))
    seen: dict[int, list[SeenNode]] = defaultdict(list)
    for row in alike.order_by():
        cluster_id, mirrored_at = row.pop("cluster_id"), row.pop("cluster__mirrored_at")
        seen[cluster_id].append(SeenNode(**row, is_stale=is_stale(mirrored_at, now=now)))
    return seen


@dataclass(frozen=True, slots=True)
class LivePod:
    """What a pod holds of its node, and the Deployment that owns it; blank without one.

    Which service that is, this app does not know.
    """

    namespace: str
    deployment: str
    requests: Resources


@dataclass(frozen=True, slots=True)
class NodePage(Page):
    """A node with its live pods and what they request."""

    row: Node
    live_pods: list[LivePod]
    service_ids: None = None

    @property
    def requested(self) -> Resources:
        return total(pod.requests for pod in self.live_pods).only(self.row.allocatable)

    @property
    def pods_total(self) -> int:
        return len(self.live_pods)


def node_pages(nodes: Sequence[Node]) -> list[NodePage]:
    """Return nodes with their live pods, with one query for all of them."""
    pods: dict[tuple[int, str], list[LivePod]] = defaultdict(list)
    names = {node.name for node in nodes}
    clusters = {node.cluster_id for node in nodes}
    live = Pod.objects.live().filter(cluster__in=clusters, node_name__in=names)
    columns = ("cluster_id", "node_name", "namespace", "deployment", "requests")
    for cluster, node, namespace, owner, requests in live.with_deployment().values_list(*columns):
        pods[cluster, node].append(LivePod(namespace, owner or "", requests))
    return [NodePage(node, pods[node.cluster_id, node.name]) for node in nodes]
