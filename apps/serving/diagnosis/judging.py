"""The health and drift of services, judged from the mirror and stored.

Database only. Called by the informer after each batch, and by rollouts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from clusters.differences import entries_of
from clusters.drift import Difference
from clusters.kinds import DEPLOYMENT, POD_DISRUPTION_BUDGET, SERVICE
from clusters.ownership import Belongings, belongings_of
from clusters.standing import read_up_to
from core.database import locking
from core.prepared import prepared, save_columns
from core.reasons import Reason
from core.resources import NOTHING, Resources, of_one_pod, total
from core.stream import announce
from core.supervision import one_by_one, record_fault
from projects import admission
from projects.quota import Share
from serving.diagnosis import drift
from serving.diagnosis.health import Observed, judge
from serving.diagnosis.lag import Lag
from serving.diagnosis.pods import root_cause_of
from serving.diagnosis.read import (
    address_of_service,
    conditions_of,
    differences_of,
    facts_of,
    objects_of,
    own_of,
)
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind

WRITTEN = frozenset({DEPLOYMENT.name, SERVICE.name, POD_DISRUPTION_BUDGET.name})
SHOWN_FIELDS = [
    "health",
    "reason",
    "message",
    "ready_replicas",
    "observed_at",
    "drift",
    "awaits_mirror",
    "epoch",
]


def judge_each(service_ids: Collection[UUID]) -> None:
    """Judge services anew; one that cannot be judged does not stop the others."""

    def leave_out(service_id: UUID, error: Exception) -> None:
        record_fault(error, loop="judge", about=f"service {service_id}")

    one_by_one(refresh_services, sorted(service_ids), leave_out=leave_out)


@transaction.atomic
def refresh_services(service_ids: Collection[UUID]) -> None:
    """Judge services anew, reading them in a constant number of queries, and store the verdicts.

    The rows are locked before anything is read, so that of two concurrent judgements the one that
    is written last has also seen the most.
    """
    ids = list(service_ids)
    locked_services(ids)
    services = services_to_judge(ids)
    cursors = {cluster: read_up_to(cluster) for cluster in {one.cluster.pk for one in services}}
    read = belongings_of({address_of_service(service): str(service.pk) for service in services})
    found = {service.pk: own_of(service, read[address_of_service(service)]) for service in services}
    lags = {one.pk: Lag(one.seen_version, cursors[one.cluster.pk]) for one in services}
    last = last_rollouts(ids)
    changing = {service_id for service_id, one in last.items() if not one.is_finished}
    paused = {service_id for service_id, one in last.items() if one.is_paused}
    changed = []
    for service in services:
        own, lag = found[service.pk], lags[service.pk]
        is_changing = service.pk in changing
        before = shown_of(service)
        is_settled = not is_changing or service.pk in paused
        record_drift(service, own, lag, is_settled=is_settled, last=last.get(service.pk))
        is_changing = is_changing and not (service.pk in paused and service.drift)
        show(service, own, lag, is_changing=is_changing, last=last.get(service.pk))
        if shown_of(service) != before:
            changed.append(service)
    save_columns(changed, SHOWN_FIELDS)
    promised = admission.reserved_by_each(ids)
    unrecorded = set()
    # In a fixed order, so that two of these never deadlock.
    for service in sorted(services, key=lambda service: service.environment_id):
        if service.pk in changing:
            continue
        own, known = found[service.pk], promised[service.pk]
        if not record_what_runs(
            service, own, lags[service.pk], held=known, last=last.get(service.pk)
        ):
            unrecorded.add(service.pk)
    if unrecorded:
        ModelService.objects.filter(pk__among=unrecorded).update(awaits_mirror=True)
    record_objects({pk: own.uids for pk, own in found.items()})
    # Their pods may have changed even if the verdict has not.
    for service in services:
        project = service.environment.project.name
        announce("service", service.pk, project=project, version=service.health)


@prepared
def locked_services(service_ids: list[UUID]) -> QuerySet[ModelService, UUID]:
    """Lock services."""
    rows = ModelService.objects.filter(pk__among=service_ids)
    return locking(rows).values_list("pk", flat=True)


@prepared
def services_to_judge(service_ids: list[UUID]) -> QuerySet[ModelService]:
    """Read services with what a judgement needs."""
    related = ("environment__project", "environment__cluster", "current_revision")
    rows = ModelService.objects.filter(pk__among=service_ids)
    return rows.select_related(*related).order_by("pk")


@dataclass(frozen=True, slots=True)
class Last:
    """The last rollout of a service.

    One that failed and could not roll back has left pods of both revisions: it is not settled.
    """

    kind: RolloutKind
    is_finished: bool
    # It is paused, and a worker has carried that out.
    is_paused: bool
    is_settled: bool
    # A worker has seen exactly its target in the cluster, or what it was rolled back to.
    is_seen: bool


def last_rollouts(service_ids: list[UUID]) -> dict[UUID, Last]:
    """Return the unfinished rollout of each service, or else the one that finished last."""
    return {
        service_id: Last(
            RolloutKind(kind),
            is_finished=phase in FINISHED,
            is_paused=phase == Phase.PAUSED
            and (next_run_at is None or reason == Reason.AWAITING_PROMOTION),
            is_settled=phase == Phase.SUCCEEDED or rolled_back or not written_at,
            is_seen=phase == Phase.SUCCEEDED or rolled_back,
        )
        for (
            service_id,
            kind,
            phase,
            reason,
            rolled_back,
            written_at,
            next_run_at,
        ) in newest_rollouts(service_ids)
    }


@prepared
def newest_rollouts(service_ids: list[UUID]) -> QuerySet[Rollout, tuple[Any, ...]]:
    """Read of each service the unfinished rollout, or else the one that finished last."""
    rollouts = Rollout.objects.filter(service_id__among=service_ids)
    # In descending order null comes first: the unfinished one, if there is one.
    newest = rollouts.order_by("service_id", "-finished_at").distinct("service_id")
    return newest.values_list(
        "service_id", "kind", "phase", "reason", "rolled_back", "written_at", "next_run_at"
    )


def shown_of(service: ModelService) -> tuple[Any, ...]:
    """Return what a judgement may change."""
    return tuple(getattr(service, name) for name in SHOWN_FIELDS if name != "observed_at")


def record_drift(
    service: ModelService,
    own: Belongings,
    lag: Lag,
    *,
    is_settled: bool,
    last: Last | None,
) -> None:
    """Set a service's drift, which is none while a rollout is changing it; the caller saves."""
    service.awaits_mirror = False
    if not is_settled or not is_comparable(service, own, last=last):
        service.drift = []
        return
    found, now = objects_of(own), timezone.now().isoformat()
    differing = differences_of(service, own, found)
    current = current_differences(differing, service, own, lag)
    service.drift = entries_of(current, before=service.drift, now=now)
    # Counting on from there fences off whoever wrote it: the next change is made by a person, who
    # sees what differs.
    seen = drift.seen_epoch(found.get((DEPLOYMENT.name, service.name), {}))
    if drift.is_later(seen, service.epoch):
        service.epoch = seen


