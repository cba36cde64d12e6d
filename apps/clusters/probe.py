"""Looks whether clusters answer."""

from django.utils import timezone

from clusters.client import client_for
from clusters.errors import ClusterError
from clusters.models import Cluster
from core.stream import announce


def probe(cluster_id: int) -> None:
    """Ask one cluster for its version and write down what came of it."""
    cluster = Cluster.objects.filter(pk=cluster_id).first()
    if cluster is None:
        return
    found = look_at(cluster)
    Cluster.objects.filter(pk=cluster_id).update(probed_at=timezone.now(), **found)
    if found["is_reachable"] != cluster.is_reachable:
        announce("cluster", cluster_id, project=None)


def look_at(cluster: Cluster) -> dict[str, object]:
    """Return the columns that a probe writes; the last known version outlives an outage."""
    try:
        version = client_for(cluster).version()
    except ClusterError as error:
        return {"is_reachable": False, "reason": error.reason, "message": error.message}
    return {"is_reachable": True, "version": version[:63], "reason": "", "message": ""}
