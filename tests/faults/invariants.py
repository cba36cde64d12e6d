"""The judge: what must be true of a run, whatever was done to its parts. Pure.

Each rule yields sentences about what broke it. Times of different witnesses are compared only
where one of them must be before the other, since what is in flight has no one time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from core.resources import Resources, of_one_pod
from serving.rules.lifecycle import EDGES, FINISHED, Phase, RolloutKind
from tests.faults.evidence import (
    CANDIDATE_SUFFIX,
    EPOCH,
    REVISION,
    ROLLOUT,
    SERVICE_ID,
    Attempt,
    Evidence,
    Rollout,
    Service,
    Write,
)

STALE_AFTER = timedelta(seconds=60)
# A page is read, answered and written down within this.
GRACE = timedelta(seconds=5)
# Which wish makes which rollout, and which asks something of one that runs.
STARTS = {
    "rollouts": RolloutKind.DEPLOY,
    "rollback": RolloutKind.ROLLBACK,
    "scale": RolloutKind.SCALE,
    "restart": RolloutKind.RESTART,
    "decommission": RolloutKind.DECOMMISSION,
}
VERBS = ("pause", "resume", "promote", "abort")
WRITTEN_KINDS = {
    "deployments",
    "services",
    "poddisruptionbudgets",
    "namespaces",
    "resourcequotas",
    "limitranges",
    "networkpolicies",
    "secrets",
}
Rule = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that did not hold, and how."""

    invariant: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.sentence}"


def judge(evidence: Evidence) -> list[Violation]:
    """Return everything that does not hold."""
    return [
        Violation(name, sentence)
        for name, rules in INVARIANTS.items()
        for rule in rules
        for sentence in rule(evidence)
    ]


def every_accepted_rollout_ends(evidence: Evidence) -> Iterator[str]:
    rollouts = {rollout.id: rollout for rollout in evidence.ending.rollouts}
    for attempt in accepted(evidence, STARTS):
        rollout = rollouts.get(attempt.answer["id"])
        if rollout is None:
            yield f"{attempt.path} was accepted as {attempt.answer['id']}, which is nowhere."
        elif rollout.phase not in FINISHED:
            yield f"{rollout.kind} {rollout.id} is still {rollout.phase} ({rollout.reason})."


def every_accepted_verb_is_carried_out(evidence: Evidence) -> Iterator[str]:
    done = actions(evidence)
    for attempt in accepted(evidence, VERBS):
        if not done[f"rollout.{attempt.verb}", attempt.answer["id"]]:
            yield f"{attempt.path} was accepted and not carried out."


def a_wish_has_one_answer(evidence: Evidence) -> Iterator[str]:
    for key, attempts in evidence.by_key.items():
        answers = {(a.status, a.answer.get("id")) for a in attempts if 200 <= a.status < 500}
        if len(answers) > 1:
            yield f"The wish {key} ({attempts[0].path}) has {len(answers)} answers: {answers}."


def a_wish_makes_one_rollout(evidence: Evidence) -> Iterator[str]:
    made = Counter(rollout.note for rollout in evidence.ending.rollouts if rollout.note)
    for key, count in made.items():
        if count > 1:
            yield f"The wish {key} made {count} rollouts."
    refused = {a.key for a in evidence.attempts if 400 <= a.status < 500}
    for key in refused & made.keys():
        yield f"The wish {key} was refused and made a rollout."


def a_verb_is_carried_out_once(evidence: Evidence) -> Iterator[str]:
    wished = Counter((f"rollout.{a.verb}", a.answer["id"]) for a in accepted(evidence, VERBS))
    for (action, rollout), count in actions(evidence).items():
        if action.removeprefix("rollout.") in VERBS and count > wished[action, rollout]:
            yield f"{action} of {rollout}: wished {wished[action, rollout]} times, done {count}."


