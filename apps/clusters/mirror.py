"""Writes the mirror: batches of what was seen, in one transaction with where to resume."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import orjson
from django.db import connection, models, transaction
from django.db.models import Count, Min, OuterRef, Subquery

from clusters import observed
from clusters.kinds import (
    DEPLOYMENT,
    EVENT,
    HORIZONTAL_POD_AUTOSCALER,
    LIMIT_RANGE,
    NAMESPACE,
    NETWORK_POLICY,
    NODE,
    POD,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    RESOURCE_QUOTA,
    SERVICE,
    ObjectKind,
)
from clusters.load import keep_requested
from clusters.models import (
    Cluster,
    ClusterEvent,
    Companion,
    MirrorCursor,
    MirroredObject,
    Node,
    Pod,
    Workload,
)
from clusters.rows import (
    companion_row,
    deployment_row,
    event_row,
    node_row,
    pod_row,
    setup_row,
    workload_row,
)
from clusters.signals import history_went_back, objects_observed
from core.database import lock
from core.lease import LeaseLost
from core.messages import Message
from core.stream import announce


@dataclass(frozen=True)
class Mirrored:
    """A kind that is mirrored: how it is read, and into which rows."""

    kind: ObjectKind
    model: type[MirroredObject]
    decoder: observed.Decoder[Any]
    row: Callable[[Any], dict[str, Any]]
    # What tells this kind's rows from others in the same table.
    own_rows: Mapping[str, str] = field(default_factory=dict)
    # Whether its objects are written again and again without a change that a row would show.
    is_heartbeat: bool = False


def mirrored(
    kind: ObjectKind,
    model: type[MirroredObject],
    shape: Any,
    row: Any,
    *,
    is_heartbeat: bool = False,
) -> Mirrored:
    """Describe a mirrored kind; some share a table."""
    own_rows = {"kind": kind.name} if model in (Workload, Companion) else {}
    return Mirrored(kind, model, observed.Decoder(shape), row, own_rows, is_heartbeat)


ALL_MIRRORED = (
    mirrored(NODE, Node, observed.NodeObject, node_row, is_heartbeat=True),
    mirrored(POD, Pod, observed.PodObject, pod_row),
    mirrored(EVENT, ClusterEvent, observed.EventObject, event_row),
    mirrored(REPLICA_SET, Workload, observed.WorkloadObject, workload_row("ReplicaSet")),
    mirrored(DEPLOYMENT, Workload, msgspec.Raw, deployment_row),
    *(
        mirrored(kind, Companion, msgspec.Raw, companion_row(kind.name))
        for kind in (SERVICE, POD_DISRUPTION_BUDGET, HORIZONTAL_POD_AUTOSCALER)
    ),
    *(
        mirrored(kind, Companion, msgspec.Raw, setup_row(kind.name))
        for kind in (NAMESPACE, RESOURCE_QUOTA, LIMIT_RANGE, NETWORK_POLICY)
    ),
)
# A namespace and the name of a Deployment in it, or the label by which its Service selects pods; a
# blank name is the namespace's own setup.
ObjectPlace = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as it is now."""

    what: Mirrored
    row: dict[str, Any]
    # A full list is the truth, whatever we hold; an event may be late.
    is_listed: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """An object that was deleted; the row says whose it was."""

    what: Mirrored
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signs:
    """When a kind was last synced, in each way that it can be."""

    event_at: datetime | None = None
    bookmark_at: datetime | None = None
    listed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """The stream is alive and has sent everything up to a resource version."""

    what: Mirrored
    resource_version: str
    at: datetime
    # After a full list: the uids of everything there is. All other rows are swept.
    complete: frozenset[str] | None = None
    signs: Signs = Signs()
    # The list was older than what had been seen before: the cluster's history went back.
    went_back: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A kind cannot be read now."""

    what: Mirrored
    reason: str
    message: Message


MirrorChange = Seen | Gone | Synced | Failed


@dataclass
class Batch:
    """Coalesced changes: the last one of each object wins."""

    seen: dict[tuple[type, str], Seen] = field(default_factory=dict)
    gone: dict[tuple[type, str], Gone] = field(default_factory=dict)
    synced: dict[str, Synced] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is known of every object that changed."""
        seen, gone = self.seen.values(), self.gone.values()
        return [*(change.row for change in seen), *(change.row for change in gone)]

    @classmethod
    def of(cls, changes: Iterable[MirrorChange]) -> "Batch":
        batch = cls()
        for change in changes:
            batch.add(change)
        return batch

    def add(self, change: MirrorChange) -> None:
        if isinstance(change, Synced):
            self.failed.pop(change.what.kind.name, None)
            before = self.synced.get(change.what.kind.name)
            # An empty list is complete too, and not the same as no list.
            if change.complete is None and before is not None:
                change = replace(change, complete=before.complete)
            if before is not None and before.went_back:
                change = replace(change, went_back=True)
            self.synced[change.what.kind.name] = change
            return
        if isinstance(change, Failed):
            self.failed[change.what.kind.name] = change
            return
        key = (change.what.model, change.row["uid"])
        before_it = self.seen.pop(key, None)
        self.gone.pop(key, None)
        if isinstance(change, Seen):
            # What follows a list in one batch is of the list's history, whatever we held before.
            if before_it is not None and before_it.is_listed:
                change = replace(change, is_listed=True)
            self.seen[key] = change
        else:
            self.gone[key] = change


