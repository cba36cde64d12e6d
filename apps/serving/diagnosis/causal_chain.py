"""The causal chain from a rollout down to what holds it up, and where to read its log. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.messages import Message, quoted
from serving.diagnosis.containers import cause_in_container, is_beside_the_point, is_main
from serving.diagnosis.pods import PodFacts, cause_of, conclusive_pods

# Conditions, and the status in which each of them says that something is wrong.
BAD_CONDITIONS = {"ReplicaFailure": "True", "Progressing": "False", "Available": "False"}


@dataclass(frozen=True, slots=True)
class CausalLink:
    """One step of the chain, in the words of its source; None is what that does not say."""

    kind: str
    name: str
    reason: str
    message: Message
    at: datetime | str | None = None
    exit_code: int | None = None
    restarts: int | None = None


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """What the mirror knows about a Deployment or a ReplicaSet."""

    kind: str
    name: str
    uid: str
    conditions: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def bad_conditions(self) -> list[Mapping[str, str]]:
        """Return the conditions that say something is wrong."""
        return [c for c in self.conditions if BAD_CONDITIONS.get(c["type"]) == c["status"]]


@dataclass(frozen=True, slots=True)
class LogHint:
    """Where to read the last lines of a failing container; `previous` means its previous run."""

    pod: str
    container: str
    previous: bool


def root_cause_pod(pods: Iterable[PodFacts]) -> PodFacts | None:
    """Return the pod that best explains why not all are ready; of equals, the first."""
    return min(conclusive_pods(pods), key=lambda pod: cause_of(pod).rank, default=None)


def uids_to_ask_about(root_cause: PodFacts | None, workloads: Iterable[WorkloadFacts]) -> list[str]:
    """Return whose events say more: the root cause's, or without one, failing workloads'."""
    if root_cause is not None:
        return [root_cause.uid]
    return [workload.uid for workload in workloads if workload.bad_conditions]


def causal_chain(
    rollout: CausalLink | None,
    workloads: Iterable[WorkloadFacts],
    root_cause: PodFacts | None,
    warning: CausalLink | None,
) -> list[CausalLink]:
    """Return the causal chain from the outside in; empty if nothing is wrong or changing.

    `warning` is the newest warning event about the objects of `uids_to_ask_about`.
    """
    links = [rollout, *(link for workload in workloads for link in links_of(workload))]
    if root_cause is not None:
        links += [link_of_pod(root_cause), link_of_container(root_cause)]
    return [link for link in (*links, warning) if link is not None]


def links_of(workload: WorkloadFacts) -> list[CausalLink]:
    """Return what a workload says is wrong with it."""
    return [
        CausalLink(workload.kind, workload.name, c.get("reason", ""), quoted(c.get("message", "")))
        for c in workload.bad_conditions
    ]


def link_of_pod(pod: PodFacts) -> CausalLink:
    """Return what is known about a pod that is not ready."""
    cause = cause_of(pod)
    reason, message = pod.reason or cause.reason, quoted(pod.message) or cause.message
    return CausalLink("Pod", pod.name, reason, message, pod.created_at)


def failing_container(pod: PodFacts) -> Mapping[str, Any] | None:
    """Return the container that explains most, else the first to start that is not ready."""
    causes = [(cause_in_container(pod.name, c), c) for c in pod.containers]
    explained = [(cause.rank, container) for cause, container in causes if cause]
    if explained:
        return min(explained, key=lambda one: one[0])[1]
    needed = (c for c in pod.containers if not is_beside_the_point(c))
    return next((c for c in needed if not c.get("ready")), None)


def container_to_read(pod: PodFacts, usual: str) -> str:
    """Return the container whose log to read if none is named: the failing one, else the usual.

    If a pod has none of the usual name, it is the first of its main containers.
    """
    failing = None if pod.is_ready else failing_container(pod)
    if failing is not None:
        return str(failing.get("name", ""))
    names = [c.get("name", "") for c in pod.containers if is_main(c)]
    return usual if usual in names or not names else str(names[0])


def link_of_container(pod: PodFacts) -> CausalLink | None:
    """Return what is known about a pod's failing container: its state, and how it last ended."""
    container = failing_container(pod)
    if container is None:
        return None
    code = container.get("exit_code")
    return CausalLink(
        "Container",
        container.get("name", ""),
        container.get("reason") or container.get("last_reason") or container.get("state", ""),
        quoted(container.get("message") or container.get("last_message") or ""),
        container.get("finished_at") or container.get("last_finished_at") or None,
        container.get("last_exit_code") if code is None else code,
        container.get("restarts"),
    )


def log_hint(root_cause: PodFacts | None) -> LogHint | None:
    """Return where to read the failing container's last lines; None if it has never run."""
    container = failing_container(root_cause) if root_cause else None
    if root_cause is None or container is None:
        return None
    has_ended_before = container.get("last_exit_code") is not None
    if container.get("state") == "waiting" and not has_ended_before:
        return None
    previous = has_ended_before and container.get("state") != "terminated"
    return LogHint(root_cause.name, container.get("name", ""), previous)
