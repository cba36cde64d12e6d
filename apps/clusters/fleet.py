"""Reads nodes and what pods request of them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from django.db.models import Count, QuerySet

from clusters.capacity import Free, SeenNode, count_cards, free_in
from clusters.models import Cluster, Node
from clusters.staleness import is_stale
from core.devices import kind_on


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


@cache
def every_shown_node() -> QuerySet[Node, dict[str, Any]]:
    """Return a query for all that is shown of nodes, as plain values; it is built once."""
    shown: QuerySet[Node, dict[str, Any]] = Node.objects.values(
        *("id", "name", "gpu_product", "capacity", "allocatable", "requested"),
        *("is_ready", "is_unschedulable", "is_simulated", "conditions", "taints"),
        *("kubelet_version", "created_at", "cluster__name", "cluster__mirrored_at"),
    )
    return shown
