"""What the mirror shows of services: their objects, and why their pods are not ready.

Database only, and read only.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from clusters.differences import ObjectKey, differences
from clusters.drift import Difference
from clusters.kinds import DEPLOYMENT, Manifest
from clusters.labels import CANDIDATE_SUFFIX, SERVICE_ID, SERVICE_NAME
from clusters.models import ClusterEvent, Pod, Workload
from clusters.ownership import Address, Belongings, Said, belongings_of, deployments_at
from core.messages import NOTHING_SAID, Message, quoted
from core.prepared import prepared
from core.reasons import Reason
from projects.models import Environment
from serving.diagnosis import drift
from serving.diagnosis.causal_chain import (
    CausalLink,
    LogHint,
    WorkloadFacts,
    causal_chain,
    failing_container,
    log_hint,
    root_cause_pod,
    uids_to_ask_about,
)
from serving.diagnosis.containers import Cause
from serving.diagnosis.explanation import Progress
from serving.diagnosis.pods import PodFacts, cause_of, root_cause_of
from serving.models import ModelService, Revision, Rollout, ServiceObject
from serving.objects import at_rest
from serving.rules.lifecycle import Phase, RolloutKind

TEMPLATE = ("spec", "template")


@dataclass(frozen=True, slots=True)
class PodsStatus:
    """What the mirror shows of one revision's pods: what holds them up, and their stages' times."""

    cause: Cause | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ready_at: datetime | None = None


def belongings(service: ModelService) -> Belongings:
    """Read what the mirror has of a service."""
    address = address_of_service(service)
    return own_of(service, belongings_of({address: str(service.pk)})[address])


def own_of(service: ModelService, found: Belongings) -> Belongings:
    """Return what was found under a service's name, unless it is somebody else's.

    If the service is not to run anything, only the label can say whose it is.
    """
    if is_to_run(service):
        return found
    mine = Belongings(companions=[c for c in found.companions if says_ours(service, c.content)])
    if any(says_ours(service, one.content) for one in found.deployments):
        mine = replace(found, companions=mine.companions)
    return mine


def is_to_run(service: ModelService) -> bool:
    """Return whether anything of a service's name is taken for its own: it was rolled out."""
    return bool(service.applied or service.current_revision_id)


def has_deployment(service: ModelService) -> bool:
    """Return whether the mirror has a Deployment that is a service's own."""
    address = address_of_service(service)
    found = deployments_at([address]).get(address)
    return found is not None and (is_to_run(service) or says_ours(service, found.content))


def says_ours(service: ModelService, content: str) -> bool:
    """Return whether an object's label names a service; True if its content is unknown."""
    labels = orjson.loads(content)["metadata"].get("labels") or {} if content else None
    return labels is None or labels.get(SERVICE_ID) == str(service.pk)


def id_left_behind(environment: Environment, name: str) -> UUID | None:
    """Return the id of a service that the cluster has and our database has lost.

    That happens when a backup is restored; creating a service of that name brings it back.
    """
    place = {"cluster": environment.cluster_id, "namespace": environment.namespace, "name": name}
    deployments = Workload.objects.filter(**place, goes_with=name, kind=DEPLOYMENT.name)
    found = deployments.exclude(content="").first()
    labels = orjson.loads(found.content)["metadata"].get("labels") or {} if found else {}
    if labels.get(SERVICE_NAME) != name:
        return None
    try:
        pk = UUID(labels.get(SERVICE_ID, ""))
    except ValueError:
        return None
    return None if ModelService.objects.filter(pk=pk).exists() else pk


def candidate_left(service: ModelService) -> list[dict[str, str]]:
    """Return what is to be deleted of a rollout that could not return: its candidate, if any."""
    if service.applied or service.current_revision_id is None:
        return []
    cluster, namespace, name = address_of_service(service)
    place = {"cluster": cluster, "namespace": namespace, "goes_with": name}
    rows = Workload.objects.filter(**place, name=f"{name}{CANDIDATE_SUFFIX}")
    return [{"kind": row.kind, "name": row.name, "uid": row.uid} for row in rows]


def address_of_service(service: ModelService) -> Address:
    """Return where a service's Deployment is."""
    environment = service.environment
    return environment.cluster_id, environment.namespace, service.name


