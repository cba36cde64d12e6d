"""What Slipway has to be allowed in a cluster, and what of it our credentials lack."""

from collections.abc import Iterator

from clusters.client import ClusterClient
from clusters.errors import ClusterForbidden, ClusterInvalid
from clusters.kinds import (
    DEPLOYMENT,
    HORIZONTAL_POD_AUTOSCALER,
    LIMIT_RANGE,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    RESOURCE_QUOTA,
    SERVICE,
    Kind,
)
from clusters.mirror import ALL_MIRRORED

READ = ("list", "watch")
# To apply what does not exist yet is to create it.
APPLY = ("create", "patch")
WRITTEN: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (NAMESPACE, ("get", *APPLY, "delete")),
    (RESOURCE_QUOTA, ("get", *APPLY)),
    (LIMIT_RANGE, ("get", *APPLY)),
    (NETWORK_POLICY, ("get", *APPLY)),
    (DEPLOYMENT, ("get", *APPLY, "delete")),
    (SERVICE, ("get", *APPLY, "delete")),
    (POD_DISRUPTION_BUDGET, ("get", *APPLY, "delete")),
    # What others have orphaned goes with its service.
    (REPLICA_SET, ("delete",)),
    (POD, ("delete",)),
    # Where somebody restores a service that others scale.
    (HORIZONTAL_POD_AUTOSCALER, ("delete",)),
)


def needed() -> Iterator[tuple[str, Kind, str]]:
    """Yield every verb, kind and subresource that we use."""
    for what in ALL_MIRRORED:
        for verb in READ:
            yield verb, what.kind, ""
    for kind, verbs in WRITTEN:
        for verb in verbs:
            yield verb, kind, ""
    yield "get", POD, "log"


def missing_permissions(client: ClusterClient) -> list[dict[str, str]] | None:
    """Return what may not be done, as `{verb, resource}`; None where the cluster does not say.

    Each is asked for all namespaces: the rules of one namespace say nothing of the others.

    Raises:
        ClusterError: the cluster does not answer.
    """
    try:
        return [
            {"verb": verb, "resource": f"{kind.plural}/{subresource}".rstrip("/")}
            for verb, kind, subresource in needed()
            if not client.may(verb, kind, subresource)
        ]
    except (ClusterForbidden, ClusterInvalid):
        return None
