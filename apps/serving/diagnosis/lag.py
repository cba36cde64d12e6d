"""How far the mirror lags behind what a worker has seen of a service. Pure.

A worker reads the cluster itself when it finishes a rollout; what the mirror shows may be older.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clusters.kinds import DEPLOYMENT, POD, REPLICA_SET
from clusters.ownership import Belongings


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a worker has seen a service's cluster, and how far the mirror has read each kind.

    Nothing is known about a kind that `cursors` lacks; None means that the server's versions have
    no order. They are read before the rows that are judged by them: a mirror that moves on
    meanwhile then seems to be behind, rather than ahead of its own rows, and is looked at again.
    """

    seen: int
    cursors: Mapping[str, int | None]

    def knows(self, kind: str) -> bool:
        """Return whether the mirror has read a kind at all."""
        return kind in self.cursors

    def is_behind(self, kind: str, version: int = 0) -> bool:
        """Return whether the mirror is behind the worker; `version` is that of the object shown."""
        if version >= self.seen:
            return False
        read = self.cursors.get(kind)
        return read is not None and read < self.seen

    def is_behind_at_deployment(self, own: Belongings) -> bool:
        """Return whether the Deployment, or its absence, is older than what the worker saw."""
        row = own.deployment
        return self.is_behind(DEPLOYMENT.name, row.resource_version if row else 0)

    def is_behind_at_pods(self, own: Belongings, *, revision: int | None) -> bool:
        """Return whether pods are older than what the worker saw, or not yet known to be ours."""
        newest = max((pod.resource_version for pod in own.pods), default=0)
        if self.is_behind(POD.name, newest):
            return True
        is_owner_known = any(row.revision == revision for row in own.replica_sets)
        return not is_owner_known and self.is_behind(REPLICA_SET.name)