def current_differences(
    differing: Sequence[Difference], service: ModelService, own: Belongings, lag: Lag
) -> list[Difference]:
    """Keep differences that the mirror saw after a worker last looked; others may be out of date.

    A worker has not looked at kinds that it does not write, so all of theirs are kept. Nothing is
    known about kinds that the mirror has not read, so theirs are left out.
    """
    versions = {(row.kind, row.name): row.resource_version for row in own.workloads}
    versions |= {(row.kind, row.name): row.resource_version for row in own.companions}

    def is_current(difference: Difference) -> bool:
        version = versions.get((difference.kind, difference.name), 0)
        return difference.kind not in WRITTEN or not lag.is_behind(difference.kind, version)

    readable = [difference for difference in differing if lag.knows(difference.kind)]
    current = [difference for difference in readable if is_current(difference)]
    service.awaits_mirror = len(current) < len(readable)
    return current


def unsynced_services() -> set[UUID]:
    """Return the services about which the mirror did not know enough when they were judged."""
    return set(ModelService.objects.filter(awaits_mirror=True).values_list("pk", flat=True))


def is_comparable(service: ModelService, own: Belongings, *, last: Last | None) -> bool:
    """Return whether it is known both what a service should be and what the cluster has of it."""
    # Nothing should exist of a service that was decommissioned or never rolled out.
    is_nothing = last is None or last.kind is RolloutKind.DECOMMISSION
    is_desired_known = bool(service.current_revision_id or service.applied or is_nothing)
    return is_desired_known and (own.deployment is None or bool(own.deployment.content))


