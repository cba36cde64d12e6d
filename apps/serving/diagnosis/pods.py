"""Why pods are not ready: down to the scheduler's message or the container's exit code. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.reasons import Reason
from core.words import joined, kept, named
from serving.diagnosis.containers import (
    Cause,
    Rank,
    cause_in_container,
    is_beside_the_point,
    is_main,
)

# With these a node refuses a pod that the scheduler gave it; so it does with every `OutOf...`.
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
EVICTIONS = frozenset({"Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown"})
# How a pod ended, and how several did: on one node, on several.
ENDS = {
    Reason.POD_REFUSED: (
        kept("%s was refused by node %s."),
        kept("%s pods were refused by node %s."),
        kept("%s pods were refused by %s nodes."),
    ),
    Reason.POD_EVICTED: (
        kept("%s was evicted from node %s."),
        kept("%s pods were evicted from node %s."),
        kept("%s pods were evicted from %s nodes."),
    ),
    Reason.POD_FAILED: (
        kept("%s failed on node %s."),
        kept("%s pods failed on node %s."),
        kept("%s pods failed on %s nodes."),
    ),
}


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
    phase: str = ""
    node: str = ""
    is_node_lost: bool = False
    # Those that say something is wrong.
    conditions: list[Mapping[str, str]] = field(default_factory=list)
    unmet_gates: list[str] = field(default_factory=list)
    # The newest event that tells why it got no further.
    warning_reason: str = ""
    warning_message: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good; it holds nothing, and another takes its place."""
        return self.phase in ("Succeeded", "Failed")

    def condition(self, kind: str) -> Mapping[str, str] | None:
        """Find a condition that says something is wrong."""
        return next((c for c in self.conditions if c.get("type") == kind), None)


def explain(pods: Iterable[PodFacts], conditions: Iterable[Mapping[str, str]] = ()) -> Cause | None:
    """Return the most telling cause among pods and a workload's conditions; None if none tells.

    The conditions are those of the Deployment and its ReplicaSets: a quota or admission refusal
    never reaches a pod.
    """
    causes = [*refused_pods(conditions), *causes_among(those_that_tell(pods))]
    return min(causes, key=lambda cause: cause.rank, default=None)


def refused_pods(conditions: Iterable[Mapping[str, str]]) -> list[Cause]:
    """Find pods that the cluster refused to create."""
    return [
        Cause(Rank.NOT_MADE, Reason.FAILED_CREATE, condition.get("message", ""))
        for condition in conditions
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True"
    ]


def those_that_tell(pods: Iterable[PodFacts]) -> list[PodFacts]:
    """Return the pods that say why not all are ready: live ones, or those that ended in vain.

    What is over speaks only where no live pod explains, and where either none has got anywhere or
    more have ended than were to be replaced.
    """
    pods = list(pods)
    waiting = [pod for pod in pods if not pod.is_ready and not pod.is_over]
    if any(cause_of(pod).is_telling for pod in waiting):
        return waiting
    over = ended_in_vain(pods)
    has_begun = any(pod.containers for pod in waiting)
    return waiting if has_begun and len(over) <= len(waiting) else over or waiting


def ended_in_vain(pods: Iterable[PodFacts]) -> list[PodFacts]:
    """Return the pods that are over and that no later pod has made good, newest first."""
    pods = list(pods)
    good = max((born(pod) for pod in pods if pod.is_ready and not pod.is_over), default=None)
    over = [pod for pod in pods if pod.is_over and (good is None or born(pod) > good)]
    return sorted(over, key=born, reverse=True)


def born(pod: PodFacts) -> datetime:
    """Return when a pod was made; before everything else, if nobody knows."""
    return pod.created_at or datetime.min.replace(tzinfo=UTC)


def causes_among(pods: list[PodFacts]) -> list[Cause]:
    """Return the causes of pods; those that are over have one between them."""
    over = [pod for pod in pods if pod.is_over]
    return [cause_of_ends(over)] if over else [cause_of(pod) for pod in pods]


def cause_of_ends(over: list[PodFacts]) -> Cause:
    """Explain pods that are over by the newest, and say how many ended like it."""
    newest, cause = over[0], cause_of(over[0])
    alike = [pod for pod in over if pod.reason == newest.reason]
    if len(alike) == 1 or cause.reason not in ENDS:
        return cause
    nodes = {pod.node for pod in alike}
    _, on_one, on_several = ENDS[cause.reason]
    sentence = on_one if len(nodes) == 1 and newest.node else on_several
    where = named(newest.node) if sentence is on_one else max(len(nodes), 1)
    return Cause(
        cause.rank, cause.reason, joined(sentence % (len(alike), where), own_words(newest))
    )


def cause_of(pod: PodFacts) -> Cause:
    """Explain one pod that is not ready: a ladder, most telling first."""
    for look in LADDER:
        if (cause := look(pod)) is not None:
            return cause
    return Cause(Rank.STARTING, Reason.STARTING, kept("%s is starting.") % pod.name)


def after_its_end(pod: PodFacts) -> Cause | None:
    """Explain a pod that has ended for good."""
    if not pod.is_over:
        return None
    if not pod.reason and (cause := in_its_containers(pod)):
        return Cause(Rank.ENDED, cause.reason, cause.message)
    if pod.phase == "Succeeded" or not pod.node:
        ended = kept("%s has ended, and nothing of it runs.") % pod.name
        return Cause(Rank.ENDED, Reason.POD_FAILED, joined(ended, own_words(pod)))
    reason = kind_of_end(pod)
    ended = ENDS[reason][0] % (pod.name, named(pod.node))
    return Cause(Rank.ENDED, reason, joined(ended, own_words(pod)))


