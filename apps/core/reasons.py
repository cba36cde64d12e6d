"""The closed list of reasons: why something was refused, waits, failed or looks the way it does."""

from enum import StrEnum


class Reason(StrEnum):
    """A machine-readable why, in PascalCase as Kubernetes writes its own."""

    # Refusals of a request.
    INVALID = "Invalid"
    UNAUTHENTICATED = "Unauthenticated"
    FORBIDDEN = "Forbidden"
    NOT_FOUND = "NotFound"
    METHOD_NOT_ALLOWED = "MethodNotAllowed"
    CONFLICT = "Conflict"
    PRECONDITION_FAILED = "PreconditionFailed"
    PAYLOAD_TOO_LARGE = "PayloadTooLarge"
    UNSUPPORTED_MEDIA_TYPE = "UnsupportedMediaType"
    TOO_MANY_REQUESTS = "TooManyRequests"
    SERVICE_UNAVAILABLE = "ServiceUnavailable"
    INTERNAL_ERROR = "InternalError"
    IDEMPOTENCY_KEY_REUSED = "IdempotencyKeyReused"
    QUOTA_EXCEEDED = "QuotaExceeded"
    REQUESTS_ABOVE_LIMITS = "RequestsAboveLimits"
    ROLLOUT_IN_PROGRESS = "RolloutInProgress"
    ILLEGAL_TRANSITION = "IllegalTransition"
    NOTHING_TO_ROLL_BACK_TO = "NothingToRollBackTo"
    NOT_DEPLOYED = "NotDeployed"
    VERSION_EXISTS = "VersionExists"
    VERSION_WITHOUT_IMAGE = "VersionWithoutImage"
    IMAGE_NOT_RESOLVED = "ImageNotResolved"
    KUBECONFIG_REFUSED = "KubeconfigRefused"
    IN_USE = "InUse"

    # Clusters and what was read from them.
    CLUSTER_UNAVAILABLE = "ClusterUnavailable"
    CLUSTER_FORBIDDEN = "ClusterForbidden"
    CLUSTER_REFUSED = "ClusterRefused"
    NAMESPACE_CONFLICT = "NamespaceConflict"
    PROMETHEUS_UNAVAILABLE = "PrometheusUnavailable"
    NO_DATA = "NoData"
    STALE = "Stale"
    REDIS_UNAVAILABLE = "RedisUnavailable"

    # Rollouts.
    ADMITTED = "Admitted"
    APPLIED = "Applied"
    WAITING_FOR_ENVIRONMENT = "WaitingForEnvironment"
    WAITING_FOR_OBSERVATION = "WaitingForObservation"
    WAITING_FOR_PODS = "WaitingForPods"
    WAITING_FOR_OLD_PODS = "WaitingForOldPods"
    WAITING_FOR_DELETION = "WaitingForDeletion"
    PAUSED = "PausedByUser"
    RESUMED = "ResumedByUser"
    ABORTED = "AbortedByUser"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    ROLLED_BACK = "RolledBack"
    ROLLBACK_FAILED = "RollbackFailed"
    COMPLETED = "Completed"
    DECOMMISSIONED = "Decommissioned"
    SUPERSEDED = "Superseded"

    # Why pods are not ready.
    UNSCHEDULABLE = "Unschedulable"
    FAILED_CREATE = "FailedCreate"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    CONTAINER_CONFIG_ERROR = "ContainerConfigError"
    CRASH_LOOP_BACK_OFF = "CrashLoopBackOff"
    CONTAINER_EXITED = "ContainerExited"
    OUT_OF_MEMORY = "OutOfMemory"
    NOT_READY = "NotReady"
    STARTING = "Starting"

    # Health of a service.
    ALL_REPLICAS_READY = "AllReplicasReady"
    NEVER_DEPLOYED = "NeverDeployed"
    SCALED_TO_ZERO = "ScaledToZero"
    NOT_MIRRORED = "NotMirrored"
    MISSING = "Missing"
