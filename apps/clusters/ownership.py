"""What belongs to a Deployment: followed from owner to owner by uid, within cluster and namespace.

A label says what somebody wrote, and a copy of it elsewhere is somebody else's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from clusters.models import Companion, Pod, Workload

DEPLOYMENT, REPLICA_SET = "Deployment", "ReplicaSet"
# A cluster's id, a namespace and the name of a Deployment in it.
Address = tuple[int, str, str]


@dataclass(slots=True)
class Belongings:
    """What the mirror has of one Deployment; each pod's revision is that of its ReplicaSet."""

    deployment: Workload | None = None
    replica_sets: list[Workload] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)

    @property
    def workloads(self) -> list[Workload]:
        return [*([self.deployment] if self.deployment else []), *self.replica_sets]

    @property
    def uids(self) -> list[str]:
        """The uids of everything here, whose events are the Deployment's."""
        return [row.uid for row in (*self.workloads, *self.pods, *self.companions)]


def belongings_of(addresses: Collection[Address]) -> dict[Address, Belongings]:
    """Read what belongs to some Deployments, in four queries whatever their number."""
    found = {address: Belongings() for address in addresses}
    for row in at(Workload.objects.filter(kind=DEPLOYMENT), addresses, "name"):
        put_deployment(found, row)
    for row in at(Companion.objects.all(), addresses, "goes_with"):
        if own := found.get((row.cluster_id, row.namespace, row.goes_with)):
            own.companions.append(row)
    by_deployment = {owner_of(own.deployment): own for own in found.values() if own.deployment}
    sets = [(row, own) for row, own in owned(Workload.objects.all(), by_deployment)]
    for row, own in sets:
        own.replica_sets.append(row)
    revisions = {owner_of(row): row.revision for row, _ in sets}
    pods = Pod.objects.with_what_others_say()
    for pod, own in owned(pods, {owner_of(row): own for row, own in sets}):
        pod.revision = revisions[pod.cluster_id, pod.namespace, pod.owner_uid]
        own.pods.append(pod)
    return found


def put_deployment(found: dict[Address, Belongings], row: Workload) -> None:
    """Put a Deployment where it was asked for; of two rows of one name the newer is there."""
    own = found.get((row.cluster_id, row.namespace, row.name))
    if own and (own.deployment is None or own.deployment.created_at < row.created_at):
        own.deployment = row


def at(rows: Any, addresses: Collection[Address], name: str) -> Any:
    """Return rows of these clusters, namespaces and names, and a few more where they cross."""
    return rows.filter(
        cluster__in={cluster for cluster, _, _ in addresses},
        namespace__in={namespace for _, namespace, _ in addresses},
        **{f"{name}__in": {name for _, _, name in addresses}},
    )


def owner_of(row: Any) -> Address:
    """Return how an owner is known to what it owns."""
    return row.cluster_id, row.namespace, row.uid


def owned(rows: Any, owners: dict[Address, Belongings]) -> Iterable[tuple[Any, Belongings]]:
    """Yield the rows whose controller is among the owners, the newest first."""
    uids: dict[int, set[str]] = defaultdict(set)
    for cluster, _, uid in owners:
        uids[cluster].add(uid)
    mine = Q(pk=None)
    for cluster, known in uids.items():
        mine |= Q(cluster=cluster, owner_uid__in=known)
    for row in rows.filter(mine).order_by("-created_at", "-pk"):
        if own := owners.get((row.cluster_id, row.namespace, row.owner_uid)):
            yield row, own
