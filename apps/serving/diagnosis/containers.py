"""Why one container keeps its pod from being ready. Pure.

A container is a mapping from the mirror; see `clusters.models.Pod.containers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from core.messages import NOTHING_SAID, Message, counted, quoted
from core.reasons import Reason

WAITING_REASONS = {
    "CrashLoopBackOff": Reason.CRASH_LOOP_BACK_OFF,
    "ImagePullBackOff": Reason.IMAGE_PULL_FAILED,
    "ErrImagePull": Reason.IMAGE_PULL_FAILED,
    "InvalidImageName": Reason.IMAGE_PULL_FAILED,
    "ErrImageNeverPull": Reason.IMAGE_PULL_FAILED,
    "ImageInspectError": Reason.IMAGE_PULL_FAILED,
    "RegistryUnavailable": Reason.IMAGE_PULL_FAILED,
    "SignatureValidationFailed": Reason.IMAGE_PULL_FAILED,
    "CreateContainerConfigError": Reason.CONTAINER_CONFIG_ERROR,
    "CreateContainerError": Reason.CONTAINER_CONFIG_ERROR,
    "RunContainerError": Reason.CONTAINER_CONFIG_ERROR,
}
# The reasons that every container goes through.
ON_ITS_WAY = frozenset({"", "ContainerCreating", "PodInitializing"})
# The container ended before its program could say anything; the runtime says why instead.
NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})
# Unix reports termination by a signal as exit code 128 plus the signal's number.
SIGNALS = range(129, 193)


class Rank(IntEnum):
    """How much a cause explains; a lower one explains more."""

    NOT_MADE = 0
    ENDED = 1
    CANNOT_RUN = 2
    CRASHES = 3
    NODE_LOST = 4
    UNSCHEDULABLE = 5
    EVICTED = 6
    EXITED = 7
    BLOCKED = 8
    # From here on a cause says only that pods are on their way.
    NOT_READY = 9
    STARTING = 10


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason, its message, and how much it explains."""

    rank: Rank
    reason: Reason
    message: Message

    @property
    def is_conclusive(self) -> bool:
        """Return whether this says more than that pods are on their way."""
        return self.rank < Rank.NOT_READY


def cause_in_container(name: str, container: Mapping[str, Any]) -> Cause | None:
    """Explain a container that waits or has ended, if its pod needs it, and call it `name`."""
    if container.get("ready") or is_beside_the_point(container):
        return None
    ended = exit_sentence(container)
    if "OOMKilled" in (container.get("reason"), container.get("last_reason")):
        killed = Message("%(name)s was killed for using more memory than its limit.", name=name)
        return Cause(Rank.CRASHES, Reason.OUT_OF_MEMORY, killed + ended)
    if container.get("state") == "waiting" and container.get("reason"):
        return cause_of_waiting(name, container)
    if container.get("state") == "terminated" or (container.get("restarts") and ended):
        exited = Message("%(name)s exited.", name=name)
        return Cause(Rank.EXITED, Reason.CONTAINER_EXITED, exited + ended)
    return None


def cause_of_waiting(name: str, container: Mapping[str, Any]) -> Cause | None:
    """Explain a waiting container; a reason unknown to us is given in Kubernetes' own words."""
    said = str(container["reason"])
    reason, detail = WAITING_REASONS.get(said), container.get("message") or said
    if reason is Reason.CRASH_LOOP_BACK_OFF:
        crashing = counted(
            "%(name)s keeps crashing: %(count)s restart.",
            "%(name)s keeps crashing: %(count)s restarts.",
            count=container.get("restarts", 0),
            name=name,
        )
        return Cause(Rank.CRASHES, reason, crashing + exit_sentence(container))
    if reason:
        return Cause(Rank.CANNOT_RUN, reason, quoted(f"{name}: {detail}"))
    if said in ON_ITS_WAY:
        return None
    words = ": ".join(dict.fromkeys((name, said, detail)))
    return Cause(Rank.BLOCKED, Reason.CONTAINER_WAITING, quoted(words))


def is_beside_the_point(container: Mapping[str, Any]) -> bool:
    """Return whether a pod becomes ready without a container: ephemeral, or a completed init.

    Only some kubelets report an init container that succeeded as ready.
    """
    kind = container.get("kind")
    is_done = container.get("state") == "terminated" and container.get("exit_code") == 0
    return kind == "ephemeral" or (kind == "init" and is_done)


def exit_sentence(container: Mapping[str, Any]) -> Message:
    """Say how a container last ended."""
    code = container.get("exit_code")
    if code is None:
        code = container.get("last_exit_code")
    if code is None:
        return NOTHING_SAID
    message = Message("Its last exit code was %(code)s.", code=code)
    if code in SIGNALS:
        message += Message("It was terminated by signal %(signal)s.", signal=code - 128)
    never_ran = container.get("last_reason") in NEVER_RAN
    runtime = str(container.get("last_message") or "") if never_ran else ""
    return message + quoted(runtime)


def is_main(container: Mapping[str, Any]) -> bool:
    """Return whether a container is what the pod is for, not an init, sidecar or ephemeral one."""
    kind: str = container.get("kind", "container")
    return kind == "container"
