"""Writing the mirror: batches of what was seen, in one transaction with where to resume."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Count, Min, OuterRef, Subquery

from clusters import observed
from clusters.kinds import DEPLOYMENT, EVENT, NODE, POD, REPLICA_SET, Kind
from clusters.models import (
    Cluster,
    ClusterEvent,
    MirrorCursor,
    MirroredObject,
    Node,
    Pod,
    Workload,
)
from clusters.signals import services_observed
from core.stream import announce


@dataclass(frozen=True)
class Mirrored:
    """A kind that is mirrored: how it is read, and into which rows."""

    kind: Kind
    model: type[MirroredObject]
    decoder: observed.Decoder[Any]
    row: Callable[[Any], dict[str, Any]]
    # What tells this kind's rows from others in the same table.
    own_rows: Mapping[str, str] = field(default_factory=dict)


def mirrored(kind: Kind, model: type[MirroredObject], shape: Any, row: Any) -> Mirrored:
    """Describe a mirrored kind; workloads share a table."""
    own_rows = {"kind": kind.name} if model is Workload else {}
    return Mirrored(kind, model, observed.Decoder(shape), row, own_rows)


ALL_MIRRORED = (
    mirrored(NODE, Node, observed.Node, observed.node_row),
    mirrored(POD, Pod, observed.Pod, observed.pod_row),
    mirrored(EVENT, ClusterEvent, observed.Event, observed.event_row),
    *(
        mirrored(kind, Workload, observed.Workload, observed.workload_row(kind.name))
        for kind in (DEPLOYMENT, REPLICA_SET)
    ),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as it is now."""

    what: Mirrored
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """An object that was deleted; the row says whose it was."""

    what: Mirrored
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """The stream is alive and has told everything up to a resource version."""

    what: Mirrored
    resource_version: str
    at: datetime
    # After a full list: everything there is. Rows of anything else are swept.
    complete: frozenset[str] | None = None


Change = Seen | Gone | Heard


@dataclass
class Batch:
    """Changes coalesced: the last word on each object wins."""

    seen: dict[tuple[type, str], Seen] = field(default_factory=dict)
    gone: dict[tuple[type, str], Gone] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[Change]) -> "Batch":
        batch = cls()
        for change in changes:
            batch.add(change)
        return batch

    def add(self, change: Change) -> None:
        if isinstance(change, Heard):
            before = self.heard.get(change.what.kind.name)
            # A list of nothing is complete too, and not the same as no list.
            if change.complete is None and before is not None:
                change = replace(change, complete=before.complete)
            self.heard[change.what.kind.name] = change
            return
        key = (change.what.model, change.row["uid"])
        self.seen.pop(key, None)
        self.gone.pop(key, None)
        if isinstance(change, Seen):
            self.seen[key] = change
        else:
            self.gone[key] = change


def write(cluster: Cluster, batch: Batch) -> set[UUID]:
    """Write a batch; return the services that it concerns."""
    services = concerned(batch)
    with transaction.atomic():
        for model, rows in by_model(batch.seen.values()).items():
            upsert(model, cluster.pk, rows)
        for gone in batch.gone.values():
            if gone.what.model is ClusterEvent:
                continue
            gone.what.model._default_manager.filter(cluster=cluster, uid=gone.row["uid"]).delete()
        for heard in batch.heard.values():
            services |= sweep(cluster, heard, seen={uid for _, uid in batch.seen})
        if batch.heard:
            keep_cursors(cluster, batch.heard.values())
            note_age(cluster)
        if any(model is Node for model, _ in (*batch.seen, *batch.gone)):
            announce("node", cluster.name, project=None)
    return services


def tell(cluster: Cluster, services: set[UUID] | None) -> None:
    """Tell the apps above that services changed; None is every service of the cluster."""
    services_observed.send(sender=Cluster, cluster_id=cluster.pk, service_ids=services)


def concerned(batch: Batch) -> set[UUID]:
    """Return the services whose pods or workloads changed."""
    changes: list[Seen | Gone] = [*batch.seen.values(), *batch.gone.values()]
    return {change.row["service_id"] for change in changes if change.row.get("service_id")}


def by_model(changes: Iterable[Seen]) -> dict[type[MirroredObject], list[dict[str, Any]]]:
    """Group rows by table."""
    grouped: dict[type[MirroredObject], list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        grouped[change.what.model].append(change.row)
    return grouped


def upsert(model: type[MirroredObject], cluster_id: int, rows: list[dict[str, Any]]) -> None:
    """Insert or update rows in one statement; an older version never replaces a newer one."""
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    updates = ", ".join(f'"{f.column}" = EXCLUDED."{f.column}"' for f in fields)
    table = model._meta.db_table
    statement = (
        f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) '  # noqa: S608  (our own names)
        f"ON CONFLICT (cluster_id, uid) DO UPDATE SET {updates} "
        f'WHERE "{table}".resource_version < EXCLUDED.resource_version'
    )
    values = [
        [f.get_db_prep_save(value_of(f, row, cluster_id), connection) for f in fields]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def value_of(column: Any, row: dict[str, Any], cluster_id: int) -> Any:
    """Return a row's value for a column."""
    return cluster_id if column.name == "cluster" else row[column.name]


def sweep(cluster: Cluster, heard: Heard, *, seen: set[str]) -> set[UUID]:
    """After a full list, delete what was not in it; return the services that lost something.

    What the same batch saw after the list stays. Events go by age only: a cluster forgets its own.
    """
    if heard.complete is None or heard.what.model is ClusterEvent:
        return set()
    rows = heard.what.model._default_manager.filter(cluster=cluster, **heard.what.own_rows)
    left = rows.exclude(uid__in=heard.complete | seen)
    lost: set[UUID] = set()
    if heard.what.model in (Pod, Workload):
        lost = set(left.exclude(service_id=None).values_list("service_id", flat=True))
    left.delete()
    return lost


def keep_cursors(cluster: Cluster, heard: Iterable[Heard]) -> None:
    """Remember where to resume, in the transaction of the rows that it covers."""
    MirrorCursor.objects.bulk_create(
        [
            MirrorCursor(
                cluster=cluster,
                kind=h.what.kind.name,
                resource_version=h.resource_version,
                heard_at=h.at,
            )
            for h in heard
        ],
        update_conflicts=True,
        unique_fields=["cluster", "kind"],
        update_fields=["resource_version", "heard_at"],
    )


def note_age(cluster: Cluster) -> None:
    """A mirror is as old as its most silent kind, and has no age until every kind was heard."""
    heard = MirrorCursor.objects.filter(cluster=OuterRef("pk")).order_by().values("cluster")
    oldest = heard.annotate(kinds=Count("kind"), oldest=Min("heard_at"))
    known = oldest.filter(kinds=len(ALL_MIRRORED)).values("oldest")
    Cluster.objects.filter(pk=cluster.pk).update(mirrored_at=Subquery(known))
