"""The Kubernetes objects of a model service, built whole from frozen values.

Pods meet Pod Security `restricted`. No user text becomes a key outside of the typed fields below.
Source: kubernetes.io/docs/concepts/security/pod-security-standards
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Manifest = dict[str, Any]

PREFIX = "slipway.dev"
SERVICE_ID, REVISION = f"{PREFIX}/service-id", f"{PREFIX}/revision"
SERVICE_NAME = f"{PREFIX}/service"
EPOCH, ROLLOUT = f"{PREFIX}/epoch", f"{PREFIX}/rollout"
CONTAINER = "model"
# Requests that arrive while endpoints still list a stopping pod are answered by it.
DRAIN_SECONDS, GRACE_SECONDS = 5, 35
APP_PROTOCOLS = {"http": "http", "grpc": "kubernetes.io/h2c"}
DEFAULT_HTTP_PATH = "/healthz"


class Probe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a container counts as started, ready or alive. `path` is used by HTTP services only."""

    path: str = ""
    grpc_service: str = ""
    initial_delay_seconds: int = 0
    period_seconds: int = 5
    timeout_seconds: int = 2
    failure_threshold: int = 3


class Probes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The three probes of Kubernetes; readiness always exists."""

    readiness: Probe = Probe()
    liveness: Probe | None = None
    startup: Probe | None = None


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a revision freezes: everything about a service's pods but their number."""

    model: str
    version: str
    image: str
    protocol: Literal["http", "grpc", "thrift"]
    port: int
    requests: dict[str, str]
    limits: dict[str, str]
    gpu_product: str = ""
    node_selector: dict[str, str] = {}
    env: dict[str, str] = {}
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    probes: Probes = Probes()
    progress_deadline_seconds: int = 600


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whose objects they are and where they live."""

    project: str
    environment: str
    namespace: str
    service: str
    service_id: str


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How many pods, and how they are replaced."""

    replicas: int
    max_surge: int = 1
    max_unavailable: int = 0
    recreate: bool = False
    paused: bool = False


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Which rollout wrote a Deployment: a later epoch is never overwritten by an earlier one."""

    revision: int
    rollout: str
    epoch: int


def selector(identity: Identity) -> dict[str, str]:
    """Return the labels that select a service's pods; they never change."""
    return {SERVICE_ID: identity.service_id}


def labels(identity: Identity, spec: ServiceSpec) -> dict[str, str]:
    """Return the labels of every object of a service."""
    return {
        "app.kubernetes.io/name": spec.model,
        "app.kubernetes.io/instance": identity.service,
        "app.kubernetes.io/version": spec.version,
        "app.kubernetes.io/component": "model-service",
        "app.kubernetes.io/part-of": identity.project,
        "app.kubernetes.io/managed-by": "slipway",
        f"{PREFIX}/project": identity.project,
        f"{PREFIX}/environment": identity.environment,
        SERVICE_NAME: identity.service,
        **selector(identity),
    }


def metadata(identity: Identity, spec: ServiceSpec) -> Manifest:
    """Return the metadata that all objects of a service share."""
    return {
        "name": identity.service,
        "namespace": identity.namespace,
        "labels": labels(identity, spec),
    }


def deployment(identity: Identity, spec: ServiceSpec, scale: Scale, stamp: Stamp) -> Manifest:
    """Build the Deployment of one revision."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            **metadata(identity, spec),
            "annotations": {EPOCH: str(stamp.epoch), ROLLOUT: stamp.rollout},
        },
        "spec": {
            "replicas": scale.replicas,
            "paused": scale.paused,
            "progressDeadlineSeconds": spec.progress_deadline_seconds,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": selector(identity)},
            "strategy": update_strategy(scale),
            "template": pod_template(identity, spec, stamp.revision),
        },
    }


def update_strategy(scale: Scale) -> Manifest:
    """Write how a Deployment replaces its pods."""
    if scale.recreate:
        return {"type": "Recreate"}
    bounds = {"maxSurge": scale.max_surge, "maxUnavailable": scale.max_unavailable}
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def pod_template(identity: Identity, spec: ServiceSpec, revision: int) -> Manifest:
    """Build the pods of one revision. Another revision has another template, always."""
    return {
        "metadata": {"labels": {**labels(identity, spec), REVISION: str(revision)}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container(spec)],
            **node_selector(spec),
        },
    }


def node_selector(spec: ServiceSpec) -> Manifest:
    """Pin pods to nodes with the wanted GPU and labels."""
    product = {"nvidia.com/gpu.product": spec.gpu_product} if spec.gpu_product else {}
    wanted = {**spec.node_selector, **product}
    return {"nodeSelector": wanted} if wanted else {}


def container(spec: ServiceSpec) -> Manifest:
    """Build the one container of a model service."""
    return {
        "name": CONTAINER,
        "image": spec.image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": spec.protocol, "containerPort": spec.port}],
        "resources": {"requests": spec.requests, "limits": spec.limits},
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        **optional("command", list(spec.command)),
        **optional("args", list(spec.args)),
        **optional("env", [{"name": n, "value": v} for n, v in sorted(spec.env.items())]),
        **probes(spec),
    }


def optional(key: str, value: Any) -> Manifest:
    """Leave out what is empty."""
    return {key: value} if value else {}


def probes(spec: ServiceSpec) -> Manifest:
    """Build the probes that were asked for."""
    wanted: Mapping[str, Probe | None] = {
        "readinessProbe": spec.probes.readiness,
        "livenessProbe": spec.probes.liveness,
        "startupProbe": spec.probes.startup,
    }
    return {name: probe(spec, value) for name, value in wanted.items() if value}


def probe(spec: ServiceSpec, wanted: Probe) -> Manifest:
    """Build one probe: HTTP GET, Kubernetes' own gRPC health check, or TCP for Thrift."""
    return {
        **probe_handler(spec, wanted),
        "initialDelaySeconds": wanted.initial_delay_seconds,
        "periodSeconds": wanted.period_seconds,
        "timeoutSeconds": wanted.timeout_seconds,
        "failureThreshold": wanted.failure_threshold,
    }


def probe_handler(spec: ServiceSpec, wanted: Probe) -> Manifest:
    """Choose how a protocol is probed."""
    if spec.protocol == "http":
        return {"httpGet": {"path": wanted.path or DEFAULT_HTTP_PATH, "port": "http"}}
    if spec.protocol == "grpc":
        return {"grpc": {"port": spec.port, "service": wanted.grpc_service}}
    return {"tcpSocket": {"port": spec.protocol}}


def service(identity: Identity, spec: ServiceSpec) -> Manifest:
    """Build the Service that gives the pods one name."""
    port = {
        "name": spec.protocol,
        "port": spec.port,
        "targetPort": spec.protocol,
        "protocol": "TCP",
        **optional("appProtocol", APP_PROTOCOLS.get(spec.protocol)),
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(identity, spec),
        "spec": {"type": "ClusterIP", "selector": selector(identity), "ports": [port]},
    }


def pod_disruption_budget(identity: Identity, spec: ServiceSpec) -> Manifest:
    """Build the budget that lets a drain take one pod at a time."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(identity, spec),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(identity)}},
    }