def write(cluster: Cluster, batch: Batch) -> set[ObjectPlace]:
    """Write a batch; return the places that it concerns.

    Raises:
        LeaseLost: another informer mirrors the cluster by now, or it was deleted.
    """
    seen_now = {uid for _, uid in batch.seen}
    with transaction.atomic():
        # Held to the end: an informer that takes the cluster over starts after this is written.
        if not lock(Cluster.objects.filter(pk=cluster.pk, informer=cluster.informer)):
            raise LeaseLost
        batch = without_repeated(cluster, batch)
        places = concerned(batch) | left_places(cluster, batch)
        for is_listed in (True, False):
            changes = (seen for seen in batch.seen.values() if seen.is_listed is is_listed)
            for model, rows in by_model(changes).items():
                upsert(model, cluster.pk, rows, is_listed=is_listed)
        for gone in batch.gone.values():
            if gone.what.model is ClusterEvent:
                continue
            gone.what.model._default_manager.filter(cluster=cluster, uid=gone.row["uid"]).delete()
        for synced in batch.synced.values():
            places |= sweep(cluster, synced, seen=seen_now)
        is_other_load = keep_requested(cluster.pk, nodes_of(cluster, batch))
        if batch.synced:
            keep_cursors(cluster, batch.synced.values())
            note_age(cluster)
        if batch.failed:
            keep_failures(cluster, batch.failed.values())
        if any(synced.went_back for synced in batch.synced.values()):
            note_restore(cluster, batch.synced.values())
        if is_other_load or any(model is Node for model, _ in (*batch.seen, *batch.gone)):
            announce("node", cluster.name, project=None)
    return places


def notify(cluster: Cluster, places: set[ObjectPlace] | None) -> None:
    """Send the signal that objects changed; None stands for everything in the cluster."""
    objects_observed.send(sender=Cluster, cluster_id=cluster.pk, places=places)


def without_repeated(cluster: Cluster, batch: Batch) -> Batch:
    """Leave out what a list says of objects that are held just so.

    A list is compared whole: its versions may be those of another history, and a column may be new
    since the rows were written. Of a kind that was never listed nothing is held.
    """
    listed = [seen for seen in batch.seen.values() if seen.is_listed]
    if not listed:
        return batch
    cursors = MirrorCursor.objects.filter(cluster=cluster).exclude(listed_at=None)
    known = set(cursors.values_list("kind", flat=True))
    again = [seen for seen in listed if seen.what.kind.name in known]
    repeated = {
        (model, uid)
        for model, rows in by_model(again).items()
        for uid in repeated_uids(model, cluster.pk, rows)
    }
    return replace(batch, seen={k: seen for k, seen in batch.seen.items() if k not in repeated})


def concerned(batch: Batch) -> set[ObjectPlace]:
    """Return the places whose objects changed."""
    at = {row["place"] for row in batch.rows if row.get("place")}
    return at | {(r["namespace"], r["selected_by"]) for r in batch.rows if r.get("selected_by")}


