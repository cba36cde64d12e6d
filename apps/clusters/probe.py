"""Checks whether clusters answer, which clusters they are, and what we may do there."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clusters.client import ClusterClient, client_for
from clusters.errors import ClusterError, ClusterForbidden
from clusters.kinds import NAMESPACE
from clusters.mirror import forget
from clusters.models import Cluster
from clusters.permissions import missing_permissions
from core.messages import NOTHING_SAID
from core.reasons import Reason
from core.stream import announce

# It is created with the cluster and lives as long, so its uid is the cluster's.
OLDEST_NAMESPACE = "kube-system"
# Some twenty small requests; while a permission is missing, they are made with every probe.
PERMISSIONS_EVERY = timedelta(minutes=5)
ANNOUNCED = (
    "is_reachable",
    "version",
    "reason",
    "message",
    "missing_permissions",
    "duplicate_of_id",
)


def probe(cluster_id: int) -> None:
    """Probe one cluster and record the result."""
    cluster = Cluster.objects.filter(pk=cluster_id).first()
    if cluster is None:
        return
    write_down(cluster, look_at(cluster), now=timezone.now())


def look_at(cluster: Cluster) -> dict[str, Any]:
    """Return the columns that a probe writes; in an outage, what was last known is kept."""
    try:
        client = client_for(cluster)
        found: dict[str, Any] = {"version": client.version()[:63]}
        found |= uid_of_cluster(client)
        if permissions_are_due(cluster, now=timezone.now()):
            found["missing_permissions"] = missing_permissions(client)
            found["permissions_checked_at"] = timezone.now()
    except ClusterError as error:
        return {"is_reachable": False, "reason": error.reason, "message": error.account}
    return {**found, "is_reachable": True, "reason": "", "message": NOTHING_SAID}


def uid_of_cluster(client: ClusterClient) -> dict[str, str]:
    """Return the cluster's uid, if we may read it."""
    try:
        uid = client.uid_of(NAMESPACE, OLDEST_NAMESPACE)
    except ClusterForbidden:
        return {}
    return {"uid": uid} if uid else {}


def permissions_are_due(cluster: Cluster, *, now: datetime) -> bool:
    """Return whether to check our permissions again: seldom while all is well, else always."""
    at = cluster.permissions_checked_at
    if at is None or cluster.missing_permissions != [] or now - at > PERMISSIONS_EVERY:
        return True
    return cluster.cursors.filter(reason=Reason.CLUSTER_FORBIDDEN).exists()


@transaction.atomic
def write_down(cluster: Cluster, found: dict[str, Any], *, now: datetime) -> None:
    """Keep what a probe found; forget the mirror of another cluster, or of one known already."""
    uid = found.get("uid") or cluster.uid
    same = Q(uid=uid) if uid else Q()
    locked = Cluster.objects.select_for_update().order_by("pk").filter(Q(pk=cluster.pk) | same)
    rows = {row.pk: row for row in locked}
    mine = rows.pop(cluster.pk, None)
    # An answer that was got with other credentials may be another cluster's.
    if mine is None or bytes(mine.credentials) != bytes(cluster.credentials):
        return
    first = first_known(mine, uid, [row for row in rows.values() if row.uid == uid and uid])
    is_another = bool(mine.uid) and uid != mine.uid
    found |= {"uid": uid, "duplicate_of": first, "probed_at": now}
    if is_another:
        found["uid_changed_at"] = now
    before = [getattr(mine, name) for name in ANNOUNCED]
    for name, value in found.items():
        setattr(mine, name, value)
    Cluster.objects.filter(pk=mine.pk).update(**found)
    if is_another or (first is not None and mine.cursors.exists()):
        forget(mine)
    if [getattr(mine, name) for name in ANNOUNCED] != before:
        announce("cluster", mine.pk, project=None)


def first_known(mine: Cluster, uid: str, others: list[Cluster]) -> Cluster | None:
    """Return the row under which the same cluster was known first, if that is another one.

    The row that had the uid before keeps it. Of two that came at once, the older one does.
    """
    holders = [other for other in others if other.duplicate_of_id is None]
    had_it = mine.uid == uid and mine.duplicate_of_id is None
    if not holders or (had_it and mine.pk < holders[0].pk):
        return None
    return holders[0]