def a_step_changes_the_cluster_once(evidence: Evidence) -> Iterator[str]:
    """A rollout may change a Deployment once forward, once for each hold, and once back.

    One that goes by steps moves each pod of either side at most once forward and once back, and
    makes the service's Deployment anew.
    """
    changes = Counter(write.annotation(ROLLOUT) for write in spec_changes(evidence))
    for rollout in evidence.ending.rollouts:
        steps = 1 + sum(
            Phase.PAUSED in (entry.from_phase, entry.phase) or entry.phase == Phase.ROLLING_BACK
            for entry in evidence.transitions.get(rollout.id, ())
            if entry.from_phase != entry.phase
        )
        if rollout.by_steps:
            steps += 2 * (rollout.from_replicas + rollout.to_replicas) + 1
        if changes[rollout.id] > steps:
            yield f"{rollout.kind} {rollout.id} changed it {changes[rollout.id]} times for {steps}."


def epochs_never_go_back(evidence: Evidence) -> Iterator[str]:
    """One writer after the other: a later write is of the same or a later epoch."""
    for (_, name), history in evidence.deployments.items():
        written = [write for write in history if write.is_ours and write.annotation(EPOCH)]
        for before, after in pairwise(written):
            was, now = int(before.annotation(EPOCH)), int(after.annotation(EPOCH))
            if now < was:
                yield f"{name}: epoch {now} was written over epoch {was} at {after.began_at}."
            if now == was and before.annotation(ROLLOUT) != after.annotation(ROLLOUT):
                yield f"{name}: epoch {now} has two rollouts."


def the_ledger_adds_up(evidence: Evidence) -> Iterator[str]:
    for ledger in [*evidence.ledgers, evidence.ending.ledger]:
        for namespace, reserved in ledger.reserved.items():
            own = {s.id for s in evidence.ending.services if s.namespace == namespace}
            promised = total(promise for id, promise in ledger.promised.items() if id in own)
            if promised != nonzero(reserved):
                yield f"{namespace} at {ledger.at}: {promised} is promised, {reserved} reserved."


def the_quota_is_never_oversold(evidence: Evidence) -> Iterator[str]:
    for ledger in [*evidence.ledgers, evidence.ending.ledger]:
        for namespace, limits in ledger.limits.items():
            for name, limit in limits.items():
                if (taken := ledger.reserved[namespace].get(name, 0)) > limit:
                    yield f"{namespace} at {ledger.at}: {taken} {name} reserved of {limit}."


def what_runs_is_in_the_ledger(evidence: Evidence) -> Iterator[str]:
    """At no moment do pods hold more than their service was promised."""
    for ledger in [*evidence.ledgers, evidence.ending.ledger]:
        for service_id, running in running_in(evidence, ledger.at, ledger.until).items():
            promised = ledger.promised.get(service_id, {})
            for name, amount in running.items():
                if amount > promised.get(name, 0):
                    yield (
                        f"{service_id} at {ledger.at}: pods hold {amount} {name}, "
                        f"the ledger has {promised.get(name, 0)}."
                    )


def nothing_is_promised_for_good(evidence: Evidence) -> Iterator[str]:
    """At rest the ledger has what runs, and not more."""
    promised = evidence.ending.ledger.promised
    for service in evidence.ending.services:
        wanted = nonzero(Resources(service.requests) * service.desired_replicas)
        has = nonzero(promised.get(service.id, {}))
        if is_at_rest(evidence, service) and has != wanted:
            yield f"{service.name} runs {wanted} and is promised {has}."


def every_change_is_audited_once(evidence: Evidence) -> Iterator[str]:
    starts = actions(evidence)
    for rollout in evidence.ending.rollouts:
        if (rows := starts["rollout.start", rollout.id]) != 1:
            yield f"{rollout.kind} {rollout.id} has {rows} audit rows of its start."
    known = {row.request_id for row in evidence.ending.audit}
    for key, attempts in evidence.by_key.items():
        is_done = any(attempt.is_accepted for attempt in attempts)
        if is_done and not known.intersection(attempt.request_id for attempt in attempts):
            yield f"{attempts[0].path} ({key}) changed something and is not audited."


