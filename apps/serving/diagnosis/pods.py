"""Why pods are not ready: down to the scheduler's message or the container's exit code. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clusters.pods import OVER
from core.messages import Message, counted, quoted
from core.reasons import Reason
from serving.diagnosis.containers import (
    Cause,
    Rank,
    cause_in_container,
    is_beside_the_point,
    is_main,
)

# The reasons with which a node refuses a pod that was scheduled to it, besides every `OutOf...`.
REFUSALS = frozenset(
    {
        "UnexpectedAdmissionError",
        "NodeAffinity",
        "NodeUnschedulable",
        "TaintToleration",
        "TopologyAffinityError",
        "SMTAlignmentError",
        "ResourceAllocationError",
        "PodOSNotSupported",
        "PodOSSelectorNodeLabelDoesNotMatch",
    }
)
ENDS = frozenset({Reason.POD_REFUSED, Reason.POD_EVICTED, Reason.POD_FAILED})
EVICTIONS = frozenset({"Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown"})


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What the mirror knows about one pod."""

    name: str
    is_ready: bool
    reason: str = ""
    message: str = ""
    containers: list[Mapping[str, Any]] = field(default_factory=list)
    is_scheduled: bool = True
    uid: str = ""
    created_at: datetime | None = None
    phase: str = ""
    node: str = ""
    is_node_lost: bool = False
    # Those that say something is wrong.
    conditions: list[Mapping[str, str]] = field(default_factory=list)
    unmet_gates: list[str] = field(default_factory=list)
    # The newest event that says why it got no further.
    warning_reason: str = ""
    warning_message: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good: it holds nothing, and another takes its place."""
        return self.phase in OVER

    def condition(self, kind: str) -> Mapping[str, str] | None:
        """Find a condition that says something is wrong."""
        return next((c for c in self.conditions if c.get("type") == kind), None)


def root_cause_of(
    pods: Iterable[PodFacts], conditions: Iterable[Mapping[str, str]] = ()
) -> Cause | None:
    """Return the most telling cause among pods and a workload's conditions; None without one.

    The conditions are those of the Deployment and its ReplicaSets: a quota or admission refusal
    never reaches a pod.
    """
    causes = [*refused_pods(conditions), *causes_among(conclusive_pods(pods))]
    return min(causes, key=lambda cause: cause.rank, default=None)


def refused_pods(conditions: Iterable[Mapping[str, str]]) -> list[Cause]:
    """Return the causes of pods that the cluster refused to create."""
    return [
        Cause(Rank.NOT_MADE, Reason.FAILED_CREATE, quoted(condition.get("message", "")))
        for condition in conditions
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True"
    ]


def conclusive_pods(pods: Iterable[PodFacts]) -> list[PodFacts]:
    """Return the pods that explain why not all are ready: live ones, or those that ended in vain.

    Ended pods count only if no live pod explains anything, and either no live pod has begun to
    start its containers or more pods have ended than are waiting.
    """
    pods = list(pods)
    waiting = [pod for pod in pods if not pod.is_ready and not pod.is_over]
    if any(cause_of(pod).is_conclusive for pod in waiting):
        return waiting
    over = ended_in_vain(pods)
    has_begun = any(pod.containers for pod in waiting)
    return waiting if has_begun and len(over) <= len(waiting) else over or waiting


def ended_in_vain(pods: Iterable[PodFacts]) -> list[PodFacts]:
    """Return the ended pods that are newer than every ready one, newest first."""
    pods = list(pods)
    good = max((born(pod) for pod in pods if pod.is_ready and not pod.is_over), default=None)
    over = [pod for pod in pods if pod.is_over and (good is None or born(pod) > good)]
    return sorted(over, key=born, reverse=True)


def born(pod: PodFacts) -> datetime:
    """Return when a pod was created; if that is unknown, the earliest time there is."""
    return pod.created_at or datetime.min.replace(tzinfo=UTC)


def causes_among(pods: list[PodFacts]) -> list[Cause]:
    """Return the causes of pods; if any have ended, the one cause that these share."""
    over = [pod for pod in pods if pod.is_over]
    return [cause_of_ends(over)] if over else [cause_of(pod) for pod in pods]


def cause_of_ends(over: list[PodFacts]) -> Cause:
    """Explain ended pods by the newest, and say how many ended in the same way."""
    newest, cause = over[0], cause_of(over[0])
    alike = [pod for pod in over if pod.reason == newest.reason]
    nodes = {pod.node for pod in alike if pod.node}
    if len(alike) == 1 or cause.reason not in ENDS or not nodes:
        return cause
    ended = end_of_several(cause.reason, len(alike), nodes)
    return Cause(cause.rank, cause.reason, ended + own_words(newest))


def end_of_one(reason: Reason, pod: str, node: str) -> Message:
    """Say how a pod ended."""
    facts = {"pod": pod, "node": node}
    if reason is Reason.POD_REFUSED:
        return Message("%(pod)s was refused by node %(node)s.", **facts)
    if reason is Reason.POD_EVICTED:
        return Message("%(pod)s was evicted from node %(node)s.", **facts)
    return Message("%(pod)s failed on node %(node)s.", **facts)


def end_of_several(reason: Reason, pods: int, nodes: Collection[str]) -> Message:
    """Say how several pods ended, on one node or on several."""
    if len(nodes) == 1:
        facts: dict[str, object] = {"pods": pods, "node": next(iter(nodes))}
        if reason is Reason.POD_REFUSED:
            return Message("%(pods)s pods were refused by node %(node)s.", **facts)
        if reason is Reason.POD_EVICTED:
            return Message("%(pods)s pods were evicted from node %(node)s.", **facts)
        return Message("%(pods)s pods failed on node %(node)s.", **facts)
    facts = {"pods": pods, "nodes": len(nodes)}
    if reason is Reason.POD_REFUSED:
        return Message("%(pods)s pods were refused by %(nodes)s nodes.", **facts)
    if reason is Reason.POD_EVICTED:
        return Message("%(pods)s pods were evicted from %(nodes)s nodes.", **facts)
    return Message("%(pods)s pods failed on %(nodes)s nodes.", **facts)


def cause_of(pod: PodFacts) -> Cause:
    """Explain one pod that is not ready, trying the most telling explanations first."""
    for look in LADDER:
        if (cause := look(pod)) is not None:
            return cause
    return Cause(Rank.STARTING, Reason.STARTING, Message("%(pod)s is starting.", pod=pod.name))


def after_its_end(pod: PodFacts) -> Cause | None:
    """Explain a pod that has ended for good."""
    if not pod.is_over:
        return None
    if not pod.reason and (cause := in_its_containers(pod)):
        return Cause(Rank.ENDED, cause.reason, cause.message)
    if pod.phase == "Succeeded" or not pod.node:
        ended = Message("%(pod)s has ended and no longer runs.", pod=pod.name)
        return Cause(Rank.ENDED, Reason.POD_FAILED, ended + own_words(pod))
    reason = kind_of_end(pod)
    return Cause(Rank.ENDED, reason, end_of_one(reason, pod.name, pod.node) + own_words(pod))


def kind_of_end(pod: PodFacts) -> Reason:
    """Return whether a failed pod was refused, was evicted, or failed for another reason."""
    is_refused = pod.reason in REFUSALS or pod.reason.startswith("OutOf")
    if is_refused or pod.message.startswith("Pod was rejected"):
        return Reason.POD_REFUSED
    return Reason.POD_EVICTED if pod.reason in EVICTIONS else Reason.POD_FAILED


def own_words(pod: PodFacts) -> Message:
    """Return what Kubernetes says about a pod."""
    return quoted(": ".join(filter(None, (pod.reason, pod.message))))


def on_a_lost_node(pod: PodFacts) -> Cause | None:
    """Explain a pod whose node is not ready."""
    if not pod.is_node_lost:
        return None
    lost = Message("%(pod)s is on node %(node)s, which is not ready.", pod=pod.name, node=pod.node)
    return Cause(Rank.NODE_LOST, Reason.NODE_LOST, lost)


def without_a_node(pod: PodFacts) -> Cause | None:
    """Explain a pod that is not scheduled."""
    if pod.is_scheduled or not pod.reason:
        return None
    if pod.reason != "SchedulingGated":
        return Cause(Rank.UNSCHEDULABLE, Reason.UNSCHEDULABLE, quoted(pod.message))
    gated = Message(
        "%(pod)s is not scheduled until its scheduling gates are removed.", pod=pod.name
    )
    return Cause(Rank.UNSCHEDULABLE, Reason.SCHEDULING_GATED, gated + quoted(pod.message))


def in_its_containers(pod: PodFacts) -> Cause | None:
    """Explain a pod by its most telling container; of equals, by the one that starts first."""
    causes = (cause_in_container(qualified_name(pod, one), one) for one in pod.containers)
    return min(filter(None, causes), key=lambda cause: cause.rank, default=None)


def qualified_name(pod: PodFacts, container: Mapping[str, Any]) -> str:
    """Return the name of what fails: the pod, and its container if it has several."""
    others = [c for c in pod.containers if c.get("kind") != "ephemeral"]
    return f"{pod.name}/{container.get('name', '')}" if len(others) > 1 else pod.name


def being_evicted(pod: PodFacts) -> Cause | None:
    """Explain a pod that is being evicted."""
    disruption = pod.condition("DisruptionTarget")
    if disruption is None:
        return None
    evicted = Message("%(pod)s is being evicted.", pod=pod.name)
    said = quoted(disruption.get("message", ""))
    return Cause(Rank.EVICTED, Reason.POD_EVICTED, evicted + said)


def without_its_setup(pod: PodFacts) -> Cause | None:
    """Explain a pod whose sandbox, network, volumes or devices cannot be set up."""
    is_prepared = pod.condition("PodReadyToStartContainers") is None
    if is_prepared or not pod.warning_message or pod.warning_reason == "Unhealthy":
        return None
    waits = Message("%(pod)s waits for its network, volumes or devices.", pod=pod.name)
    return Cause(Rank.BLOCKED, Reason.POD_SETUP_FAILED, waits + quoted(pod.warning_message))


def behind_a_gate(pod: PodFacts) -> Cause | None:
    """Explain a pod whose containers are ready, but that a readiness gate still holds back."""
    are_ready = bool(pod.containers) and all(c.get("ready") for c in needed_containers(pod))
    if not pod.unmet_gates or not are_ready:
        return None
    gate = pod.unmet_gates[0]
    waits = Message("%(pod)s waits for readiness gate %(gate)s.", pod=pod.name, gate=gate)
    said = quoted((pod.condition(gate) or {}).get("message", ""))
    return Cause(Rank.BLOCKED, Reason.READINESS_GATE_UNMET, waits + said)


def needed_containers(pod: PodFacts) -> list[Mapping[str, Any]]:
    """Return the containers that have to be ready before the pod is, in starting order."""
    return [container for container in pod.containers if not is_beside_the_point(container)]


def initializing(pod: PodFacts) -> Cause | None:
    """Say which init container or sidecar the others wait for."""
    if any(c.get("state") == "running" for c in pod.containers if is_main(c)):
        return None
    first = next((c for c in needed_containers(pod) if not is_main(c) and not c.get("ready")), None)
    if first is None:
        return None
    facts = {"pod": pod.name, "container": first.get("name", "")}
    if first["kind"] == "init":
        waits = Message("%(pod)s waits for init container %(container)s.", **facts)
    else:
        waits = Message("%(pod)s waits for sidecar %(container)s.", **facts)
    return Cause(Rank.STARTING, Reason.INITIALIZING, waits)


def running(pod: PodFacts) -> Cause | None:
    """Explain a pod whose containers run, with what its probe says, if anything."""
    going = [c for c in needed_containers(pod) if c.get("state") == "running"]
    runs = next((c for c in going if not c.get("ready")), going[0] if going else None)
    if runs is None:
        return None
    message = Message("%(name)s runs and is not ready yet.", name=qualified_name(pod, runs))
    if restarts := runs.get("restarts"):
        message += counted(
            "It was restarted %(count)s time.", "It was restarted %(count)s times.", count=restarts
        )
    if pod.warning_reason == "Unhealthy":
        message += quoted(pod.warning_message)
    return Cause(Rank.NOT_READY, Reason.NOT_READY, message)


LADDER: tuple[Callable[[PodFacts], Cause | None], ...] = (
    after_its_end,
    on_a_lost_node,
    without_a_node,
    in_its_containers,
    being_evicted,
    without_its_setup,
    behind_a_gate,
    initializing,
    running,
)