def nodes_of(cluster: Cluster, batch: Batch) -> set[str]:
    """Return the names of nodes that changed, or of which a pod did.

    After a full list of nodes or pods, that is every node; meanwhile none is added up for what is
    in the list: each of its batches has pods of most nodes, and until its end some are missing.
    """
    whole = (synced for synced in batch.synced.values() if synced.complete is not None)
    if any(synced.what.model in (Node, Pod) for synced in whole):
        return set(Node.objects.filter(cluster=cluster).values_list("name", flat=True))
    changed = [seen for seen in batch.seen.values() if not seen.is_listed]
    own = {seen.row["name"] for seen in changed if seen.what.model is Node}
    rows = [seen.row for seen in changed] + [gone.row for gone in batch.gone.values()]
    return own | {row["node_name"] for row in rows if row.get("node_name")}


def left_places(cluster: Cluster, batch: Batch) -> set[ObjectPlace]:
    """Return the places that an object moves away from.

    An autoscaler may change its target, and a pod may lose the label by which it was selected.
    """
    places: set[ObjectPlace] = set()
    if uids := [uid for model, uid in batch.seen if model is Companion]:
        places |= places_of(Companion, Companion.objects.filter(cluster=cluster, uid__among=uids))
    unlabelled = [row["uid"] for row in batch.rows if row.get("is_labelled") is False]
    if unlabelled:
        left = Pod.objects.filter(cluster=cluster, uid__among=unlabelled).exclude(selected_by="")
        places |= set(left.values_list("namespace", "selected_by"))
    return places


def by_model(changes: Iterable[Seen]) -> dict[type[MirroredObject], list[dict[str, Any]]]:
    """Group rows by table."""
    grouped: dict[type[MirroredObject], list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        grouped[change.what.model].append(change.row)
    return grouped


def upsert(
    model: type[MirroredObject], cluster_id: int, rows: list[dict[str, Any]], *, is_listed: bool
) -> None:
    """Insert or update rows in one statement.

    An older version never replaces a newer one, unless a full list says so: then history went back.
    """
    columns = ", ".join(read_columns(model))
    updates = ", ".join(f"{column} = EXCLUDED.{column}" for column in read_columns(model))
    # What is derived from other rows begins as nothing.
    derived = [f'"{f.column}"' for f in model._meta.concrete_fields if f.name in model.derived]
    table = model._meta.db_table
    statement = f"""
        INSERT INTO "{table}" ({", ".join(["cluster_id", *derived, columns])})
        SELECT {", ".join(["%s", *("'{}'" for _ in derived), columns])}
        FROM json_populate_recordset(NULL::"{table}", %s)
        ON CONFLICT (cluster_id, uid) DO UPDATE SET {updates}
    """  # noqa: S608  (our own names)
    if not is_listed:
        statement += f' WHERE "{table}".resource_version < EXCLUDED.resource_version'
    with connection.cursor() as cursor:
        cursor.execute(statement, [cluster_id, rows_as_json(rows)])


def repeated_uids(
    model: type[MirroredObject], cluster_id: int, rows: list[dict[str, Any]]
) -> set[str]:
    """Return the uids of rows that the table has just so."""
    table, columns = model._meta.db_table, read_columns(model)
    held, read = (", ".join(f"{of}.{column}" for column in columns) for of in ("held", "read"))
    statement = f"""
        SELECT held.uid FROM json_populate_recordset(NULL::"{table}", %s) read
        JOIN "{table}" held ON held.cluster_id = %s AND held.uid = read.uid
        WHERE ({held}) IS NOT DISTINCT FROM ({read})
    """  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(statement, [rows_as_json(rows), cluster_id])
        return {uid for (uid,) in cursor.fetchall()}


def read_columns(model: type[MirroredObject]) -> list[str]:
    """Return the columns of a table that hold what was read of an object, quoted."""
    fields = (f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField))
    others = {"cluster", *model.derived}
    return [f'"{f.column}"' for f in fields if f.name not in others]


