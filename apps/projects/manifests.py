"""The Kubernetes objects of an environment, built whole from frozen values."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from clusters.kinds import Manifest, optional
from clusters.labels import NAMESPACE_NAME, PREFIX
from core.messages import NOTHING_SAID, Message, quoted
from core.resources import CPU, MEMORY, NOTHING, PODS, Resources, with_unlisted

OBJECT_NAME = "slipway"
DNS_PORTS = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]


class Tenancy(msgspec.Struct, frozen=True, kw_only=True):
    """A namespace, and the project and environment that it belongs to."""

    project: str
    environment: str
    namespace: str


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The least that a container requests, and the defaults for one that states nothing.

    For CPU and memory only.
    """

    minimum: Resources = Resources.parse({CPU: "10m", MEMORY: "16Mi"})
    default_requests: Resources = Resources.parse({CPU: "100m", MEMORY: "128Mi"})
    default_limits: Resources = NOTHING

    def requests_of(self, *, requests: Resources, limits: Resources) -> Resources:
        """Return what a container asks for: what it only limits is requested too."""
        return Resources({**self.default_requests, **limits, **requests})

    def limits_of(self, limits: Resources) -> Resources:
        """Return what a container may use."""
        return Resources({**self.default_limits, **limits})


class Peers(msgspec.Struct, frozen=True, kw_only=True):
    """Others that pods connect with: environments as `project/environment`, and addresses."""

    environments: tuple[str, ...] = ()
    cidrs: tuple[str, ...] = ()


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Who may connect to an environment's pods, and to whom they may; None means everybody."""

    ingress: Peers | None = Peers()
    egress: Peers | None = None
    # The namespaces of the gateway and of Prometheus, which reach every environment.
    platform_namespaces: tuple[str, ...] = ()


def owner_labels(tenancy: Tenancy) -> dict[str, str]:
    """Return the labels that mark a namespace as ours, and say whose it is."""
    return {
        "app.kubernetes.io/managed-by": "slipway",
        f"{PREFIX}/project": tenancy.project,
        f"{PREFIX}/environment": tenancy.environment,
    }


def is_owned_by(tenancy: Tenancy, labels: Mapping[str, str], *, is_known: bool) -> bool:
    """Return whether a namespace belongs to a tenancy, by its labels.

    One that is known to have been made for it may have lost labels. If they name another owner, it
    is somebody else's all the same.
    """
    wanted = owner_labels(tenancy)
    owner = {name: value for name, value in wanted.items() if name.startswith(PREFIX)}
    is_contradicted = any(labels.get(name, value) != value for name, value in owner.items())
    return wanted.items() <= labels.items() or (is_known and not is_contradicted)


def deletion_blockers(found: Mapping[str, Any]) -> Message:
    """Say what blocks the deletion of a namespace, as far as the cluster says."""
    conditions = (found.get("status") or {}).get("conditions") or []
    said = [c.get("message") or "" for c in conditions if c.get("status") == "True"]
    message = sum((quoted(text).ended for text in said if text), NOTHING_SAID)
    metadata, spec = found.get("metadata") or {}, found.get("spec") or {}
    finalizers = [*(metadata.get("finalizers") or []), *(spec.get("finalizers") or [])]
    own = sorted(set(finalizers) - {"kubernetes"})
    if own:
        message += Message("Its finalizers block the deletion: %(names)s.", names=", ".join(own))
    return message


def namespace(tenancy: Tenancy) -> Manifest:
    """Build the namespace; its pods must meet Pod Security `restricted`."""
    security = "pod-security.kubernetes.io"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": tenancy.namespace,
            "labels": {
                **owner_labels(tenancy),
                f"{security}/enforce": "restricted",
                f"{security}/enforce-version": "latest",
            },
        },
    }


def resource_quota(tenancy: Tenancy, limits: Resources, devices: Collection[str] = ()) -> Manifest:
    """Build the ResourceQuota, our second fence, for a cluster whose nodes have some devices.

    A ResourceQuota allows what it does not name, so devices that are not listed are set to 0.
    """
    closed = with_unlisted(limits, devices).canonical()
    hard = {n if n == PODS else f"requests.{n}": text for n, text in closed.items()}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(tenancy),
        "spec": {"hard": hard},
    }


def limit_range(tenancy: Tenancy, bounds: Bounds) -> Manifest:
    """Build the LimitRange: the least that containers request, and what they get by default."""
    container = {
        "type": "Container",
        **optional("min", bounds.minimum.canonical()),
        **optional("default", bounds.default_limits.canonical()),
        **optional("defaultRequest", bounds.default_requests.canonical()),
    }
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata(tenancy),
        "spec": {"limits": [container]},
    }


def network_policy(tenancy: Tenancy, traffic: Traffic) -> Manifest:
    """Build the NetworkPolicy, which says who may connect, if the network enforces it."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(tenancy),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress_rules(traffic),
            "egress": egress_rules(traffic),
        },
    }


def ingress_rules(traffic: Traffic) -> list[Manifest]:
    """Let in the environment itself, the platform's own pods, and the stated peers."""
    if traffic.ingress is None:
        return [{}]
    return [{"from": [*platform_peers(traffic), *peers(traffic.ingress)]}]


def egress_rules(traffic: Traffic) -> list[Manifest]:
    """Let out to the environment itself, to name servers, and to the stated peers."""
    if traffic.egress is None:
        return [{}]
    return [{"ports": DNS_PORTS}, {"to": peers(traffic.egress)}]


def platform_peers(traffic: Traffic) -> list[Manifest]:
    """Select the pods of the gateway and of Prometheus, if their namespaces are configured."""
    names = sorted(set(traffic.platform_namespaces))
    named = {"key": NAMESPACE_NAME, "operator": "In", "values": names}
    return [{"namespaceSelector": {"matchExpressions": [named]}}] if names else []


def peers(stated: Peers) -> list[Manifest]:
    """Select the pods of the same namespace, of some environments, and some addresses."""
    owners = [owner.partition("/") for owner in stated.environments]
    return [
        {"podSelector": {}},
        *(
            {
                "namespaceSelector": {
                    "matchLabels": {
                        f"{PREFIX}/project": project,
                        f"{PREFIX}/environment": environment,
                    }
                }
            }
            for project, _, environment in owners
        ),
        *({"ipBlock": {"cidr": cidr}} for cidr in stated.cidrs),
    ]


def metadata(tenancy: Tenancy) -> Manifest:
    """Return the metadata of objects in the namespace."""
    return {"name": OBJECT_NAME, "namespace": tenancy.namespace, "labels": owner_labels(tenancy)}