def every_write_has_somebody_who_asked(evidence: Evidence) -> Iterator[str]:
    known = {rollout.id for rollout in evidence.ending.rollouts}
    for write in evidence.of("deployments"):
        asked = write.annotation(ROLLOUT)
        if write.is_ours and write.verb != "delete" and asked not in known:
            yield f"{write.place} was written for {asked or 'nobody'}, of which nothing is known."


def phases_follow_the_table(evidence: Evidence) -> Iterator[str]:
    for rollout in evidence.ending.rollouts:
        timeline = evidence.transitions.get(rollout.id, [])
        for entry in timeline:
            before, after = Phase(entry.from_phase), Phase(entry.phase)
            if before is not after and after not in EDGES[before]:
                yield f"{rollout.id} went from {before} to {after}."
            if before in FINISHED:
                yield f"{rollout.id} went on after it was {before}."
        for one, other in pairwise(timeline):
            if one.phase != other.from_phase:
                yield f"{rollout.id} was {one.phase} and then left {other.from_phase}."
        if timeline and timeline[-1].phase != rollout.phase:
            yield f"{rollout.id} is {rollout.phase}; its timeline ends at {timeline[-1].phase}."


def one_rollout_of_a_service_at_a_time(evidence: Evidence) -> Iterator[str]:
    for service_id, rollouts in by_service(evidence).items():
        for one, other in pairwise(rollouts):
            if one.finished_at is None or one.finished_at > other.created_at:
                yield f"{one.id} and {other.id} of {service_id} ran at the same time."


def a_finished_rollout_says_what_was(evidence: Evidence) -> Iterator[str]:
    """What a rollout claims at its end is what the cluster had at that moment."""
    for rollout in evidence.ending.rollouts:
        if rollout.finished_at is None or not (rollout.phase == "Succeeded" or rollout.rolled_back):
            continue
        revision, replicas = claim_of(rollout)
        service = evidence.services[rollout.service]
        seen = possible_at(evidence, service, rollout.finished_at)
        is_so = any(has(write, revision, replicas) for write in seen)
        if not is_so and (seen or revision is not None):
            shown = [describe(write) for write in seen]
            yield (
                f"{rollout.kind} {rollout.id} ended {rollout.phase} with "
                f"r{revision} x{replicas}; the cluster had {', '.join(shown) or 'nothing'}."
            )


def green_was_true(evidence: Evidence) -> Iterator[str]:
    """A rollout that succeeded had all its pods available when it said so."""
    for rollout in evidence.ending.rollouts:
        if rollout.phase != "Succeeded" or rollout.to_revision is None or not rollout.finished_at:
            continue
        history = evidence.deployments.get(place_of(evidence.services[rollout.service]), [])
        before = [write for write in history if write.began_at <= rollout.finished_at]
        if not any(
            has(write, rollout.to_revision, rollout.to_replicas)
            and available(write) == rollout.to_replicas
            for write in before
        ):
            yield f"{rollout.kind} {rollout.id} succeeded before its pods were available."


def everything_converges(evidence: Evidence) -> Iterator[str]:
    live = {
        (d["metadata"]["namespace"], d["metadata"]["name"]): d for d in evidence.ending.deployments
    }
    for service in evidence.ending.services:
        if not is_at_rest(evidence, service):
            continue
        found = live.get(place_of(service))
        if (service.namespace, f"{service.name}{CANDIDATE_SUFFIX}") in live:
            yield f"{service.name} is at rest and has a candidate."
        wanted = service.current_revision if service.desired_replicas else None
        if wanted is None:
            if found is not None:
                yield f"{service.name} should be gone and is there."
            continue
        if found is None:
            yield f"{service.name} should run r{wanted} and is not there."
            continue
        spec, status = found["spec"], found.get("status", {})
        revision = spec["template"]["metadata"]["labels"].get(REVISION)
        if (revision, spec["replicas"]) != (str(wanted), service.desired_replicas):
            yield (
                f"{service.name} should be r{wanted} x{service.desired_replicas} and is "
                f"r{revision} x{spec['replicas']}."
            )
        if status.get("availableReplicas", 0) != service.desired_replicas:
            yield f"{service.name} has {status.get('availableReplicas', 0)} pods available."
        if service.port is not None and evidence.ending.ports.get(service.id) != service.port:
            yield f"{service.name} should listen on {service.port}, its Service does not."


