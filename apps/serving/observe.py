"""What the mirror shows of services: their health, and why their pods are not ready.

Database only. Called by the informer after each batch, and by rollouts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from clusters.differences import Key, differences, entries_of
from clusters.drift import Difference
from clusters.kinds import DEPLOYMENT, POD_DISRUPTION_BUDGET, SERVICE
from clusters.manifests import SERVICE_ID, SERVICE_NAME, Manifest
from clusters.models import ClusterEvent, Pod, Workload
from clusters.ownership import Address, Belongings, belongings_of
from clusters.standing import read_up_to
from core.database import lock
from core.reasons import Reason
from core.resources import NOTHING, Resources, of_one_pod, total
from core.stream import announce
from core.supervision import note, one_by_one
from projects import admission
from projects.models import Environment
from projects.quota import Claim
from serving import drift
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
from serving.health import Observed, judge
from serving.lag import Lag
from serving.lifecycle import FINISHED, Kind, Phase
from serving.models import ModelService, Revision, Rollout, ServiceObject
from serving.objects import at_rest
from serving.progress import Progress

TEMPLATE = ("spec", "template")
WRITTEN = frozenset({DEPLOYMENT.name, SERVICE.name, POD_DISRUPTION_BUDGET.name})
# Each row has two parameters a field, and a statement takes 65,535 of them.
BATCH_LENGTH = 1_000
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


@dataclass(frozen=True, slots=True)
class Sight:
    """What the mirror shows of one revision's pods: what holds them up, and their clock."""

    cause: Cause | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ready_at: datetime | None = None


def belongings(service: ModelService) -> Belongings:
    """Read what the mirror has of a service."""
    address = address_of(service)
    return own_of(service, belongings_of({address: str(service.pk)})[address])


def own_of(service: ModelService, found: Belongings) -> Belongings:
    """Return what was found under a service's name, unless it is somebody else's.

    Where the service was never told to run, only the label can say whose it is.
    """
    if service.applied or service.current_revision_id:
        return found
    mine = Belongings(companions=[c for c in found.companions if says_ours(service, c.content)])
    if found.deployment is not None and says_ours(service, found.deployment.content):
        mine = replace(found, companions=mine.companions)
    return mine


def says_ours(service: ModelService, content: str) -> bool:
    """Return whether an object's label names a service; of one without content that is open."""
    labels = orjson.loads(content)["metadata"].get("labels") or {} if content else None
    return labels is None or labels.get(SERVICE_ID) == str(service.pk)


def id_left_behind(environment: Environment, name: str) -> UUID | None:
    """Return the id of a service that the cluster has and our database has lost.

    So it is after a backup was restored; whoever names it again gets it back.
    """
    place = {"cluster": environment.cluster_id, "namespace": environment.namespace, "name": name}
    found = Workload.objects.filter(**place, kind=DEPLOYMENT.name).exclude(content="").first()
    labels = orjson.loads(found.content)["metadata"].get("labels") or {} if found else {}
    if labels.get(SERVICE_NAME) != name:
        return None
    try:
        pk = UUID(labels.get(SERVICE_ID, ""))
    except ValueError:
        return None
    return None if ModelService.objects.filter(pk=pk).exists() else pk


def address_of(service: ModelService) -> Address:
    """Return where a service's Deployment is."""
    environment = service.environment
    return environment.cluster_id, environment.namespace, service.name


def sight_of(rollout: Rollout, revision: Revision) -> Sight:
    """Look at the pods of the revision that a rollout leads to."""
    own = belongings(rollout.service)
    pods = [p for p in own.pods if p.revision == revision.number and not p.is_terminating]
    workloads = [w for w in own.workloads if w.revision == revision.number]
    # Where the revision is the one that ran before, most of its pods are older than the change.
    # The cluster's clock is another, so what tells them apart is when we first saw them.
    before = ServiceObject.objects.filter(
        service=rollout.service_id, seen_at__lt=rollout.created_at
    )
    old = () if rollout.is_replacing else set(before.values_list("uid", flat=True))
    new = [pod for pod in pods if pod.uid not in old]
    return Sight(
        cause=explain(map(facts_of, pods), conditions_of(workloads)),
        scheduled_at=earliest(pod.scheduled_at for pod in new),
        started_at=earliest(pod.started_at for pod in new),
        ready_at=earliest(pod.ready_at for pod in new),
    )