def observe_pods(rollout: Rollout, revision: Revision) -> PodsStatus:
    """Look at the pods of the revision that a rollout leads to."""
    own = belongings(rollout.service)
    pods = [p for p in own.pods if p.revision == revision.number and not p.is_terminating]
    workloads = [w for w in own.workloads if w.revision == revision.number]
    # If the revision is the one that ran before, most of its pods are older than the change. The
    # cluster's clock differs from ours, so they are told apart by when we first saw them.
    before = ServiceObject.objects.filter(
        service=rollout.service_id, seen_at__lt=rollout.created_at
    )
    old = () if rollout.changes_revision else set(before.values_list("uid", flat=True))
    new = [pod for pod in pods if pod.uid not in old]
    return PodsStatus(
        cause=root_cause_of((facts_of(p, own.said) for p in pods), conditions_of(workloads)),
        scheduled_at=earliest(pod.scheduled_at for pod in new),
        started_at=earliest(pod.started_at for pod in new),
        ready_at=earliest(pod.ready_at for pod in new),
    )


def root_cause_pod_of(rollout: Rollout, revision: Revision) -> PodFacts | None:
    """Return the pod of one revision that best explains why not all are ready."""
    own = belongings(rollout.service)
    pods = [p for p in own.pods if p.revision == revision.number and not p.is_terminating]
    return root_cause_pod(facts_of(pod, own.said) for pod in pods)


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """Return the first of the known times."""
    return min((time for time in times if time), default=None)


def conditions_of(workloads: Iterable[Workload]) -> list[dict[str, str]]:
    """Return the conditions of a Deployment and its ReplicaSets."""
    return [condition for workload in workloads for condition in workload.conditions]


def facts_of(pod: Pod, said: Mapping[int, Said]) -> PodFacts:
    """Return a mirrored pod, and what others say about it, as the value to explain."""
    others = said.get(pod.pk, Said())
    return PodFacts(
        name=pod.name,
        is_ready=pod.is_ready,
        reason=pod.reason,
        message=pod.message,
        containers=pod.containers,
        is_scheduled=bool(pod.node_name),
        uid=pod.uid,
        created_at=pod.created_at,
        phase=pod.phase,
        node=pod.node_name,
        is_node_lost=others.is_node_lost,
        conditions=pod.conditions,
        unmet_gates=pod.unmet_gates,
        warning_reason=others.warning_reason,
        warning_message=others.warning_message,
    )


@dataclass(frozen=True, slots=True)
class PodCause:
    """Why a pod is not ready, and which of its containers to look at."""

    reason: Reason
    message: Message
    container: str | None


def pod_cause(pod: Pod, said: Mapping[int, Said]) -> PodCause | None:
    """Explain a mirrored pod that is not ready; a ready one needs no reason."""
    if pod.is_ready:
        return None
    facts = facts_of(pod, said)
    cause, container = cause_of(facts), failing_container(facts)
    return PodCause(cause.reason, cause.message, container.get("name") if container else None)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a service is in its state, and where to read the log of what fails."""

    causes: list[CausalLink]
    log_hint: LogHint | None


def diagnose(service: ModelService) -> Diagnosis:
    """Build the causal chain from rollout to container, in a constant number of queries."""
    own = belongings(service)
    pods = [pod for pod in own.pods if not pod.is_terminating]
    root_cause = root_cause_pod(facts_of(pod, own.said) for pod in pods)
    rows = sorted(own.workloads, key=lambda row: (row.kind, row.name))
    workloads = [WorkloadFacts(w.kind, w.name, w.uid, w.conditions) for w in rows]
    warning = newest_warning(service, uids_to_ask_about(root_cause, workloads))
    causes = causal_chain(link_of_rollout(service), workloads, root_cause, warning)
    return Diagnosis(causes, log_hint(root_cause))


def link_of_rollout(service: ModelService) -> CausalLink | None:
    """Return the newest rollout if it is in progress, or failed and was not rolled back."""
    rollout = next(iter(newest_rollout(service.pk)), None)
    if rollout is None or not (
        not rollout.is_finished or (rollout.phase == Phase.FAILED and not rollout.rolled_back)
    ):
        return None
    at = rollout.finished_at or rollout.progressed_at or rollout.created_at
    return CausalLink("Rollout", str(rollout.pk), rollout.reason, rollout.message, at)


@prepared
def newest_rollout(service_id: UUID) -> QuerySet[Rollout]:
    """Read the newest rollout of a service."""
    return Rollout.objects.filter(service=service_id).order_by("-created_at", "-id")[:1]


def newest_warning(service: ModelService, uids: Collection[str]) -> CausalLink | None:
    """Return the newest warning event about some objects, including the scheduler's."""
    event = next(iter(newest_warning_about(service.cluster.pk, list(uids))), None)
    if event is None:
        return None
    name = event.involved_name
    return CausalLink("Event", name, event.event_reason, quoted(event.message), event.last_seen_at)