def the_mirror_is_the_cluster(evidence: Evidence) -> Iterator[str]:
    for namespace, pods in evidence.ending.pods.items():
        mirrored = evidence.ending.mirrored_pods.get(namespace, [])
        if sorted(pods) != sorted(mirrored):
            yield f"{namespace} has {len(pods)} pods, the mirror {len(mirrored)} or others."


def the_last_look_is_healthy(evidence: Evidence) -> Iterator[str]:
    for service in evidence.ending.services:
        if not is_at_rest(evidence, service):
            continue
        expected = "Healthy" if service.desired_replicas else "Stopped"
        if service.health != expected or service.drift:
            differs = [entry.get("field") for entry in service.drift]
            yield f"{service.name} is shown {service.health}, differing in {differs}."


def old_sight_is_called_old(evidence: Evidence) -> Iterator[str]:
    for look in evidence.looks:
        is_old = look.observed_at is None or look.at - look.observed_at > STALE_AFTER + GRACE
        if is_old and not look.stale and look.health != "Stopped":
            yield f"{look.service} at {look.at}: seen at {look.observed_at} and not called stale."


def unknown_is_never_green(evidence: Evidence) -> Iterator[str]:
    for look in evidence.looks:
        if look.stale and look.health not in ("Unknown", "Stopped"):
            yield f"{look.service} at {look.at} is stale and shown {look.health}."


def green_is_no_older_than_it_says(evidence: Evidence) -> Iterator[str]:
    """Whoever is shown Healthy had all its pods at some moment that the mirror may still show."""
    places = {service.id: place_of(service) for service in evidence.ending.services}
    for look in evidence.looks:
        if look.health != "Healthy":
            continue
        history = evidence.deployments.get(places.get(look.service, ("", "")), [])
        window = between(history, look.at - STALE_AFTER - GRACE, look.at)
        if not any(available(write) == wanted_by(write) for write in window):
            yield f"{look.service} at {look.at} was shown Healthy, and had not been for a minute."


def nothing_is_written_elsewhere(evidence: Evidence) -> Iterator[str]:
    for write in evidence.writes:
        if not write.is_ours or not write.is_done:
            continue
        at = write.object_ref
        namespace = at.name if at.resource == "namespaces" else at.namespace
        if namespace not in evidence.ending.namespaces or at.resource not in WRITTEN_KINDS:
            yield f"{write.verb} of {at.resource} {at.name} in {at.namespace or 'no namespace'}."


def nothing_is_written_after_the_end(evidence: Evidence) -> Iterator[str]:
    """Once a rollout is over, whoever worked on it changes nothing any more."""
    ends = {rollout.id: rollout.finished_at for rollout in evidence.ending.rollouts}
    for write in spec_changes(evidence):
        end = ends.get(write.annotation(ROLLOUT))
        if end is not None and write.began_at > end:
            yield f"{write.place} was changed at {write.began_at}, its rollout had ended at {end}."


def nothing_changes_without_a_rollout(evidence: Evidence) -> Iterator[str]:
    """The objects of a service are written while a rollout of it is under way, and never else."""
    services = {place_of(service): service.id for service in evidence.ending.services}
    rollouts = by_service(evidence)
    for write in changes_of_ours(evidence):
        own = rollouts.get(services.get(own_place(write), ""), [])
        if not any(is_under_way(rollout, write) for rollout in own):
            at = f"{write.object_ref.resource} {write.place}"
            yield f"{write.verb} of {at} at {write.began_at}, when nothing was under way."


