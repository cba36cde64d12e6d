"""The health of a service, from what it was told to be and what the mirror shows. Pure."""

from dataclasses import dataclass

from django.db.models import TextChoices

from core.reasons import Reason
from core.words import kept
from serving.diagnosis.containers import Cause
from serving.rules.lifecycle import Kind


class Health(TextChoices):
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
    """That the cluster has something else than was applied: a sentence, and why if that is known.

    `reason` is BACKUP_RESTORED where one side's past is the other's future.
    """

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a service shows."""

    health: Health
    reason: Reason
    message: str


PODS_READY = kept("%s of %s pods are ready.")
MORE_READY = kept("%s pods are ready, where %s are wanted.")
NEVER_DEPLOYED = Verdict(
    Health.STOPPED, Reason.NEVER_DEPLOYED, kept("No version has been rolled out yet.")
)


def judge(
    observed: Observed | None,
    *,
    is_deployed: bool,
    is_changing: bool,
    cause: Cause | None,
    last: Kind | None = None,
    drift: Drift | None = None,
) -> Verdict:
    """Judge a service: green only when every wanted pod is ready and all is as it was applied.

    `last` is its last finished rollout, which says why a service that is not deployed runs nothing.
    """
    verdict = judge_pods(
        observed, is_deployed=is_deployed, is_changing=is_changing, cause=cause, last=last
    )
    return verdict if drift is None or is_changing else drifted(verdict, drift)


def drifted(verdict: Verdict, drift: Drift) -> Verdict:
    """Say that something differs; why pods fail or are gone says more, and stays the reason."""
    is_telling = verdict.health is Health.DEGRADED and verdict.reason != Reason.NOT_READY
    reason = Reason(verdict.reason) if is_telling else drift.reason
    return Verdict(Health.DEGRADED, reason, f"{verdict.message} {drift.message}")


def judge_pods(
    observed: Observed | None,
    *,
    is_deployed: bool,
    is_changing: bool,
    cause: Cause | None,
    last: Kind | None,
) -> Verdict:
    """Judge a service by its pods."""
    if observed is None:
        return absent(is_deployed=is_deployed, is_changing=is_changing, last=last)
    sentence = PODS_READY if observed.ready <= observed.desired else MORE_READY
    ready = sentence % (observed.ready, observed.desired)
    full = f"{ready} {cause.message}" if cause and cause.message else ready
    if is_changing:
        reason = cause.reason if cause else Reason.WAITING_FOR_PODS
        return Verdict(Health.PROGRESSING, reason, full.rstrip(".") + ".")
    if observed.desired == 0:
        return Verdict(Health.STOPPED, Reason.SCALED_TO_ZERO, kept("Scaled to %s pods.") % 0)
    if observed.ready >= observed.desired:
        return Verdict(Health.HEALTHY, Reason.ALL_REPLICAS_READY, ready)
    reason = cause.reason if cause else Reason.NOT_READY
    return Verdict(Health.DEGRADED, reason, full.rstrip(".") + ".")


def absent(*, is_deployed: bool, is_changing: bool, last: Kind | None) -> Verdict:
    """Judge a service that has no Deployment in the mirror."""
    if is_changing:
        return Verdict(
            Health.PROGRESSING, Reason.STARTING, kept("The Deployment does not exist yet.")
        )
    if is_deployed:
        message = kept("Its Deployment is gone from the cluster; roll out again to bring it back.")
        return Verdict(Health.DEGRADED, Reason.MISSING, message)
    if last is None:
        return NEVER_DEPLOYED
    if last is Kind.DECOMMISSION:
        message = kept("It was decommissioned; roll out a version to bring it back.")
        return Verdict(Health.STOPPED, Reason.DECOMMISSIONED, message)
    message = kept("Its last rollout did not succeed, and nothing of it runs.")
    return Verdict(Health.STOPPED, Reason.NOT_DEPLOYED, message)
