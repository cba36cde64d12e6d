"""What belongs to a Deployment: followed from owner to owner by uid, within cluster and namespace.

A label says what somebody wrote, and a copy of it elsewhere is somebody else's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from clusters.models import Companion, Pod, Workload

DEPLOYMENT, REPLICA_SET = "Deployment", "ReplicaSet"
# A cluster's id, a namespace, and a name or uid in it.
Address = tuple[int, str, str]
T = TypeVar("T", Workload, Companion, Pod)


@dataclass(slots=True)
class Belongings:
    """What the mirror has of one Deployment; each pod's revision is that of its ReplicaSet."""

    deployment: Workload | None = None
    replica_sets: list[Workload] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    # Pods of others that the Deployment's Service sends requests to.
    strays: list[Pod] = field(default_factory=list)

    @property
    def workloads(self) -> list[Workload]:
        return [*([self.deployment] if self.deployment else []), *self.replica_sets]

    @property
    def uids(self) -> list[str]:
        """The uids of everything here, whose events are the Deployment's."""
        return [row.uid for row in (*self.workloads, *self.pods, *self.companions)]


def belongings_of(addresses: Mapping[Address, str]) -> dict[Address, Belongings]:
    """Read what belongs to some Deployments, in a constant number of queries.

    Each is asked for with the label by which its Service selects pods.
    """
    found = {address: Belongings() for address in addresses}
    for row in rows_of(Workload, "name", addresses):
        own = found[row.cluster_id, row.namespace, row.name]
        # Of two rows of one name the newer is there.
        if row.kind == DEPLOYMENT and own.deployment is None:
            own.deployment = row
    for companion in rows_of(Companion, "goes_with", addresses):
        own = found[companion.cluster_id, companion.namespace, companion.goes_with]
        own.companions.append(companion)
    deployments = {address_of(own.deployment): own for own in found.values() if own.deployment}
    replica_sets = {}
    for row in rows_of(Workload, "owner_uid", deployments):
        own = deployments[row.cluster_id, row.namespace, row.owner_uid]
        own.replica_sets.append(row)
        replica_sets[address_of(row)] = own, row.revision
    for pod in rows_of(Pod, "owner_uid", replica_sets):
        own, pod.revision = replica_sets[pod.cluster_id, pod.namespace, pod.owner_uid]
        own.pods.append(pod)
    selecting = {
        (cluster, namespace, label): found[cluster, namespace, name]
        for (cluster, namespace, name), label in addresses.items()
    }
    known = {pod.pk for own in found.values() for pod in own.pods}
    for pod in rows_of(Pod, "selected_by", selecting):
        if pod.pk not in known:
            selecting[pod.cluster_id, pod.namespace, pod.selected_by].strays.append(pod)
    ask_others([pod for own in found.values() for pod in own.pods if not pod.is_ready])
    return found


def rows_of(model: type[T], column: str, addresses: Collection[Address]) -> Iterable[T]:
    """Read the rows of some clusters and namespaces with some values, the newest first.

    Written out, since Django takes longer to write it than PostgreSQL to run it.
    """
    if not addresses:
        return []
    statement = f"""
        SELECT seen.* FROM {model._meta.db_table} AS seen
        JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS asked (cluster_id, namespace, value)
        ON (seen.cluster_id, seen.namespace, seen.{column})
            = (asked.cluster_id, asked.namespace, asked.value)
        ORDER BY seen.created_at DESC, seen.id DESC
    """  # noqa: S608  (our own names)
    return model._default_manager.raw(
        statement, [list(part) for part in zip(*addresses, strict=True)]
    )


def ask_others(unready: Sequence[Pod]) -> None:
    """Attach what other objects say of pods; most often all are ready, and nothing is asked."""
    if not unready:
        return
    said = Pod.objects.with_what_others_say().filter(pk__among=[pod.pk for pod in unready])
    answers = {pk: about for pk, *about in said.values_list("pk", "is_node_lost", "warning")}
    for pod in unready:
        shown: Any = pod
        shown.is_node_lost, shown.warning = answers.get(pod.pk, (False, None))


def address_of(owner: Workload) -> Address:
    """Return how an owner is known to what it owns."""
    return owner.cluster_id, owner.namespace, owner.uid