def culprit_among(rollout: Rollout, revision: Revision) -> PodFacts | None:
    """Return the pod of one revision that tells most of why not all are ready."""
    pods = [p for p in belongings(rollout.service).pods if p.revision == revision.number]
    return culprit_of(facts_of(pod) for pod in pods if not pod.is_terminating)


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
    own = belongings(service)
    culprit = culprit_of(facts_of(pod) for pod in own.pods if not pod.is_terminating)
    rows = sorted(own.workloads, key=lambda row: (row.kind, row.name))
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
        cluster=service.cluster, involved_uid__among=uids, type="Warning"
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
    pods = [pod for pod in belongings(rollout.service).pods if pod.revision in (new, old)]
    for pod in pods:
        shown: Any = pod
        cause = pod_cause(pod)
        shown.is_new = pod.revision == new
        shown.shown_reason = cause.reason if cause else ""
        shown.shown_message = cause.message if cause else ""
    return pods


def progress_of(rollout: Rollout) -> Progress:
    """Return a rollout as the value that its explanation works on."""
    to, back = rollout.to_revision, rollout.from_revision if rollout.is_other else None
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


def judge_each(service_ids: Collection[UUID]) -> None:
    """Judge services anew; one that cannot be judged keeps no other from it."""

    def leave_out(service_id: UUID, error: Exception) -> None:
        note(error, loop="judge", about=f"service {service_id}")

    one_by_one(refresh_services, sorted(service_ids), leave_out=leave_out)


@transaction.atomic
def refresh_services(service_ids: Collection[UUID]) -> None:
    """Judge services anew, with a constant number of queries, and keep what they show.

    The rows are locked before anything is read, so that of two judgements at the same time the
    one that is written last has also seen the most.
    """
    rows = ModelService.objects.filter(pk__among=service_ids)
    lock(rows)
    related = ("environment__project", "environment__cluster", "current_revision")
    services = list(rows.select_related(*related).order_by("pk"))
    read = belongings_of({address_of(service): str(service.pk) for service in services})
    found = {service.pk: own_of(service, read[address_of(service)]) for service in services}
    cursors = cache(read_up_to)
    lags = {one.pk: Lag(one.seen_version, partial(cursors, one.cluster.pk)) for one in services}
    last = last_rollouts(service_ids)
    changing = {service_id for service_id, one in last.items() if not one.is_finished}
    held = {service_id for service_id, one in last.items() if one.is_held}
    changed = []
    for service in services:
        own, lag = found[service.pk], lags[service.pk]
        is_changing = service.pk in changing
        before = shown_of(service)
        is_settled = not is_changing or service.pk in held
        note_drift(service, own, lag, is_settled=is_settled, last=last.get(service.pk))
        is_changing = is_changing and not (service.pk in held and service.drift)
        show(service, own, lag, is_changing=is_changing, last=last.get(service.pk))
        if shown_of(service) != before:
            changed.append(service)
    ModelService.objects.bulk_update(changed, SHOWN_FIELDS, batch_size=BATCH_LENGTH)
    promised = admission.held_by_each(service_ids)
    # In one order, so that two of these never wait for each other.
    for service in sorted(services, key=lambda service: service.environment_id):
        if service.pk not in changing:
            own, known = found[service.pk], promised[service.pk]
            book_what_runs(service, own, lags[service.pk], held=known, last=last.get(service.pk))
    note_objects({pk: own.uids for pk, own in found.items()})
    # Their pods changed, even where the verdict is the same.
    for service in services:
        announce("service", service.pk, project=service.project.name, version=service.health)


@dataclass(frozen=True, slots=True)
class Last:
    """The last rollout of a service.

    One that failed and could not return left pods of both revisions, which is not settled.
    """

    kind: Kind
    is_finished: bool
    # A worker has paused what there was to be paused.
    is_held: bool
    is_settled: bool
    # A worker saw that all of it, and nothing else, was there.
    is_seen: bool