def nothing_is_deleted_that_runs(evidence: Evidence) -> Iterator[str]:
    """What is deleted belongs to nobody's present: some decommission or return is under way.

    A rollout that goes by steps deletes Deployments whose pods change hands.
    """
    for write in evidence.writes:
        if not (write.is_ours and write.is_done and write.verb == "delete"):
            continue
        if write.object_ref.resource not in ("deployments", "services"):
            continue
        own = [s.id for s in evidence.ending.services if place_of(s) == own_place(write)]
        is_deployment = write.object_ref.resource == "deployments"
        under_way = [
            rollout
            for rollout in evidence.ending.rollouts
            if rollout.service in own
            and is_under_way(rollout, write)
            and (
                rollout.to_revision is None
                or rollout.from_revision is None
                or (rollout.by_steps and is_deployment)
            )
        ]
        if not under_way:
            yield f"{write.object_ref.resource} {write.place} was deleted at {write.began_at}."


INVARIANTS: Mapping[str, Sequence[Rule]] = {
    "I1 nothing acknowledged is lost": (
        every_accepted_rollout_ends,
        every_accepted_verb_is_carried_out,
        a_wish_has_one_answer,
    ),
    "I2 nothing is done twice": (
        a_wish_makes_one_rollout,
        a_verb_is_carried_out_once,
        a_step_changes_the_cluster_once,
        epochs_never_go_back,
    ),
    "I3 the quota is exact": (
        the_ledger_adds_up,
        the_quota_is_never_oversold,
        what_runs_is_in_the_ledger,
        nothing_is_promised_for_good,
    ),
    "I4 the audit is complete": (
        every_change_is_audited_once,
        every_write_has_somebody_who_asked,
    ),
    "I5 the lifecycle is legal": (
        phases_follow_the_table,
        one_rollout_of_a_service_at_a_time,
    ),
    "I6 what is said is what is": (
        a_finished_rollout_says_what_was,
        green_was_true,
        everything_converges,
        the_mirror_is_the_cluster,
        the_last_look_is_healthy,
    ),
    "I7 what is unknown is shown so": (
        old_sight_is_called_old,
        unknown_is_never_green,
        green_is_no_older_than_it_says,
    ),
    "I8 nobody writes who may not": (
        nothing_is_written_elsewhere,
        nothing_is_written_after_the_end,
        nothing_changes_without_a_rollout,
        nothing_is_deleted_that_runs,
    ),
}


def accepted(
    evidence: Evidence, verbs: Sequence[str] | Mapping[str, RolloutKind]
) -> Iterator[Attempt]:
    """Yield the first acceptance of each wish of some verbs."""
    for attempts in evidence.by_key.values():
        first = next((attempt for attempt in attempts if attempt.is_accepted), None)
        if first is not None and first.verb in verbs:
            yield first


def actions(evidence: Evidence) -> "Counter[tuple[str, str]]":
    """Count audit rows by action and object."""
    return Counter((row.action, row.object_id) for row in evidence.ending.audit)


def spec_changes(evidence: Evidence) -> Iterator[Write]:
    """Yield our writes of Deployments that changed what they ask for."""
    for history in evidence.deployments.values():
        generations: dict[str, int] = {}
        for write in history:
            is_new = write.generation > generations.get(write.uid, 0)
            generations[write.uid] = max(write.generation, generations.get(write.uid, 0))
            if is_new and write.is_ours and write.verb != "delete":
                yield write


def changes_of_ours(evidence: Evidence) -> Iterator[Write]:
    """Yield our writes of the objects of services after which they were others than before."""
    for resource in ("deployments", "services", "poddisruptionbudgets"):
        for history in evidence.history_of(resource).values():
            latest = 0
            for write in history:
                if write.is_ours and (write.version > latest or write.verb == "delete"):
                    yield write
                latest = max(latest, write.version)


def is_under_way(rollout: Rollout, write: Write) -> bool:
    """Return whether a rollout may have been running while a write was."""
    is_begun = rollout.created_at <= write.ended_at
    return is_begun and (rollout.finished_at is None or write.began_at <= rollout.finished_at)


