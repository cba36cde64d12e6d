"""Reads nodes and what is asked of them, with two queries whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from clusters.capacity import Free, SeenNode, count_cards, free_in
from clusters.load import requested_by_node
from clusters.models import Cluster, Node, Pod
from clusters.staleness import is_stale
from core.api.pages import Page
from core.devices import kind_on
from core.resources import NOTHING, Resources, total


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
    """Return what each cluster has left, by its id; None where its mirror is not the present."""
    nodes = seen_nodes(Node.objects.filter(cluster__in=clusters), now=now)
    return {
        cluster.pk: None if cluster.is_stale(now=now) else free_in(nodes.get(cluster.pk, []))
        for cluster in clusters
    }


def seen_nodes(nodes: QuerySet[Node], *, now: datetime) -> dict[int, list[SeenNode]]:
    """Return nodes by the id of their cluster, with what their live pods ask for."""
    columns = ("gpu_product", "capacity", "allocatable", "is_ready", "is_unschedulable")
    # As plain values: rows of a large fleet take longer to become models than to be read.
    found = list(nodes.values_list("cluster_id", "name", "cluster__mirrored_at", *columns))
    requested = requested_by_node({cluster for cluster, *_ in found})
    seen: dict[int, list[SeenNode]] = defaultdict(list)
    for cluster, name, mirrored_at, product, capacity, allocatable, is_ready, is_cordoned in found:
        node = SeenNode(
            gpu_product=product,
            capacity=capacity,
            allocatable=allocatable,
            requested=requested.get((cluster, name), NOTHING),
            is_ready=is_ready,
            is_unschedulable=is_cordoned,
            is_stale=is_stale(mirrored_at, now=now),
        )
        seen[cluster].append(node)
    return seen


@dataclass(frozen=True, slots=True)
class NodePage(Page):
    """A node with its live pods and what these ask for.

    Each pod has the `deployment` that owns it; which service that is, the app above knows.
    """

    row: Node
    live_pods: list[Pod]
    service_ids: None = None

    @property
    def requested(self) -> Resources:
        return total(pod.requests for pod in self.live_pods).only(self.row.allocatable)

    @property
    def pods_total(self) -> int:
        return len(self.live_pods)


def node_pages(nodes: Sequence[Node]) -> list[NodePage]:
    """Return nodes with their live pods, with one query for all of them."""
    pods: dict[tuple[int, str], list[Pod]] = defaultdict(list)
    names = {node.name for node in nodes}
    clusters = {node.cluster_id for node in nodes}
    live = Pod.objects.live().filter(cluster__in=clusters, node_name__in=names)
    columns = ("cluster_id", "namespace", "node_name", "owner_uid", "requests")
    for pod in live.with_deployment().only(*columns):
        pods[pod.cluster_id, pod.node_name].append(pod)
    return [NodePage(node, pods[node.cluster_id, node.name]) for node in nodes]