def last_rollouts(service_ids: Collection[UUID]) -> dict[UUID, Last]:
    """Return the unfinished rollout of each service, or else the one that finished last."""
    rollouts = Rollout.objects.filter(service_id__among=service_ids)
    # Of no time at all comes before any other.
    newest = rollouts.order_by("service_id", "-finished_at").distinct("service_id")
    columns = ("service_id", "kind", "phase", "rolled_back", "written_at", "next_run_at")
    return {
        service_id: Last(
            Kind(kind),
            is_finished=phase in FINISHED,
            is_held=phase == Phase.PAUSED and next_run_at is None,
            is_settled=phase == Phase.SUCCEEDED or rolled_back or not written_at,
            is_seen=phase == Phase.SUCCEEDED or rolled_back,
        )
        for service_id, kind, phase, rolled_back, written_at, next_run_at in newest.values_list(
            *columns
        )
    }


def shown_of(service: ModelService) -> tuple[Any, ...]:
    """Return what a judgement may change."""
    return tuple(getattr(service, name) for name in SHOWN_FIELDS if name != "observed_at")


def note_drift(
    service: ModelService,
    own: Belongings,
    lag: Lag,
    *,
    is_settled: bool,
    last: Last | None,
) -> None:
    """Keep in what the cluster differs from what was applied; a change under way sees to that."""
    service.awaits_mirror = False
    if not is_settled or not is_comparable(service, own, last=last):
        service.drift = []
        return
    found, now = objects_of(own), timezone.now().isoformat()
    differing = differences_of(service, own, found)
    news = heard(differing, service, own, lag)
    service.drift = entries_of(news, before=service.drift, now=now)
    # Whatever wrote that is fenced off: the next change is a person's, who sees what differs.
    seen = drift.seen_epoch(found.get((DEPLOYMENT.name, service.name), {}))
    if drift.is_later(seen, service.epoch):
        service.epoch = seen


def differences_of(
    service: ModelService, own: Belongings, found: Mapping[Key, Mapping[str, Any]]
) -> list[Difference]:
    """Return in what a service's objects and pods are other than what was applied."""
    differing = differences(wanted_of(service), found)
    strays = [drift.stray(pod.name, pod.created_at) for pod in own.strays if holds(pod)]
    current = service.current_revision
    if current is None or any(d.path[:2] == TEMPLATE for d in differing):
        # Pods of another template are other pods.
        return [*differing, *strays]
    pods = [(p.name, p.image) for p in own.pods if p.revision == current.number and holds(p)]
    return [*differing, *drift.of_pods(pods, image=current.frozen_spec.image), *strays]


def holds(pod: Pod) -> bool:
    """Return whether a pod may answer requests, now or soon."""
    return not pod.is_over and not pod.is_terminating


def heard(
    differing: Sequence[Difference], service: ModelService, own: Belongings, lag: Lag
) -> list[Difference]:
    """Keep what the mirror saw since a worker last looked; the rest is the past, or not known yet.

    What a worker does not write, it has not looked at. Of a kind that the mirror cannot read
    nothing is known.
    """
    versions = {(row.kind, row.name): row.resource_version for row in own.workloads}
    versions |= {(row.kind, row.name): row.resource_version for row in own.companions}

    def is_news(difference: Difference) -> bool:
        version = versions.get((difference.kind, difference.name), 0)
        return difference.kind not in WRITTEN or not lag.is_behind(difference.kind, version)

    readable = [difference for difference in differing if lag.knows(difference.kind)]
    news = [difference for difference in readable if is_news(difference)]
    service.awaits_mirror = len(news) < len(readable)
    return news


def unheard_services() -> set[UUID]:
    """Return the services of which the mirror did not yet know enough when they were judged."""
    return set(ModelService.objects.filter(awaits_mirror=True).values_list("pk", flat=True))


def is_comparable(service: ModelService, own: Belongings, *, last: Last | None) -> bool:
    """Return whether it is known what a service should be, and what there is of it."""
    # Nothing should be there of what was decommissioned, nor of what was never rolled out.
    is_nothing = last is None or last.kind is Kind.DECOMMISSION
    is_told = bool(service.current_revision_id or service.applied or is_nothing)
    return is_told and (own.deployment is None or bool(own.deployment.content))


