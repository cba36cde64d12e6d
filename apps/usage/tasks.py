"""Tasks of usage; one for each cluster, so that a dead Prometheus does not delay the others."""

from celery import shared_task
from django.utils import timezone

from clusters.models import Cluster
from core.wakeup import enqueue
from usage import collect


# By then the next one has come; a task that waited for so long would be one too many.
@shared_task(name="usage.collect_cluster", expires=30)
def collect_cluster(cluster_id: int) -> None:
    cluster = Cluster.objects.filter(pk=cluster_id).first()
    if cluster is not None:
        collect.collect_cluster(cluster)


@shared_task(name="usage.collect_usage")
def collect_usage() -> None:
    for cluster_id in Cluster.objects.values_list("pk", flat=True):
        enqueue("usage.collect_cluster", cluster_id)


@shared_task(name="usage.remove_old_windows")
def remove_old_windows() -> None:
    collect.remove_old_windows(now=timezone.now())
