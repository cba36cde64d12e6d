"""What the mirror shows of services: their health, and why their pods are not ready.

Database only. Called by the informer after each batch, and by rollouts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clusters.models import ClusterEvent, Pod, Workload
from core.reasons import Reason
from core.stream import announce
from serving.causes import (
    Link,
    LogHint,
    WorkloadFacts,
    chain,
    culprit_of,
    failing_container,
    log_hint,
    uids_to_ask_about,
)
from serving.containers import Cause
from serving.explain import PodFacts, cause_of, explain
from serving.health import Observed, Verdict, judge
from serving.lifecycle import Kind, Phase
from serving.models import ModelService, Rollout
from serving.progress import Progress

DEPLOYMENT = "Deployment"
SHOWN_FIELDS = ["health", "reason", "message", "ready_replicas", "observed_at"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the mirror shows of one revision's pods: what holds them up, and their clock."""

    cause: Cause | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ready_at: datetime | None = None


def sight_of(service_id: UUID, revision: int) -> Sight:
    """Look at the pods of one revision."""
    pods = list(
        Pod.objects.filter(
            service_id=service_id, revision=revision, is_terminating=False
        ).with_what_others_say()
    )
    workloads = Workload.objects.filter(service_id=service_id, revision=revision)
    return Sight(
        cause=explain(map(facts_of, pods), conditions_of(workloads)),
        scheduled_at=earliest(pod.scheduled_at for pod in pods),
        started_at=earliest(pod.started_at for pod in pods),
        ready_at=earliest(pod.ready_at for pod in pods),
    )


def culprit_among(service_id: UUID, revision: int) -> PodFacts | None:
    """Return the pod of one revision that tells most of why not all are ready."""
    pods = Pod.objects.filter(service_id=service_id, revision=revision, is_terminating=False)
    newest_first = pods.with_what_others_say().order_by("-created_at", "-pk")
    return culprit_of(map(facts_of, newest_first))


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """Return the first of the known times."""
    return min((time for time in times if time), default=None)


def conditions_of(workloads: Iterable[Workload]) -> list[dict[str, str]]:
    """Return the conditions of a Deployment and its ReplicaSets."""
    return [condition for workload in workloads for condition in workload.conditions]


def facts_of(pod: Pod) -> PodFacts:
    """Return a mirrored pod as the value that explanations work on.

    What other objects say is known of those read `with_what_others_say`.
    """
    warning = getattr(pod, "warning", None) or {}
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
        is_node_lost=getattr(pod, "is_node_lost", False),
        conditions=pod.conditions,
        unmet_gates=pod.unmet_gates,
        warning_reason=warning.get("reason", ""),
        warning_message=warning.get("message", ""),
    )


@dataclass(frozen=True, slots=True)
class PodCause:
    """Why a pod is not ready, and which of its containers to look at."""

    reason: Reason
    message: str
    container: str | None


def pod_cause(pod: Pod) -> PodCause | None:
    """Explain a mirrored pod that is not ready; a ready one needs no reason."""
    if pod.is_ready:
        return None
    facts = facts_of(pod)
    cause, container = cause_of(facts), failing_container(facts)
    return PodCause(cause.reason, cause.message, container.get("name") if container else None)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a service is as it is, and where the log of what fails is."""

    causes: list[Link]
    log_hint: LogHint | None


def diagnose(service: ModelService) -> Diagnosis:
    """Follow the reasons from the rollout to the container, with a constant number of queries."""
    pods = Pod.objects.filter(service_id=service.pk, is_terminating=False).with_what_others_say()
    culprit = culprit_of(facts_of(pod) for pod in pods.order_by("-created_at", "-pk"))
    rows = Workload.objects.filter(service_id=service.pk).order_by("kind", "name")
    workloads = [WorkloadFacts(w.kind, w.name, w.uid, w.conditions) for w in rows]
    warning = newest_warning(service, uids_to_ask_about(culprit, workloads))
    causes = chain(link_of_rollout(service), workloads, culprit, warning)
    return Diagnosis(causes, log_hint(culprit))


def link_of_rollout(service: ModelService) -> Link | None:
    """Return the newest rollout if it is under way, or failed and left things as they are."""
    rollout = service.rollouts.order_by("-created_at", "-id").first()
    if rollout is None or not (
        not rollout.is_finished or (rollout.phase == Phase.FAILED and not rollout.rolled_back)
    ):
        return None
    at = rollout.finished_at or rollout.progressed_at or rollout.created_at
    return Link("Rollout", str(rollout.pk), rollout.reason, rollout.message, at)


def newest_warning(service: ModelService, uids: Collection[str]) -> Link | None:
    """Return the newest warning about some objects; the scheduler's word is among them."""
    events = ClusterEvent.objects.filter(
        cluster=service.cluster, involved_uid__in=uids, type="Warning"
    )
    event = events.order_by("-last_seen_at", "-pk").first()
    if event is None:
        return None
    name = event.involved_name
    return Link("Event", name, event.event_reason, event.message, event.last_seen_at)


