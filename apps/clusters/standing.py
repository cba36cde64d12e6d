"""What keeps us from knowing or using a cluster, judged by its row and its cursors."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from clusters.models import Cluster, MirrorCursor
from clusters.observed import revision
from clusters.staleness import is_stale
from clusters.versions import LOWEST_VERSION_TEXT, is_supported
from core.messages import NOTHING_SAID, Message
from core.prepared import prepared
from core.reasons import Reason

# For how long an event that is over is still reported.
NEWS = timedelta(days=1)
MOST_NAMED = 6

# A reason and a sentence; both are empty when nothing is in the way.
Problem = tuple[str, Message]
NONE: Problem = ("", NOTHING_SAID)


def cluster_problem(cluster: Cluster, *, now: datetime) -> Problem:
    """Return the worst known problem of a cluster or of our mirror of it."""
    found = hindrance(cluster)
    if not found[0]:
        found = mirror_problem(cluster, now=now)
    return found if found[0] else news(cluster, now=now)


def probe_problem(cluster: Cluster, *, now: datetime) -> Problem:
    """Return what the last probe found in the way, or else what happened lately."""
    found = hindrance(cluster)
    return found if found[0] else news(cluster, now=now)


def hindrance(cluster: Cluster) -> Problem:
    """Return what the last probe found in the way; of several things the most fundamental."""
    if not cluster.is_reachable:
        return cluster.reason, cluster.message
    if cluster.duplicate_of is not None:
        return Reason.DUPLICATE_CLUSTER, Message(
            "It is the same cluster as %(name)s, which was registered first; it is not mirrored "
            "twice.",
            name=cluster.duplicate_of.name,
        )
    if not is_supported(cluster.version):
        return Reason.VERSION_UNSUPPORTED, Message(
            "Kubernetes %(version)s is not supported; the lowest supported version is %(lowest)s.",
            version=cluster.version,
            lowest=LOWEST_VERSION_TEXT,
        )
    if cluster.missing_permissions:
        return Reason.CLUSTER_FORBIDDEN, Message(
            "Our credentials lack these permissions: %(missing)s.",
            missing=named_permissions(cluster.missing_permissions),
        )
    return NONE


def named_permissions(missing: list[dict[str, str]]) -> str:
    """Write the first few permissions as people say them."""
    said = [f"{permission['verb']} {permission['resource']}" for permission in missing]
    more = len(said) - MOST_NAMED
    return ", ".join(said[:MOST_NAMED]) + (f", … (+{more})" if more > 0 else "")


def mirror_problem(cluster: Cluster, *, now: datetime) -> Problem:
    """Say why a mirror is stale, and which kinds make it so."""
    if not cluster.is_stale(now=now):
        return NONE
    if cluster.duplicate_of is not None:
        return hindrance(cluster)
    silent = [one for one in cluster.cursors.all() if one.message and is_silent(one, now=now)]
    if silent:
        kinds = ", ".join(cursor.kind for cursor in silent)
        sentence = Message("These kinds cannot be read: %(kinds)s.", kinds=kinds)
        return silent[0].reason, sentence + silent[0].message
    if cluster.mirrored_at is None:
        return Reason.NOT_MIRRORED, Message("The mirror has not been filled yet.")
    return Reason.STALE, Message(
        "The informer has not observed the cluster lately; what is shown may be out of date."
    )


def is_silent(cursor: MirrorCursor, *, now: datetime) -> bool:
    """Return whether a kind has been silent for too long, or always."""
    return is_stale(cursor.heard_at, now=now)


def news(cluster: Cluster, *, now: datetime) -> Problem:
    """Return what happened to a cluster lately that people should know about."""
    if cluster.uid_changed_at is not None and now - cluster.uid_changed_at < NEWS:
        return Reason.CLUSTER_CHANGED, Message(
            "Its address now leads to another cluster; the mirror was filled again."
        )
    if cluster.restored_at is not None and now - cluster.restored_at < NEWS:
        return Reason.CLUSTER_RESTORED, Message(
            "The history of the cluster went back, as after a restore from a backup; "
            "the mirror follows it."
        )
    return NONE


def read_up_to(cluster_id: int) -> dict[str, int | None]:
    """Return how far the mirror has read each kind that it has read at all.

    A value is None if the server's resource versions have no order.
    """
    return {kind: revision(version) for kind, version in places_read(cluster_id)}


@prepared
def places_read(cluster_id: int) -> QuerySet[MirrorCursor, tuple[str, str]]:
    """Read the kinds of a cluster that were ever read, and the version up to which."""
    rows = MirrorCursor.objects.filter(cluster=cluster_id, heard_at__isnull=False)
    return rows.values_list("kind", "resource_version")