def show(
    service: ModelService, own: Belongings, lag: Lag, *, is_changing: bool, last: Last | None
) -> None:
    """Set a service's verdict and how many of its pods are ready; the caller saves."""
    pods = [pod for pod in own.pods if not pod.is_terminating]
    if last is None or not last.is_seen:
        # No worker has seen the result, so the mirror is the only witness.
        lag = replace(lag, seen=0)
    observed = observed_of(service, own, lag, is_changing=is_changing)
    verdict = judge(
        observed,
        is_deployed=service.current_revision_id is not None,
        is_changing=is_changing,
        cause=root_cause_of((facts_of(p, own.said) for p in pods), conditions_of(own.workloads)),
        last=last.kind if last else None,
        drift=drift.summary(service.drift),
    )
    service.health, service.reason, service.message = (
        verdict.health,
        verdict.reason,
        verdict.message,
    )
    service.ready_replicas = observed.ready if observed else 0
    service.observed_at = timezone.now()


def observed_of(
    service: ModelService, own: Belongings, lag: Lag, *, is_changing: bool
) -> Observed | None:
    """Return how many pods there should be and how many are ready; None without a Deployment.

    The Deployment and the pods are two witnesses, and the lower number is certain. If either is
    older than what a worker saw, the worker's word that all pods were ready holds instead of it.
    """
    current = service.current_revision
    if lag.is_behind_at_deployment(own):
        wanted = Observed(service.desired_replicas, service.desired_replicas)
        observed = wanted if current else None
    elif own.deployment is not None or (is_changing and own.candidate is not None):
        # At rest our own number counts, whatever somebody else wrote into the Deployment.
        is_at_rest = current is not None and not is_changing
        written = sum(one.desired_replicas for one in own.deployments)
        observed = Observed(
            service.desired_replicas if is_at_rest else written,
            sum(one.ready_replicas for one in own.deployments),
        )
    else:
        observed = None
    ready = sum(pod.is_ready for pod in own.pods if pod.is_active)
    revision = current.number if current else None
    if observed is None or ready >= observed.ready:
        return observed
    if lag.is_behind_at_pods(own, revision=revision):
        return observed
    return replace(observed, ready=ready)


def record_what_runs(
    service: ModelService, own: Belongings, lag: Lag, *, held: Share, last: Last | None
) -> bool:
    """Keep the ledger at what a service at rest may run, or at what it runs if that is more.

    Pods that are terminating, and those that somebody else added, hold what nobody else can have.
    A stale mirror releases nothing; return False if that has to wait until it is current again.
    """
    running = total(of_one_pod(pod.requests) for pod in own.pods if not pod.is_over)
    is_gone = last is not None and last.is_seen and service.current_revision is None
    if is_gone and lag.is_behind_at_pods(own, revision=None):
        running = NOTHING
    if last is not None and not last.is_settled:
        running = running.most(held.resources)
    wanted = Share(at_rest_held(service, held).most(running), gpu_product_of(service, held))
    is_less = wanted.resources != wanted.resources.most(held.resources)
    if is_less and service.cluster.is_stale(now=timezone.now()):
        return False
    if wanted != held:
        admission.record_reservation(service.environment_id, service.pk, wanted)
    return True


def at_rest_held(service: ModelService, held: Share) -> Resources:
    """Return what a service at rest has reserved: its pods, and the room to return to more.

    If its first rollout failed and the pods were left to be looked at, it keeps that reservation.
    """
    if service.current_revision is None:
        return held.resources if service.applied else NOTHING
    each = of_one_pod(Resources.parse(service.current_revision.frozen_spec.requests))
    kept = (each * service.replica_counts.returns_to).least(held.resources)
    return (each * service.desired_replicas).most(kept)


def gpu_product_of(service: ModelService, held: Share) -> str:
    """Return the GPU product that is reserved for a service's pods."""
    current = service.current_revision
    return current.frozen_spec.gpu_product if current else held.gpu_product


def record_objects(uids: Mapping[UUID, Collection[str]]) -> None:
    """Store which objects belong to which service, in one statement; most are known already."""
    pairs = [(service, uid) for service, own in uids.items() for uid in own]
    statement = """
        INSERT INTO serving_serviceobject (service_id, uid, seen_at)
        SELECT seen.service_id, seen.uid, now()
        FROM unnest(%s::uuid[], %s::text[]) AS seen (service_id, uid)
        WHERE NOT EXISTS (
            SELECT FROM serving_serviceobject known
            WHERE known.service_id = seen.service_id AND known.uid = seen.uid
        )
        ON CONFLICT DO NOTHING
    """
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(statement, [[s for s, _ in pairs], [uid for _, uid in pairs]])
