"""The Deployment of a model service and its pods, built whole from frozen values.

Pods meet Pod Security `restricted`. No user text becomes a key outside of the typed fields below.
Source: kubernetes.io/docs/concepts/security/pod-security-standards
"""

from collections.abc import Mapping

from clusters.kinds import Manifest, optional
from clusters.labels import (
    CANDIDATE_SUFFIX,
    CONTAINER,
    EPOCH,
    GPU_PRODUCT_LABEL,
    PREFIX,
    REVISION,
    ROLLOUT,
    SERVICE_ID,
    SERVICE_NAME,
)
from serving.manifests.spec import (
    NO_SECRETS,
    Identity,
    Probe,
    Scale,
    SecretNames,
    SecretRef,
    ServiceSpec,
    Stamp,
)

# How many revisions besides the present one a Deployment and its secrets can return to.
HISTORY = 5
# A stopping pod still answers the requests that arrive while endpoints list it.
DRAIN_SECONDS, GRACE_SECONDS = 5, 35
DEFAULT_HTTP_PATH = "/healthz"


def selector(identity: Identity) -> dict[str, str]:
    """Return the labels that select a service's pods; they never change."""
    return {SERVICE_ID: identity.service_id}


def labels(identity: Identity, spec: ServiceSpec) -> dict[str, str]:
    """Return the labels of every object of a service, which are those of every version of it."""
    return {
        "app.kubernetes.io/name": spec.model,
        "app.kubernetes.io/instance": identity.service,
        "app.kubernetes.io/component": "model-service",
        "app.kubernetes.io/part-of": identity.project,
        "app.kubernetes.io/managed-by": "slipway",
        f"{PREFIX}/project": identity.project,
        f"{PREFIX}/environment": identity.environment,
        SERVICE_NAME: identity.service,
        **selector(identity),
    }


def versioned(identity: Identity, spec: ServiceSpec) -> dict[str, str]:
    """Return the labels of what is written anew for each version: the Deployment and its pods."""
    return {**labels(identity, spec), "app.kubernetes.io/version": spec.version}


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
            "labels": versioned(identity, spec),
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


def candidate(
    identity: Identity,
    spec: ServiceSpec,
    scale: Scale,
    stamp: Stamp,
    names: SecretNames = NO_SECRETS,
) -> Manifest:
    """Build the Deployment of a revision that runs beside the one that ran before.

    Its pods are those that the service's own Deployment would have, so that they can be handed over
    to it as they are. Each of the two controls only what it owns, and this one selects no pods of
    another revision.
    """
    own = deployment(identity, spec, scale, stamp, names)
    name = f"{identity.service}{CANDIDATE_SUFFIX}"
    selected = {**selector(identity), REVISION: str(stamp.revision)}
    return {
        **own,
        "metadata": {**own["metadata"], "name": name},
        "spec": {**own["spec"], "selector": {"matchLabels": selected}},
    }


def update_strategy(scale: Scale) -> Manifest:
    """Build the strategy by which a Deployment replaces its pods."""
    if scale.recreate:
        return {"type": "Recreate"}
    bounds = {"maxSurge": scale.max_surge, "maxUnavailable": scale.max_unavailable}
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def pod_template(
    identity: Identity, spec: ServiceSpec, revision: int, names: SecretNames
) -> Manifest:
    """Build the pod template of one revision; another revision always has a different one."""
    return {
        "metadata": {"labels": {**versioned(identity, spec), REVISION: str(revision)}},
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
    """Build the environment variables, including those from secrets."""
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


def mounted(spec: ServiceSpec) -> list[SecretRef]:
    """Return the secrets that become files."""
    return [use for use in spec.secrets if use.path]


def volume(use: SecretRef, number: int, names: SecretNames) -> Manifest:
    """Build the volume of a secret: all of its keys as files, or one."""
    one = optional("items", [{"key": use.key, "path": use.key}] if use.key else [])
    return {
        "name": f"secret-{number}",
        "secret": {"secretName": names.secrets[use.secret], **one},
    }


def volume_mount(use: SecretRef, number: int) -> Manifest:
    """Mount a secret's files where the service expects them."""
    return {"name": f"secret-{number}", "mountPath": use.path, "readOnly": True}


def pull_secrets(names: SecretNames) -> list[Manifest]:
    """Name the Secrets that a node presents to registries to pull the image."""
    return [{"name": name} for _, name in sorted(names.pull_credentials.items())]


def probes(spec: ServiceSpec) -> Manifest:
    """Build the probes that were asked for."""
    wanted: Mapping[str, Probe | None] = {
        "readinessProbe": spec.probes.readiness,
        "livenessProbe": spec.probes.liveness,
        "startupProbe": spec.probes.startup,
    }
    return {name: probe_manifest(spec, value) for name, value in wanted.items() if value}


def probe_manifest(spec: ServiceSpec, wanted: Probe) -> Manifest:
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
