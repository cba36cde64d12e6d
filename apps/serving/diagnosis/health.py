"""The health of a service, from what it should be and what the mirror shows. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.messages import Message
from core.reasons import Reason
from serving.diagnosis.containers import Cause
from serving.rules.lifecycle import RolloutKind, pods_ready


class Health(StrEnum):
    """The coarse state of a service."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    STOPPED = "Stopped"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Observed:
    """Pods of a service: how many there should be, and how many the mirror shows ready."""

    desired: int
    ready: int


@dataclass(frozen=True, slots=True)
class Drift:
    """That the cluster differs from what was applied: why, if that is known, and a sentence.

    `reason` is BACKUP_RESTORED if the cluster or the database went back in time, else DRIFTED.
    """

    reason: Reason
    message: Message


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a service: its health, and why."""

    health: Health
    reason: Reason
    message: Message


NEVER_DEPLOYED = Judgement(
    Health.STOPPED, Reason.NEVER_DEPLOYED, Message("No version has been rolled out yet.")
)
STALE = Judgement(
    Health.UNKNOWN,
    Reason.STALE,
    Message("The cluster has not been observed lately; what was last seen may be out of date."),
)
NOT_MIRRORED = Judgement(
    Health.UNKNOWN,
    Reason.NOT_MIRRORED,
    Message("The cluster has not been observed yet; no informer has reached it."),
)


def unobserved(mirrored_at: datetime | None) -> Judgement:
    """Return the verdict that replaces the stored one while the mirror is stale."""
    return STALE if mirrored_at else NOT_MIRRORED


def judge(
    observed: Observed | None,
    *,
    is_deployed: bool,
    is_changing: bool,
    cause: Cause | None,
    last: RolloutKind | None = None,
    drift: Drift | None = None,
) -> Judgement:
    """Judge a service: Healthy only if every wanted pod is ready and nothing has drifted.

    `last` is the kind of its last rollout, which says why a service that is not deployed runs
    nothing.
    """
    verdict = judge_pods(
        observed, is_deployed=is_deployed, is_changing=is_changing, cause=cause, last=last
    )
    return verdict if drift is None or is_changing else drifted(verdict, drift)


def drifted(verdict: Judgement, drift: Drift) -> Judgement:
    """Degrade a verdict for drift; a reason why pods fail or are gone says more, and is kept."""
    is_conclusive = verdict.health is Health.DEGRADED and verdict.reason != Reason.NOT_READY
    reason = Reason(verdict.reason) if is_conclusive else drift.reason
    return Judgement(Health.DEGRADED, reason, verdict.message + drift.message)


def judge_pods(
    observed: Observed | None,
    *,
    is_deployed: bool,
    is_changing: bool,
    cause: Cause | None,
    last: RolloutKind | None,
) -> Judgement:
    """Judge a service by its pods."""
    if observed is None:
        return absent(is_deployed=is_deployed, is_changing=is_changing, last=last)
    ready = pods_ready(observed.ready, observed.desired)
    full = (ready + cause.message).ended if cause else ready
    if is_changing:
        reason = cause.reason if cause else Reason.WAITING_FOR_PODS
        return Judgement(Health.PROGRESSING, reason, full)
    if observed.desired == 0:
        return Judgement(Health.STOPPED, Reason.SCALED_TO_ZERO, Message("Scaled to 0 pods."))
    if observed.ready >= observed.desired:
        return Judgement(Health.HEALTHY, Reason.ALL_REPLICAS_READY, ready)
    reason = cause.reason if cause else Reason.NOT_READY
    return Judgement(Health.DEGRADED, reason, full)


def absent(*, is_deployed: bool, is_changing: bool, last: RolloutKind | None) -> Judgement:
    """Judge a service that has no Deployment in the mirror."""
    if is_changing:
        return Judgement(
            Health.PROGRESSING, Reason.STARTING, Message("The Deployment does not exist yet.")
        )
    if is_deployed:
        message = Message(
            "Its Deployment is gone from the cluster; roll out again to bring it back."
        )
        return Judgement(Health.DEGRADED, Reason.MISSING, message)
    if last is None:
        return NEVER_DEPLOYED
    if last is RolloutKind.DECOMMISSION:
        message = Message("It was decommissioned; roll out a version to bring it back.")
        return Judgement(Health.STOPPED, Reason.DECOMMISSIONED, message)
    message = Message("Its last rollout did not succeed, and none of its pods run.")
    return Judgement(Health.STOPPED, Reason.NOT_DEPLOYED, message)