def rows_as_json(rows: list[dict[str, Any]]) -> str:
    """Write rows as one text: to prepare each value apart takes longer than all the rest."""
    # Amounts are mappings, which their class hides from the encoder.
    return orjson.dumps(rows, dict, orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def sweep(cluster: Cluster, synced: Synced, *, seen: set[str]) -> set[ObjectPlace]:
    """After a full list, delete what was not in it; return the places that lost some.

    What the same batch saw after the list stays. Events go by age only: clusters forget theirs.
    """
    if synced.complete is None or synced.what.model is ClusterEvent:
        return set()
    rows = synced.what.model._default_manager.filter(cluster=cluster, **synced.what.own_rows)
    there = synced.complete | seen
    # To read what is held costs less than to say what is there.
    gone = [pk for pk, uid in rows.values_list("pk", "uid") if uid not in there]
    if not gone:
        return set()
    left = rows.filter(pk__among=gone)
    lost = places_of(synced.what.model, left)
    left.delete()
    return lost


def places_of(model: type[MirroredObject], rows: Any) -> set[ObjectPlace]:
    """Return the places of rows; those of pods are found through their owners."""
    if model is Pod:
        named = rows.with_deployment().exclude(deployment=None)
        strays = rows.exclude(selected_by="").values_list("namespace", "selected_by")
        return {*named.values_list("namespace", "deployment"), *strays}
    if model is Companion:
        return set(rows.values_list("namespace", "goes_with"))
    # A ReplicaSet goes after its pods, or together with a Deployment that is swept itself.
    if model is Workload:
        return set(rows.exclude(goes_with="").values_list("namespace", "goes_with"))
    return set()


def keep_cursors(cluster: Cluster, synced: Iterable[Synced]) -> None:
    """Remember where to resume, in the same transaction as the rows that it covers."""
    MirrorCursor.objects.bulk_create(
        [
            MirrorCursor(
                cluster=cluster,
                kind=h.what.kind.name,
                resource_version=h.resource_version,
                heard_at=h.at,
                event_at=h.signs.event_at,
                bookmark_at=h.signs.bookmark_at,
                listed_at=h.signs.listed_at,
            )
            for h in synced
        ],
        update_conflicts=True,
        unique_fields=["cluster", "kind"],
        update_fields=[
            "resource_version",
            "heard_at",
            "event_at",
            "bookmark_at",
            "listed_at",
            "reason",
            "message",
        ],
    )


def keep_failures(cluster: Cluster, failed: Iterable[Failed]) -> None:
    """Remember what keeps kinds from being read, until they are synced again."""
    MirrorCursor.objects.bulk_create(
        [
            MirrorCursor(cluster=cluster, kind=f.what.kind.name, reason=f.reason, message=f.message)
            for f in failed
        ],
        update_conflicts=True,
        unique_fields=["cluster", "kind"],
        update_fields=["reason", "message"],
    )
    announce("cluster", cluster.pk, project=None)


def note_restore(cluster: Cluster, synced: Iterable[Synced]) -> None:
    """Remember that the cluster's history went back, and tell listeners."""
    at = max(h.at for h in synced if h.went_back)
    Cluster.objects.filter(pk=cluster.pk).update(restored_at=at)
    history_went_back.send(sender=Cluster, cluster_id=cluster.pk)
    announce("cluster", cluster.pk, project=None)


def note_age(cluster: Cluster) -> None:
    """Set the mirror's age: that of its most silent kind; none until every kind was synced."""
    # Another version of Slipway may have mirrored other kinds.
    kinds = [what.kind.name for what in ALL_MIRRORED]
    read = MirrorCursor.objects.filter(cluster=OuterRef("pk"), kind__in=kinds)
    synced = read.order_by().values("cluster")
    oldest = synced.annotate(kinds=Count("heard_at"), oldest=Min("heard_at"))
    known = oldest.filter(kinds=len(kinds)).values("oldest")
    Cluster.objects.filter(pk=cluster.pk).update(mirrored_at=Subquery(known))


@transaction.atomic
def forget(cluster: Cluster) -> None:
    """Delete what was mirrored of a cluster: it may not be true of what is there now."""
    lock(Cluster.objects.filter(pk=cluster.pk))
    for model in {what.model for what in ALL_MIRRORED}:
        model._default_manager.filter(cluster=cluster).delete()
    MirrorCursor.objects.filter(cluster=cluster).delete()
    Cluster.objects.filter(pk=cluster.pk).update(mirrored_at=None)
    announce("node", cluster.name, project=None)
