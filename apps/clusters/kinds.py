"""The kinds of Kubernetes objects we touch, where they live in its API, and how they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind and its place in the API."""

    api_version: str
    name: str
    plural: str
    is_namespaced: bool = True

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """Return the URL path of a collection or of one object."""
        root = "/api" if "/" not in self.api_version else "/apis"
        parts = [root, self.api_version]
        if self.is_namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        return "/".join([*parts, name] if name else parts)


NODE = ObjectKind("v1", "Node", "nodes", is_namespaced=False)
NAMESPACE = ObjectKind("v1", "Namespace", "namespaces", is_namespaced=False)
POD = ObjectKind("v1", "Pod", "pods")
SERVICE = ObjectKind("v1", "Service", "services")
SECRET = ObjectKind("v1", "Secret", "secrets")
EVENT = ObjectKind("v1", "Event", "events")
RESOURCE_QUOTA = ObjectKind("v1", "ResourceQuota", "resourcequotas")
LIMIT_RANGE = ObjectKind("v1", "LimitRange", "limitranges")
DEPLOYMENT = ObjectKind("apps/v1", "Deployment", "deployments")
REPLICA_SET = ObjectKind("apps/v1", "ReplicaSet", "replicasets")
NETWORK_POLICY = ObjectKind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies")
POD_DISRUPTION_BUDGET = ObjectKind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")

HORIZONTAL_POD_AUTOSCALER = ObjectKind(
    "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"
)

KNOWN = {
    (kind.api_version, kind.name): kind
    for kind in (
        NODE,
        NAMESPACE,
        POD,
        SERVICE,
        SECRET,
        EVENT,
        RESOURCE_QUOTA,
        LIMIT_RANGE,
        NETWORK_POLICY,
        DEPLOYMENT,
        REPLICA_SET,
        POD_DISRUPTION_BUDGET,
        HORIZONTAL_POD_AUTOSCALER,
    )
}


def kind_of(manifest: Mapping[str, Any]) -> ObjectKind:
    """Return the kind of a manifest that we built."""
    return KNOWN[manifest["apiVersion"], manifest["kind"]]


def kind_named(name: str) -> ObjectKind:
    """Return a kind that we touch by its name."""
    return next(kind for kind in KNOWN.values() if kind.name == name)


def optional(key: str, value: Any) -> Manifest:
    """Return a mapping with one key, or an empty one if its value is empty."""
    return {key: value} if value else {}