@prepared
def newest_warning_about(cluster_id: int, uids: Collection[str]) -> QuerySet[ClusterEvent]:
    """Read the newest warning event about some objects of a cluster."""
    events = ClusterEvent.objects.filter(
        cluster=cluster_id, involved_uid__among=uids, type="Warning"
    )
    return events.order_by("-last_seen_at", "-pk")[:1]


@dataclass(frozen=True, slots=True)
class RolloutPod:
    """A pod of either side of a rollout, and what it waits for; a ready one needs no reason."""

    pod: Pod
    is_new: bool
    reason: str
    message: Message


def pods_of(rollout: Rollout) -> list[RolloutPod]:
    """Return the pods of both sides of a rollout, newest first."""
    new = rollout.to_revision.number if rollout.to_revision else None
    old = rollout.from_revision.number if rollout.from_revision else None
    own = belongings(rollout.service)
    causes = [(pod, pod_cause(pod, own.said)) for pod in own.pods if pod.revision in (new, old)]
    return [
        RolloutPod(
            pod,
            is_new=pod.revision == new,
            reason=cause.reason if cause else "",
            message=cause.message if cause else NOTHING_SAID,
        )
        for pod, cause in causes
    ]


def progress_of(rollout: Rollout) -> Progress:
    """Return a rollout as the value that its explanation works on."""
    to, back = rollout.to_revision, rollout.from_revision if rollout.is_other else None
    seconds = to.frozen_spec.progress_deadline_seconds if to else None
    return Progress(
        kind=RolloutKind(rollout.kind),
        phase=Phase(rollout.phase),
        reason=rollout.reason,
        message=rollout.message,
        returns_to=back.number if back else None,
        replaces_pods=rollout.changes_revision and back is not None,
        steps_left=rollout.position.left,
        is_aborted=rollout.failure_reason == Reason.ABORTED,
        progressed_at=rollout.progressed_at,
        deadline=timedelta(seconds=seconds) if seconds is not None else None,
    )


def differences_of(
    service: ModelService, own: Belongings, found: Mapping[ObjectKey, Mapping[str, Any]]
) -> list[Difference]:
    """Return how a service's objects and pods differ from what was applied."""
    differing = differences(wanted_of(service), found)
    strays = [drift.stray(pod.name, pod.created_at) for pod in own.strays if pod.is_active]
    current = service.current_revision
    if current is None or any(d.path[:2] == TEMPLATE for d in differing):
        # Pods of a different template are bound to differ.
        return [*differing, *strays]
    pods = [(p.name, p.image) for p in own.pods if p.revision == current.number and p.is_active]
    return [*differing, *drift.of_pods(pods, image=current.frozen_spec.image), *strays]


def wanted_of(service: ModelService) -> list[Manifest]:
    """Return the manifests last applied for a service, or rebuild them if they were not kept."""
    if service.applied or service.current_revision is None:
        applied: list[Manifest] = service.applied
        return applied
    # They were not kept, such as after a rollout that failed and could not roll back.
    return at_rest(service, service.current_revision)


def objects_of(own: Belongings) -> dict[ObjectKey, dict[str, Any]]:
    """Return a service's objects in the mirror by kind and name."""
    rows = [(row.kind, row.name, row.content) for row in own.companions]
    rows += [(one.kind, one.name, one.content) for one in own.deployments if one.content]
    return {(kind, name): orjson.loads(content) for kind, name, content in rows}
