"""The Kubernetes objects of a model service, built whole from frozen values.

Pods meet Pod Security `restricted`. No user text becomes a key outside of the typed fields below.
Source: kubernetes.io/docs/concepts/security/pod-security-standards
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal

import msgspec

from clusters.kinds import Manifest, optional
from clusters.labels import (
    CONTAINER,
    EPOCH,
    GPU_PRODUCT_LABEL,
    PREFIX,
    REVISION,
    ROLLOUT,
    SERVICE_ID,
    SERVICE_NAME,
)

# How many revisions besides the present one a Deployment, and its secrets, can return to.
HISTORY = 5
# Requests that arrive while endpoints still list a stopping pod are answered by it.
DRAIN_SECONDS, GRACE_SECONDS = 5, 35
APP_PROTOCOLS = {"http": "http", "grpc": "kubernetes.io/h2c"}
DEFAULT_HTTP_PATH = "/healthz"
DOCKER_CONFIG = ".dockerconfigjson"


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


class SecretUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A secret in a pod: one key as a variable, or its keys as files below a path."""

    secret: str
    key: str = ""
    env: str = ""
    path: str = ""


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
    secrets: tuple[SecretUse, ...] = ()
    # Which version of each secret and pull credential it is, by name.
    secret_versions: dict[str, int] = {}
    pull_credentials: dict[str, int] = {}


class SecretNames(msgspec.Struct, frozen=True):
    """What the Secrets of one revision are called in the cluster, by the names that people use."""

    secrets: dict[str, str] = {}
    pull_credentials: dict[str, str] = {}


NO_SECRETS = SecretNames()


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


def deployment(
    identity: Identity,
    spec: ServiceSpec,
    scale: Scale,
    stamp: Stamp,
    names: SecretNames = NO_SECRETS,
) -> Manifest:
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
            "revisionHistoryLimit": HISTORY,
            "selector": {"matchLabels": selector(identity)},
            "strategy": update_strategy(scale),
            "template": pod_template(identity, spec, stamp.revision, names),
        },
    }


def update_strategy(scale: Scale) -> Manifest:
    """Write how a Deployment replaces its pods."""
    if scale.recreate:
        return {"type": "Recreate"}
    bounds = {"maxSurge": scale.max_surge, "maxUnavailable": scale.max_unavailable}
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def pod_template(
    identity: Identity, spec: ServiceSpec, revision: int, names: SecretNames
) -> Manifest:
    """Build the pods of one revision. Another revision has another template, always."""
    return {
        "metadata": {"labels": {**labels(identity, spec), REVISION: str(revision)}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container(spec, names)],
            **optional("volumes", [volume(u, n, names) for n, u in enumerate(mounted(spec))]),
            **optional("imagePullSecrets", pull_secrets(names)),
            **node_selector(spec),
        },
    }


def node_selector(spec: ServiceSpec) -> Manifest:
    """Pin pods to nodes with the wanted GPU and labels."""
    product = {GPU_PRODUCT_LABEL: spec.gpu_product} if spec.gpu_product else {}
    wanted = {**spec.node_selector, **product}
    return {"nodeSelector": wanted} if wanted else {}


def container(spec: ServiceSpec, names: SecretNames) -> Manifest:
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
        **optional("env", variables(spec, names)),
        **optional("volumeMounts", [volume_mount(u, n) for n, u in enumerate(mounted(spec))]),
        **probes(spec),
    }


def variables(spec: ServiceSpec, names: SecretNames) -> list[Manifest]:
    """Build the environment variables, those from secrets among them."""
    plain = [{"name": name, "value": value} for name, value in spec.env.items()]
    secret: list[Manifest] = [
        {
            "name": use.env,
            "valueFrom": {"secretKeyRef": {"name": names.secrets[use.secret], "key": use.key}},
        }
        for use in spec.secrets
        if use.env
    ]
    return sorted([*plain, *secret], key=lambda variable: variable["name"])


def mounted(spec: ServiceSpec) -> list[SecretUse]:
    """Return the secrets that become files."""
    return [use for use in spec.secrets if use.path]


def volume(use: SecretUse, number: int, names: SecretNames) -> Manifest:
    """Build the volume of a secret: all of its keys as files, or one."""
    one = optional("items", [{"key": use.key, "path": use.key}] if use.key else [])
    return {
        "name": f"secret-{number}",
        "secret": {"secretName": names.secrets[use.secret], **one},
    }


def volume_mount(use: SecretUse, number: int) -> Manifest:
    """Put a secret's files where the service expects them."""
    return {"name": f"secret-{number}", "mountPath": use.path, "readOnly": True}


def pull_secrets(names: SecretNames) -> list[Manifest]:
    """Name what the node shows to registries for the image."""
    return [{"name": name} for _, name in sorted(names.pull_credentials.items())]


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


def secret(
    namespace: str, name: str, owner: Mapping[str, str], values: Mapping[str, str]
) -> Manifest:
    """Build the Secret of one version; another version is another object.

    Source: kubernetes.io/docs/concepts/configuration/secret, immutable Secrets
    """
    is_registry = values.keys() == {DOCKER_CONFIG}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": "slipway", **owner},
        },
        "type": "kubernetes.io/dockerconfigjson" if is_registry else "Opaque",
        "immutable": True,
        "data": {key: b64encode(text.encode()).decode() for key, text in values.items()},
    }


def docker_config(server: str, username: str, password: str) -> dict[str, str]:
    """Write what a node shows to a registry, as the one key of its Secret."""
    auth = b64encode(f"{username}:{password}".encode()).decode()
    entry = {"username": username, "password": password, "auth": auth}
    return {DOCKER_CONFIG: msgspec.json.encode({"auths": {server: entry}}).decode()}
