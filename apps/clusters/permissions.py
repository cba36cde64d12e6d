"""The permissions that Slipway needs in a cluster, and which of them our credentials lack."""

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
    SECRET,
    SERVICE,
    Manifest,
    ObjectKind,
)
from clusters.mirror import ALL_MIRRORED

READ = ("list", "watch")
# Applying what does not exist yet creates it.
APPLY = ("create", "patch")
RULES: tuple[tuple[ObjectKind, tuple[str, ...]], ...] = (
    (NAMESPACE, ("get", *APPLY, "delete")),
    (RESOURCE_QUOTA, APPLY),
    (LIMIT_RANGE, APPLY),
    (NETWORK_POLICY, APPLY),
    (DEPLOYMENT, ("get", *APPLY, "delete")),
    (SERVICE, ("get", *APPLY, "delete")),
    (POD_DISRUPTION_BUDGET, ("get", *APPLY, "delete")),
    # Never read: they are created complete and immutable, under names that are used once.
    (SECRET, ("create", "delete")),
    # What others have orphaned is deleted with its service.
    (REPLICA_SET, ("delete",)),
    (POD, ("delete",)),
    # Deleted when somebody restores a service that others scale.
    (HORIZONTAL_POD_AUTOSCALER, ("delete",)),
)


def needed() -> Iterator[tuple[str, ObjectKind, str]]:
    """Yield every verb, kind and subresource that we use."""
    for what in ALL_MIRRORED:
        for verb in READ:
            yield verb, what.kind, ""
    for kind, verbs in RULES:
        for verb in verbs:
            yield verb, kind, ""
    yield "get", POD, "log"


def cluster_role() -> Manifest:
    """Build the ClusterRole that allows all of it, and nothing else."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for verb, kind, subresource in needed():
        group = kind.api_version.rpartition("/")[0]
        verbs.setdefault((group, rule_resource(kind, subresource)), []).append(verb)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "slipway"},
        "rules": [
            {"apiGroups": [group], "resources": [resource], "verbs": sorted(allowed)}
            for (group, resource), allowed in sorted(verbs.items())
        ],
    }


def rule_resource(kind: ObjectKind, subresource: str) -> str:
    """Return the name that rules use for a kind, or for a subresource of it."""
    return f"{kind.plural}/{subresource}".rstrip("/")


def missing_permissions(client: ClusterClient) -> list[dict[str, str]] | None:
    """Return the missing permissions, as `{verb, resource}`; None if the cluster does not say.

    Each is asked for all namespaces: the rules of one namespace say nothing about the others.

    Raises:
        ClusterError: the cluster does not answer.
    """
    try:
        return [
            {"verb": verb, "resource": rule_resource(kind, subresource)}
            for verb, kind, subresource in needed()
            if not client.may(verb, kind, subresource)
        ]
    except (ClusterForbidden, ClusterInvalid):
        return None
