"""Reads the fleet in short, with two queries whatever its size."""

from datetime import datetime
from typing import Any

from clusters.capacity import SeenNode, count_cards
from clusters.load import requested_by_node
from clusters.models import Node
from core.devices import kind_on
from core.resources import NOTHING


def read_fleet(*, cluster: str | None, now: datetime) -> dict[str, Any]:
    """Return how many cards of each GPU model there are, and how many of them are free."""
    nodes = seen_nodes(cluster=cluster, now=now)
    kinds = sorted(count_cards(nodes).items())
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


def seen_nodes(*, cluster: str | None, now: datetime) -> list[SeenNode]:
    """Return the nodes of one cluster, or of all, with what their live pods ask for."""
    nodes = Node.objects.select_related("cluster").only(
        "name",
        "gpu_product",
        "capacity",
        "allocatable",
        "is_ready",
        "is_unschedulable",
        "cluster__mirrored_at",
    )
    found = list(nodes.filter(cluster__name=cluster) if cluster else nodes)
    requested = requested_by_node({node.cluster_id for node in found})
    return [
        SeenNode(
            gpu_product=node.gpu_product,
            capacity=node.capacity,
            allocatable=node.allocatable,
            requested=requested.get((node.cluster_id, node.name), NOTHING),
            is_ready=node.is_ready,
            is_unschedulable=node.is_unschedulable,
            is_stale=node.cluster.is_stale(now=now),
        )
        for node in found
    ]
