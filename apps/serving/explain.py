"""Why pods are not ready: down to the scheduler's message or the container's exit code. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.reasons import Reason
from core.words import kept

WAITING_REASONS = {
    "CrashLoopBackOff": Reason.CRASH_LOOP_BACK_OFF,
    "ImagePullBackOff": Reason.IMAGE_PULL_FAILED,
    "ErrImagePull": Reason.IMAGE_PULL_FAILED,
    "InvalidImageName": Reason.IMAGE_PULL_FAILED,
    "ErrImageNeverPull": Reason.IMAGE_PULL_FAILED,
    "CreateContainerConfigError": Reason.CONTAINER_CONFIG_ERROR,
    "CreateContainerError": Reason.CONTAINER_CONFIG_ERROR,
    "RunContainerError": Reason.CONTAINER_CONFIG_ERROR,
}


# From here on a cause says only that pods are on their way.
STARTING_RANK = 5


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What the mirror knows of one pod."""

    name: str
    is_ready: bool
    reason: str = ""
    message: str = ""
    containers: list[Mapping[str, Any]] = field(default_factory=list)
    is_scheduled: bool = True
    uid: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, the sentence, and how much it says: a lower rank explains more."""

    rank: int
    reason: Reason
    message: str

    @property
    def is_telling(self) -> bool:
        """Tell whether this says more than that pods are on their way."""
        return self.rank < STARTING_RANK


def explain(pods: Iterable[PodFacts], conditions: Iterable[Mapping[str, str]] = ()) -> Cause | None:
    """Return the most telling cause among pods and a workload's conditions; None if none tells.

    The conditions are those of the Deployment and its ReplicaSets: a quota or admission refusal
    never reaches a pod.
    """
    causes = [*refused_pods(conditions), *(cause_of(pod) for pod in pods if not pod.is_ready)]
    return min(causes, key=lambda cause: cause.rank, default=None)


def refused_pods(conditions: Iterable[Mapping[str, str]]) -> list[Cause]:
    """Find pods that the cluster refused to create."""
    return [
        Cause(0, Reason.FAILED_CREATE, condition.get("message", ""))
        for condition in conditions
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True"
    ]


def cause_of(pod: PodFacts) -> Cause:
    """Explain one pod that is not ready."""
    if not pod.is_scheduled and pod.reason:
        return Cause(2, Reason.UNSCHEDULABLE, pod.message)
    for container in pod.containers:
        cause = cause_in_container(pod.name, container)
        if cause:
            return cause
    if pod.containers and pod.containers[0].get("state") == "running":
        sentence = kept("%s runs and is not ready yet.")
        return Cause(STARTING_RANK, Reason.NOT_READY, sentence % pod.name)
    return Cause(STARTING_RANK + 1, Reason.STARTING, kept("%s is starting.") % pod.name)


def cause_in_container(pod: str, container: Mapping[str, Any]) -> Cause | None:
    """Explain a container that waits or has ended."""
    ended = exit_sentence(container)
    if container.get("reason") == "OOMKilled" or container.get("last_reason") == "OOMKilled":
        killed = kept("%s was killed for using more memory than its limit.") % pod
        return Cause(1, Reason.OUT_OF_MEMORY, killed + ended)
    reason = WAITING_REASONS.get(str(container.get("reason")))
    if reason is Reason.CRASH_LOOP_BACK_OFF:
        crashing = kept("%s keeps crashing: %s restarts.") % (pod, container.get("restarts", 0))
        return Cause(1, reason, crashing + ended)
    if reason:
        detail = container.get("message") or container.get("reason")
        return Cause(1, reason, f"{pod}: {detail}")
    if container.get("state") == "terminated" or (container.get("restarts") and ended):
        return Cause(3, Reason.CONTAINER_EXITED, kept("%s exited.") % pod + ended)
    return None


def exit_sentence(container: Mapping[str, Any]) -> str:
    """Say how a container last ended."""
    code = container.get("exit_code")
    if code is None:
        code = container.get("last_exit_code")
    return "" if code is None else " " + kept("Its last exit code was %s.") % code