def kind_of_end(pod: PodFacts) -> Reason:
    """Tell whether a failed pod was refused, evicted, or failed of something else."""
    is_refused = pod.reason in REFUSALS or pod.reason.startswith("OutOf")
    if is_refused or pod.message.startswith("Pod was rejected"):
        return Reason.POD_REFUSED
    return Reason.POD_EVICTED if pod.reason in EVICTIONS else Reason.POD_FAILED


def own_words(pod: PodFacts) -> str:
    """Return what Kubernetes says of a pod."""
    return ": ".join(filter(None, (pod.reason, pod.message)))


def on_a_lost_node(pod: PodFacts) -> Cause | None:
    """Explain a pod of which nobody hears any more."""
    if not pod.is_node_lost:
        return None
    lost = kept("%s is on node %s, which is not ready.") % (pod.name, named(pod.node))
    return Cause(Rank.NODE_LOST, Reason.NODE_LOST, lost)


def without_a_node(pod: PodFacts) -> Cause | None:
    """Explain a pod that is not scheduled."""
    if pod.is_scheduled or not pod.reason:
        return None
    if pod.reason != "SchedulingGated":
        return Cause(Rank.UNSCHEDULABLE, Reason.UNSCHEDULABLE, pod.message)
    gated = kept("%s is not scheduled before its scheduling gates are taken away.") % pod.name
    return Cause(Rank.UNSCHEDULABLE, Reason.SCHEDULING_GATED, joined(gated, pod.message))


def in_its_containers(pod: PodFacts) -> Cause | None:
    """Explain a pod by its container that tells most; of equals, by the one that starts first."""
    causes = (cause_in_container(told_apart(pod, one), one) for one in pod.containers)
    return min(filter(None, causes), key=lambda cause: cause.rank, default=None)


def told_apart(pod: PodFacts, container: Mapping[str, Any]) -> str:
    """Return the name of what fails: the pod, and its container where it has several."""
    others = [c for c in pod.containers if c.get("kind") != "ephemeral"]
    return f"{pod.name}/{container.get('name', '')}" if len(others) > 1 else pod.name


def being_evicted(pod: PodFacts) -> Cause | None:
    """Explain a pod that is about to be taken away."""
    disruption = pod.condition("DisruptionTarget")
    if disruption is None:
        return None
    evicted = kept("%s is being evicted.") % pod.name
    return Cause(Rank.EVICTED, Reason.POD_EVICTED, joined(evicted, disruption.get("message", "")))


def without_its_setup(pod: PodFacts) -> Cause | None:
    """Explain a pod whose sandbox, network, volumes or devices cannot be made."""
    is_prepared = pod.condition("PodReadyToStartContainers") is None
    if is_prepared or not pod.warning_message or pod.warning_reason == "Unhealthy":
        return None
    waits = kept("%s waits for its network, volumes or devices.") % pod.name
    return Cause(Rank.BLOCKED, Reason.POD_SETUP_FAILED, joined(waits, pod.warning_message))


def behind_a_gate(pod: PodFacts) -> Cause | None:
    """Explain a pod whose containers are ready, and that somebody else still holds back."""
    are_ready = bool(pod.containers) and all(c.get("ready") for c in needed(pod))
    if not pod.unmet_gates or not are_ready:
        return None
    gate = pod.unmet_gates[0]
    waits = kept("%s waits for readiness gate %s.") % (pod.name, named(gate))
    said = (pod.condition(gate) or {}).get("message", "")
    return Cause(Rank.BLOCKED, Reason.READINESS_GATE_UNMET, joined(waits, said))


def needed(pod: PodFacts) -> list[Mapping[str, Any]]:
    """Return the containers that have to be ready before the pod is, as they start."""
    return [container for container in pod.containers if not is_beside_the_point(container)]


def initializing(pod: PodFacts) -> Cause | None:
    """Say which init container or sidecar the others wait for."""
    if any(c.get("state") == "running" for c in pod.containers if is_main(c)):
        return None
    first = next((c for c in needed(pod) if not is_main(c) and not c.get("ready")), None)
    if first is None:
        return None
    waits = {
        "init": kept("%s waits for init container %s."),
        "sidecar": kept("%s waits for sidecar %s."),
    }[first["kind"]]
    sentence = waits % (pod.name, named(first.get("name", "")))
    return Cause(Rank.STARTING, Reason.INITIALIZING, sentence)


def running(pod: PodFacts) -> Cause | None:
    """Explain a pod whose containers run, by its probe if that says anything."""
    going = [c for c in needed(pod) if c.get("state") == "running"]
    runs = next((c for c in going if not c.get("ready")), going[0] if going else None)
    if runs is None:
        return None
    said = pod.warning_message if pod.warning_reason == "Unhealthy" else ""
    restarts = runs.get("restarts")
    again = kept("It was restarted %s times.") % restarts if restarts else ""
    sentence = kept("%s runs and is not ready yet.") % told_apart(pod, runs)
    return Cause(Rank.NOT_READY, Reason.NOT_READY, joined(sentence, again, said))


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