def by_service(evidence: Evidence) -> Mapping[str, list[Rollout]]:
    """Return each service's rollouts, the first first."""
    found: dict[str, list[Rollout]] = {}
    for rollout in sorted(evidence.ending.rollouts, key=lambda rollout: rollout.created_at):
        found.setdefault(rollout.service, []).append(rollout)
    return found


def is_at_rest(evidence: Evidence, service: Service) -> bool:
    """Return whether a service is what its last rollout says: reached, or back to before it."""
    rollouts = by_service(evidence).get(service.id, [])
    return not rollouts or rollouts[-1].phase == "Succeeded" or rollouts[-1].rolled_back


def claim_of(rollout: Rollout) -> tuple[int | None, int]:
    """Return the revision and the number of pods that a rollout says it ended with."""
    if rollout.rolled_back:
        return rollout.from_revision, rollout.from_replicas
    return rollout.to_revision, rollout.to_replicas


def place_of(service: Service) -> tuple[str, str]:
    return service.namespace, service.name


def own_place(write: Write) -> tuple[str, str]:
    """Return the place of the service whose object was written, a candidate's being its own."""
    namespace, name = write.place
    return namespace, name.removesuffix(CANDIDATE_SUFFIX)


def possible_at(evidence: Evidence, service: Service, at: datetime) -> list[Write]:
    """Return what a Deployment may have been at a moment: its last state, and those in flight."""
    history = evidence.deployments.get(place_of(service), [])
    return between(history, at, at)


def between(history: Sequence[Write], since: datetime, until: datetime) -> list[Write]:
    """Return the states that something may have had in a span of time."""
    begun = [write for write in history if write.began_at <= until]
    over = [write for write in begun if write.ended_at <= since]
    return [*over[-1:], *(write for write in begun if write.ended_at > since)]


def has(write: Write, revision: int | None, replicas: int) -> bool:
    """Return whether a Deployment asks for this many pods of a revision; None is no Deployment.

    One that is being deleted in the foreground stays until its pods are gone.
    """
    if revision is None:
        return write.is_gone
    return not write.is_gone and (revision_of(write), wanted_by(write)) == (
        str(revision),
        replicas,
    )


def revision_of(write: Write) -> str:
    labels = write.response_object.get("spec", {}).get("template", {}).get("metadata", {})
    return str(labels.get("labels", {}).get(REVISION, ""))


def wanted_by(write: Write) -> int:
    return int(write.response_object.get("spec", {}).get("replicas", 0))


def available(write: Write) -> int:
    """Return how many pods of the newest template are available; -1 where that is not known."""
    status = write.response_object.get("status", {})
    if status.get("observedGeneration", 0) < write.generation:
        return -1
    old = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    return int(status.get("availableReplicas", 0)) - int(old)


def describe(write: Write) -> str:
    if write.is_gone:
        return "nothing"
    return f"r{revision_of(write)} x{wanted_by(write)} at {write.began_at:%H:%M:%S.%f}"


def running_in(
    evidence: Evidence, since: datetime, until: datetime
) -> Mapping[str, dict[str, int]]:
    """Return what the pods of each service certainly held for all of a span of time."""
    held: dict[str, list[Resources]] = {}
    for pod, gone_at in evidence.pods:
        if pod.ended_at < since and (gone_at is None or gone_at > until):
            held.setdefault(pod.label(SERVICE_ID), []).append(requests_of(pod))
    return {service: total(shares) for service, shares in held.items()}


def requests_of(pod: Write) -> Resources:
    containers = pod.response_object["spec"]["containers"]
    shares = [Resources.parse(c["resources"].get("requests", {})) for c in containers]
    return of_one_pod(Resources(total(shares)))


def total(shares: "Iterator[Mapping[str, int]] | Sequence[Mapping[str, int]]") -> dict[str, int]:
    """Add amounts up."""
    summed: Counter[str] = Counter()
    for share in shares:
        summed.update(share)
    return nonzero(summed)


def nonzero(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}
