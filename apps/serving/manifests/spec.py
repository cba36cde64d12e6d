"""The frozen values from which a service's objects are built."""

from typing import Literal

import msgspec

# How long a rollout may go without progress by default; the same as in Kubernetes.
PROGRESS_DEADLINE_SECONDS = 600


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


class SecretRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A secret in a pod: one key as a variable, or its keys as files below a path."""

    secret: str
    key: str = ""
    env: str = ""
    path: str = ""


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a revision freezes: everything about a service's pods except their number."""

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
    progress_deadline_seconds: int = PROGRESS_DEADLINE_SECONDS
    secrets: tuple[SecretRef, ...] = ()
    # The version of each secret and pull credential, by name.
    secret_versions: dict[str, int] = {}
    pull_credentials: dict[str, int] = {}


class SecretNames(msgspec.Struct, frozen=True):
    """The names of one revision's Secrets in the cluster, by the names that people use."""

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