def pods_of(rollout: Rollout) -> list[Pod]:
    """Return the pods of both sides of a rollout, newest first, each with what it waits for.

    Attaches `is_new`, `shown_reason` and `shown_message`; a ready pod needs no reason.
    """
    new = rollout.to_revision.number if rollout.to_revision else None
    old = rollout.from_revision.number if rollout.from_revision else None
    rows = Pod.objects.filter(service_id=rollout.service_id, revision__in=(new, old))
    pods = list(rows.with_what_others_say().order_by("-created_at", "-pk"))
    for pod in pods:
        shown: Any = pod
        cause = None if pod.is_ready else cause_of(facts_of(pod))
        shown.is_new = pod.revision == new
        shown.shown_reason = cause.reason if cause else ""
        shown.shown_message = cause.message if cause else ""
    return pods


def progress_of(rollout: Rollout) -> Progress:
    """Return a rollout as the value that its explanation works on."""
    to, back = rollout.to_revision, rollout.from_revision
    seconds = to.frozen_spec.progress_deadline_seconds if to else None
    return Progress(
        kind=Kind(rollout.kind),
        phase=Phase(rollout.phase),
        reason=rollout.reason,
        message=rollout.message,
        returns_to=back.number if back else None,
        is_aborted=rollout.failure_reason == Reason.ABORTED,
        progressed_at=rollout.progressed_at,
        deadline=timedelta(seconds=seconds) if seconds is not None else None,
    )


@transaction.atomic
def refresh_services(service_ids: Collection[UUID]) -> None:
    """Judge services anew, with a constant number of queries, and keep what they show.

    The rows are locked before anything is read, so that of two judgements at the same time the
    one that is written last has also seen the most.
    """
    services = list(
        ModelService.objects.select_for_update(of=["self"])
        .select_related("environment__project")
        .filter(pk__in=service_ids)
        .order_by("pk")
    )
    pods: dict[Any, list[Pod]] = defaultdict(list)
    seen = Pod.objects.filter(service_id__in=service_ids, is_terminating=False)
    for pod in seen.with_what_others_say():
        pods[pod.service_id].append(pod)
    workloads: dict[Any, list[Workload]] = defaultdict(list)
    for workload in Workload.objects.filter(service_id__in=service_ids):
        workloads[workload.service_id].append(workload)
    unfinished = Rollout.objects.unfinished().filter(service__in=service_ids)
    changing = set(unfinished.values_list("service_id", flat=True))
    last = last_rollouts([service.pk for service in services if not service.current_revision_id])
    changed = [
        service
        for service in services
        if show(
            service,
            judged(
                service,
                pods[service.pk],
                workloads[service.pk],
                is_changing=service.pk in changing,
                last=last.get(service.pk),
            ),
        )
    ]
    ModelService.objects.bulk_update(changed, SHOWN_FIELDS)
    # Their pods changed, even where the verdict is the same.
    for service in services:
        announce("service", service.pk, project=service.project.name, version=service.health)


def last_rollouts(service_ids: Collection[UUID]) -> dict[UUID, Kind]:
    """Return what the last finished rollout of each service was."""
    if not service_ids:
        return {}
    finished = Rollout.objects.filter(service__in=service_ids, finished_at__isnull=False)
    newest = finished.order_by("service_id", "-finished_at").distinct("service_id")
    return {service_id: Kind(kind) for service_id, kind in newest.values_list("service_id", "kind")}


def judged(
    service: ModelService,
    pods: list[Pod],
    workloads: list[Workload],
    *,
    is_changing: bool,
    last: Kind | None,
) -> tuple[Verdict, int]:
    """Return a service's verdict and how many of its pods are ready."""
    deployment = next((w for w in workloads if w.kind == DEPLOYMENT), None)
    cause = explain(map(facts_of, pods), conditions_of(workloads))
    observed = observed_in(deployment) if deployment else None
    is_deployed = service.current_revision_id is not None
    verdict = judge(
        observed, is_deployed=is_deployed, is_changing=is_changing, cause=cause, last=last
    )
    return verdict, deployment.ready_replicas if deployment else 0


def observed_in(deployment: Workload) -> Observed:
    """Return a mirrored Deployment as the value that health works on."""
    return Observed(desired=deployment.desired_replicas, ready=deployment.ready_replicas)


def show(service: ModelService, judged: tuple[Verdict, int]) -> bool:
    """Write a verdict into a service; return whether anybody would see a difference."""
    verdict, ready = judged
    before = (service.health, service.reason, service.message, service.ready_replicas)
    after = (verdict.health, verdict.reason, verdict.message, ready)
    service.health, service.reason, service.message, service.ready_replicas = after
    service.observed_at = timezone.now()
    return before != after