def wanted_of(service: ModelService) -> list[Manifest]:
    """Return the manifests that a service was last made of."""
    if service.applied or service.current_revision is None:
        applied: list[Manifest] = service.applied
        return applied
    # It was rolled out before manifests were kept.
    return at_rest(service, service.current_revision)


def objects_of(own: Belongings) -> dict[Key, dict[str, Any]]:
    """Return a service's objects in the mirror by kind and name."""
    rows = [(row.kind, row.name, row.content) for row in own.companions]
    if own.deployment is not None and own.deployment.content:
        rows.append((own.deployment.kind, own.deployment.name, own.deployment.content))
    return {(kind, name): orjson.loads(content) for kind, name, content in rows}


def show(
    service: ModelService, own: Belongings, lag: Lag, *, is_changing: bool, last: Last | None
) -> None:
    """Write a service's verdict and how many of its pods are ready."""
    pods = [pod for pod in own.pods if not pod.is_terminating]
    if last is None or not last.is_seen:
        # The mirror's word is all that there is.
        lag = replace(lag, seen=0)
    observed = observed_of(service, own, lag, is_changing=is_changing)
    verdict = judge(
        observed,
        is_deployed=service.current_revision_id is not None,
        is_changing=is_changing,
        cause=explain(map(facts_of, pods), conditions_of(own.workloads)),
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
    """Return how many pods there should be and are; None where there is no Deployment.

    Two witnesses: of what both have read, the fewer are sure. Where one of them is behind a worker
    who saw all that should be, the worker's word holds.
    """
    current, deployment = service.current_revision, own.deployment
    if lag.is_behind_at_deployment(own):
        wish = Observed(service.desired_replicas, service.desired_replicas)
        observed = wish if current else None
    elif deployment is not None:
        # At rest the wish counts, whatever number somebody else wrote.
        is_at_rest = current is not None and not is_changing
        desired = service.desired_replicas if is_at_rest else deployment.desired_replicas
        observed = Observed(desired, deployment.ready_replicas)
    else:
        observed = None
    ready = sum(pod.is_ready for pod in own.pods if not pod.is_terminating)
    revision = current.number if current else None
    if observed is None or ready >= observed.ready:
        return observed
    if lag.is_behind_at_pods(own, revision=revision):
        return observed
    return replace(observed, ready=ready)


def book_what_runs(
    service: ModelService, own: Belongings, lag: Lag, *, held: Claim, last: Last | None
) -> None:
    """Keep the ledger at what a service at rest may run, or does run where that is more.

    Pods that still end, and those that somebody else added, hold what nobody else can have. An old
    mirror gives nothing back.
    """
    running = total(of_one_pod(pod.requests) for pod in own.pods if not pod.is_over)
    is_gone = last is not None and last.is_seen and service.current_revision is None
    if is_gone and lag.is_behind_at_pods(own, revision=None):
        running = NOTHING
    if last is not None and not last.is_settled:
        running = running.most(held.resources)
    wanted = Claim(at_rest_held(service, held).most(running), gpu_product_of(service, held))
    is_less = wanted.resources != wanted.resources.most(held.resources)
    if wanted != held and not (is_less and service.cluster.is_stale(now=timezone.now())):
        admission.book(service.environment_id, service.pk, wanted)


def at_rest_held(service: ModelService, held: Claim) -> Resources:
    """Return what a service at rest was promised: its pods, and the room to return to more.

    What failed at first and stays to be looked at keeps what its rollout was promised.
    """
    if service.current_revision is None:
        return held.resources if service.applied else NOTHING
    each = of_one_pod(Resources.parse(service.current_revision.frozen_spec.requests))
    kept = (each * service.replica_counts.returns_to).least(held.resources)
    return (each * service.desired_replicas).most(kept)


def gpu_product_of(service: ModelService, held: Claim) -> str:
    """Return the GPU model that a service's pods are promised."""
    current = service.current_revision
    return current.frozen_spec.gpu_product if current else held.gpu_product


def note_objects(uids: Mapping[UUID, Collection[str]]) -> None:
    """Remember which objects belong to which service, in one statement; most are known."""
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
