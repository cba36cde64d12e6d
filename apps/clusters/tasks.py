"""Tasks of clusters; one for each cluster, so that a dead one does not delay the others."""

from celery import shared_task

from clusters.models import Cluster
from clusters.probe import probe
from core.wakeup import enqueue


@shared_task(name="clusters.probe_cluster")
def probe_cluster(cluster_id: int) -> None:
    probe(cluster_id)


@shared_task(name="clusters.probe_clusters")
def probe_clusters() -> None:
    for cluster_id in Cluster.objects.values_list("pk", flat=True):
        enqueue("clusters.probe_cluster", cluster_id)
