"""Objects that give a service's pods one name and let a drain take them one at a time."""

from clusters.kinds import Manifest, optional
from clusters.labels import REVISION
from serving.manifests.spec import Identity, ServiceSpec
from serving.manifests.workload import metadata, selector

APP_PROTOCOLS = {"http": "http", "grpc": "kubernetes.io/h2c"}


def service(identity: Identity, spec: ServiceSpec, *, revision: int | None = None) -> Manifest:
    """Build the Service that gives the pods one name: all of them, or those of one revision."""
    port = {
        "name": spec.protocol,
        "port": spec.port,
        "targetPort": spec.protocol,
        "protocol": "TCP",
        **optional("appProtocol", APP_PROTOCOLS.get(spec.protocol)),
    }
    selected = {**selector(identity), **optional(REVISION, revision and str(revision))}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(identity, spec),
        "spec": {"type": "ClusterIP", "selector": selected, "ports": [port]},
    }


def pod_disruption_budget(identity: Identity, spec: ServiceSpec) -> Manifest:
    """Build the budget that lets a drain take one pod at a time."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(identity, spec),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(identity)}},
    }
