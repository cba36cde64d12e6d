"""Reads nodes and what pods request of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from django.db.models import Count, QuerySet

from clusters.capacity import Free, SeenNode, count_cards, free_in
from clusters.models import Cluster, Node
from clusters.staleness import is_stale
from core.devices import kind_on
from core.prepared import prepared

# What several nodes have in common, with their number.
AlikeNodes = dict[str, Any]


def read_fleet(*, cluster: str | None, now: datetime) -> dict[str, Any]:
    """Return how many cards of each GPU model there are, and how many of them are free."""
    nodes = alike_nodes_of(cluster) if cluster else alike_nodes()
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
    nodes = seen_nodes(alike_nodes_in([cluster.pk for cluster in clusters]), now=now)
    return {
        cluster.pk: None if cluster.is_stale(now=now) else free_in(nodes.get(cluster.pk, []))
        for cluster in clusters
    }


def seen_nodes(alike: Iterable[AlikeNodes], *, now: datetime) -> dict[int, list[SeenNode]]:
    """Return nodes by the id of their cluster: those of a large fleet are alike by the hundred."""
    seen: dict[int, list[SeenNode]] = defaultdict(list)
    for row in alike:
        cluster_id, mirrored_at = row.pop("cluster_id"), row.pop("cluster__mirrored_at")
        seen[cluster_id].append(SeenNode(**row, is_stale=is_stale(mirrored_at, now=now)))
    return seen


@prepared
def alike_nodes() -> QuerySet[Node, AlikeNodes]:
    """Read all nodes, with the number of those that are alike."""
    return with_number_alike(Node.objects.all())


@prepared
def alike_nodes_of(cluster: str) -> QuerySet[Node, AlikeNodes]:
    """Read the nodes of the cluster of this name, with the number of those that are alike."""
    return with_number_alike(Node.objects.filter(cluster__name=cluster))


@prepared
def alike_nodes_in(clusters: Collection[int]) -> QuerySet[Node, AlikeNodes]:
    """Read the nodes of some clusters, with the number of those that are alike."""
    return with_number_alike(Node.objects.filter(cluster__among=clusters))


def with_number_alike(nodes: QuerySet[Node]) -> QuerySet[Node, AlikeNodes]:
    """Return a query for some nodes with the number of those that are alike."""
    columns = ("gpu_product", "capacity", "allocatable", "requested", "is_ready")
    cluster = ("cluster_id", "cluster__mirrored_at")
    rows = nodes.order_by().values(*cluster, *columns, "is_unschedulable")
    alike: QuerySet[Node, AlikeNodes] = rows.annotate(count=Count("pk"))
    return alike


@cache
def every_shown_node() -> QuerySet[Node, dict[str, Any]]:
    """Return a query for all that is shown of nodes, as plain values; it is built once."""
    shown: QuerySet[Node, dict[str, Any]] = Node.objects.values(
        *("id", "name", "gpu_product", "capacity", "allocatable", "requested"),
        *("is_ready", "is_unschedulable", "is_simulated", "conditions", "taints"),
        *("kubelet_version", "created_at", "cluster__name", "cluster__mirrored_at"),
    )
    return shown
