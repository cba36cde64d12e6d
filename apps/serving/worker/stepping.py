"""Runs a candidate beside the revision that ran before, and moves over to it step by step.

Once all pods are the candidate's, they are handed over as they are: both Deployments are deleted
without what they own, and the one that is made anew finds these pods to be its own. No pod starts
twice, and the service's Deployment keeps its name.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
from django.utils import timezone

from clusters.apply import NameTaken, ObjectChange, read_object
from clusters.client import ClusterClient
from clusters.differences import key_of
from clusters.drift import compare
from clusters.kinds import DEPLOYMENT, Manifest
from clusters.labels import CANDIDATE_SUFFIX, REVISION
from clusters.observed import number_in_label
from core import pace
from core.messages import Message
from core.reasons import Reason
from serving.deployment import Live
from serving.diagnosis.read import observe_pods
from serving.manifests import traffic, workload
from serving.manifests.spec import Stamp
from serving.models import Revision, Rollout
from serving.objects import at_rest, identity_of
from serving.rules.lifecycle import Assessment, Outcome, Phase
from serving.rules.steps import Pause, Side, Sides, assess_sides, toward
from serving.secrets.vault import names_of
from serving.worker.apply import apply, ownership_of, read_live, record_intent, scale_of
from serving.worker.outcome import (
    GRACE,
    REQUEUE_AFTER,
    REQUEUE_SOON,
    Finding,
    Split,
    at_the_latest,
    contested,
    deadline_of,
    decide,
    in_time,
    past_deadline,
    target_of,
    unchanged,
)
from serving.worker.rolling import drive

NO_TIME = timedelta(0)
# How often a candidate is looked at that waits for a person, besides when its pods change.
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Both:
    """Both Deployments as they were just read, and the Service that sends requests to their pods.

    `selected` is the revision that gets all requests; None if the pods of both do.
    """

    candidate: Live | None
    running: Live | None
    service: dict[str, Any] | None
    selected: int | None

    @property
    def sides(self) -> tuple[Side, Side]:
        """The candidate and what runs, as the values that rules work on."""
        return side_of(self.candidate), side_of(self.running)

    @property
    def version(self) -> int | None:
        """How far the cluster had got when either was last written."""
        return max((live.version or 0 for live in self.lives), default=0) or None

    @property
    def lives(self) -> list[Live]:
        return [live for live in (self.candidate, self.running) if live is not None]


def side_of(live: Live | None) -> Side:
    """Return a Deployment as a side; what it has not observed yet may not be there any more."""
    if live is None:
        return Side()
    state = live.state
    if not state.is_observed:
        return Side(state.spec_replicas, max(state.replicas, state.spec_replicas))
    return Side(state.spec_replicas, state.replicas, state.ready_replicas, state.available_replicas)


def go_by_steps(rollout: Rollout, client: ClusterClient) -> Finding:
    """Take a rollout that goes by steps one pass further."""
    both = read_both(rollout, client)
    if rollout.phase == Phase.PAUSED:
        return stay(rollout, both)
    if any(live.state.is_deleting for live in both.lives):
        return being_deleted(rollout)
    if both.candidate is not None and both.candidate.state.revision != candidate_of(rollout).number:
        # An earlier rollout could not take it away; what a Deployment selects is never changed.
        record_intent(rollout, is_next=True)
        delete_deployment(rollout, both.candidate, client)
        return being_deleted(rollout)
    if both.candidate is None and is_left_to_one(rollout, both.running):
        select_all(rollout, both, client)
        return drive(rollout, client)
    goal = goal_of(rollout, both)
    written = put_in_place(rollout, both, goal, client)
    if isinstance(written, Finding):
        return written
    both, applied = written
    assessment = assessed(rollout, both, goal)
    if assessment.outcome is not Outcome.DONE:
        status = observe_pods(rollout, target_of(rollout) or former_of(rollout))
        found = decide(rollout, assessment, status)
        found = replace(found, requeue_after=at_the_latest(rollout, REQUEUE_AFTER))
    elif rollout.phase == Phase.ROLLING_BACK:
        found = remove_candidate(rollout, both, client)
    elif rollout.position.left:
        found = stand_at_step(rollout, assessment)
    else:
        return hand_over(rollout, both, client)
    return replace(
        found,
        counts=assessment.counts,
        applied=applied if applied != rollout.service.applied else None,
        is_begun=True,
        seen_version=both.version,
        split=split_of(rollout, both),
    )


def is_left_to_one(rollout: Rollout, running: Live | None) -> bool:
    """Return whether there is no candidate left, so that one Deployment does what is left to do.

    Of a rollout at its end that has none at all, the pods wait to be taken over.
    """
    if rollout.phase == Phase.ROLLING_BACK:
        return True
    if running is None:
        return not rollout.position.left
    return running.state.revision == candidate_of(rollout).number


def candidate_of(rollout: Rollout) -> Revision:
    """Return the revision that runs beside the one before."""
    revision = rollout.to_revision
    assert revision is not None  # noqa: S101  (only a change to a revision goes by steps)
    return revision


def former_of(rollout: Rollout) -> Revision:
    """Return the revision that ran before."""
    revision = rollout.from_revision
    assert revision is not None  # noqa: S101  (only a change from a revision goes by steps)
    return revision


def read_both(rollout: Rollout, client: ClusterClient) -> Both:
    """Read both Deployments, and where requests are switched, the Service.

    Raises:
        NameTaken: somebody else's Deployment has the name of the candidate's.
    """
    candidate = read_live(rollout, client, suffix=CANDIDATE_SUFFIX)
    if candidate is not None:
        metadata = candidate.content["metadata"]
        if not ownership_of(rollout)(metadata.get("labels") or {}, metadata["uid"]):
            raise NameTaken(
                Message(
                    "The cluster has a Deployment %(name)s that belongs to somebody else.",
                    name=metadata["name"],
                )
            )
    service, selected = None, None
    if rollout.replacement.is_beside:
        service = read_object(client, service_of(rollout, None))
        selectors = (service or {}).get("spec", {}).get("selector") or {}
        selected = number_in_label(selectors.get(REVISION))
    return Both(candidate, read_live(rollout, client), service, selected)


def goal_of(rollout: Rollout, both: Both) -> Sides:
    """Return the pods of both sides that the present step, or the way back, leads to.

    The side that all requests go to stays whole until they have been switched away from it.
    """
    old, new = rollout.from_replicas, rollout.to_replicas
    is_beside = rollout.replacement.is_beside
    if rollout.phase == Phase.ROLLING_BACK:
        is_needed = is_beside and is_switched(rollout, both)
        return Sides(side_of(both.candidate).wanted if is_needed else 0, old)
    if is_beside and not is_switched(rollout, both):
        return Sides(new, old)
    return rollout.replacement.goal_at(rollout.step, old=old, new=new)


def is_switched(rollout: Rollout, both: Both) -> bool:
    """Return whether the candidate gets all requests."""
    if both.selected is not None:
        return both.selected == candidate_of(rollout).number
    candidate, running = both.sides
    return candidate.wanted > 0 and running.wanted == 0


def revision_to_select(rollout: Rollout, both: Both, sides: Sides) -> int | None:
    """Return the revision that all requests go to once both are told to be `sides`.

    They are switched to a side only once it is whole. None selects the pods of both, which is the
    same where one has none.
    """
    candidate, running = both.sides
    has_both = (sides.candidate or candidate.existing) and (sides.running or running.existing)
    if not rollout.replacement.is_beside or not has_both:
        return None
    former, next_one = former_of(rollout).number, candidate_of(rollout).number
    is_forward = rollout.phase != Phase.ROLLING_BACK and not rollout.position.left
    if is_forward and candidate.available >= rollout.to_replicas:
        return next_one
    if not is_forward and running.available >= rollout.from_replicas:
        return former
    return next_one if is_switched(rollout, both) else former


def put_in_place(
    rollout: Rollout, both: Both, goal: Sides, client: ClusterClient
) -> tuple[Both, list[Manifest]] | Finding:
    """Write what may be wanted of both sides now; return them as they are then, and all objects.

    What others keep undoing is written at ever longer intervals.
    """
    old, new = rollout.from_replicas, rollout.to_replicas
    sides = toward(goal, *both.sides, rollout.replacement.room(old=old, new=new))
    selected = revision_to_select(rollout, both, sides)
    changes = changes_to(rollout, both, sides, selected)
    manifests = {key_of(change.manifest): change.manifest for change in changes.values()}
    known = {key_of(manifest): manifest for manifest in known_of(rollout)}
    applied = [*(known | manifests).values()]
    if not any(change.differences for change in changes.values()):
        return both, applied
    undone = [
        difference
        for key, change in zip(manifests, changes.values(), strict=True)
        if key in known and known[key]["spec"] == change.manifest["spec"]
        for difference in change.differences
    ]
    now = timezone.now()
    if undone and (wait := pace.left_to_wait(rollout.writes, rollout.written_at, now=now)):
        return contested(rollout, undone, requeue_after=wait)
    bodies = apply(rollout, [*changes.values()], client, is_next=not undone)
    left = [
        difference
        for change, body in zip(changes.values(), bodies, strict=True)
        for difference in compare(change.manifest, orjson.loads(body))
    ]
    if left:
        return replace(contested(rollout, left), applied=applied, is_begun=True)
    seen = dict(zip(changes, bodies, strict=True))
    candidate, running = (
        Live.read(seen[name]) if name in seen else None for name in ("candidate", "running")
    )
    return replace(both, candidate=candidate, running=running, selected=selected), applied


def changes_to(
    rollout: Rollout, both: Both, sides: Sides, selected: int | None
) -> dict[str, ObjectChange]:
    """Return what is to be written, in this order, by its name in `Both`."""
    changes = {}
    if rollout.replacement.is_beside:
        changes["service"] = ObjectChange.of(service_of(rollout, selected), both.service)
    if both.candidate is not None or sides.candidate:
        build = partial(deployment_of, rollout, workload.candidate, candidate_of(rollout))
        changes["candidate"] = deployment_change(
            rollout, partial(build, sides.candidate), both.candidate
        )
    if both.running is not None or sides.running:
        build = partial(deployment_of, rollout, workload.deployment, former_of(rollout))
        changes["running"] = deployment_change(rollout, partial(build, sides.running), both.running)
    return changes


def deployment_change(
    rollout: Rollout, build: Callable[[int], Manifest], live: Live | None
) -> ObjectChange:
    """Return the change to a Deployment; only one that is to be written states this epoch."""
    is_ours = live is not None and live.state.rollout == str(rollout.pk)
    epoch = live.state.epoch if live is not None and is_ours else rollout.epoch
    change = ObjectChange.of(build(epoch), live.content if live else None)
    return replace(change, manifest=build(rollout.epoch)) if change.differences else change


def deployment_of(
    rollout: Rollout,
    build: Callable[..., Manifest],
    revision: Revision,
    replicas: int,
    epoch: int,
) -> Manifest:
    """Build the Deployment of one side."""
    scale = scale_of(rollout, replicas)
    stamp = Stamp(revision=revision.number, rollout=str(rollout.pk), epoch=epoch)
    identity, names = identity_of(rollout.service), names_of(revision)
    return build(identity, revision.frozen_spec, scale, stamp, names)


def service_of(rollout: Rollout, selected: int | None) -> Manifest:
    """Build the Service, which sends requests to one revision's pods, or to all."""
    identity, spec = identity_of(rollout.service), former_of(rollout).frozen_spec
    return traffic.service(identity, spec, revision=selected)


def known_of(rollout: Rollout) -> list[Manifest]:
    """Return the manifests last applied; if they were not kept, those of the revision before."""
    service = rollout.service
    return service.applied or at_rest(service, former_of(rollout))


def assessed(rollout: Rollout, both: Both, goal: Sides) -> Assessment:
    """Judge how far both sides are from a goal."""
    now = timezone.now()
    since = now - (rollout.progressed_at or now)
    return assess_sides(goal, *both.sides, since=since, deadline=deadline_of(rollout))


def split_of(rollout: Rollout, both: Both) -> Split:
    """Return how requests are split between both sides; unknown until they were observed."""
    candidate, running = both.sides
    if both.running is None or not both.running.state.is_observed:
        return Split(running_ready=None, share=None)
    share = Sides(candidate.ready, running.ready).share
    if rollout.replacement.is_beside:
        share = float(is_switched(rollout, both))
    return Split(running.ready, share)


def stand_at_step(rollout: Rollout, assessment: Assessment) -> Finding:
    """Go on from a step that is reached, unless it is a pause that is not over."""
    now, number, steps = timezone.now(), rollout.step, rollout.steps
    place = {"step": number + 1, "steps": len(steps)}
    reached = Message("Step %(step)s of %(steps)s:", **place) + assessment.message
    going_on = Finding(
        Phase.PROGRESSING,
        Reason.STEP_REACHED,
        reached,
        requeue_after=NO_TIME,
        step=number + 1,
    )
    step = steps[number]
    if not isinstance(step, Pause):
        return going_on
    if step.lasts is None:
        message = Message("Step %(step)s of %(steps)s waits for a person to promote it.", **place)
        return Finding(
            Phase.PAUSED,
            Reason.AWAITING_PROMOTION,
            message,
            requeue_after=NO_TIME,
            is_planned_wait=True,
        )
    left = (rollout.step_started_at or now) + step.lasts - now
    if left <= NO_TIME:
        return going_on
    message = Message(
        "Step %(step)s of %(steps)s is a pause of %(lasts)s.", lasts=step.stated, **place
    )
    return Finding(
        Phase.PROGRESSING,
        Reason.STEP_PAUSE,
        message,
        requeue_after=min(left + GRACE, REQUEUE_AFTER),
        is_planned_wait=True,
    )


def stay(rollout: Rollout, both: Both) -> Finding:
    """Leave both sides as they are: each moves only as it is told.

    A candidate that waits for a promotion and does not keep what its step gave it goes back.
    """
    assessment = assessed(rollout, both, goal_of(rollout, both))
    paused = replace(
        unchanged(rollout, requeue_after=None),
        counts=assessment.counts,
        split=split_of(rollout, both),
        is_planned_wait=assessment.outcome is Outcome.DONE,
    )
    if rollout.reason == Reason.AWAITING_PROMOTION:
        paused = replace(paused, requeue_after=min(LOOK_AGAIN, deadline_of(rollout) / 2))
        if assessment.outcome is not Outcome.OVERDUE:
            return paused
        late = replace(paused, reason=assessment.reason, message=assessment.message)
        return past_deadline(rollout, late)
    if rollout.reason != Reason.PAUSED:
        # Whatever was in the way of looking at it is over.
        message = Message("Paused until somebody resumes it.")
        paused = replace(paused, reason=Reason.PAUSED, message=message)
    return paused


def remove_candidate(rollout: Rollout, both: Both, client: ClusterClient) -> Finding:
    """Delete a candidate that has no pods left."""
    if both.candidate is not None:
        delete_deployment(rollout, both.candidate, client)
    return being_deleted(rollout)


def select_all(rollout: Rollout, both: Both, client: ClusterClient) -> None:
    """Have the Service send requests to all pods, where it sent them to those of one revision."""
    if both.selected is not None:
        service = read_object(client, service_of(rollout, None))
        change = ObjectChange.of(service_of(rollout, None), service)
        apply(rollout, [change], client, is_next=True)


def hand_over(rollout: Rollout, both: Both, client: ClusterClient) -> Finding:
    """Let the service's Deployment be made anew with the candidate's pods as its own.

    The one that has no pods any more goes first: it would take the candidate's for old ones.
    """
    record_intent(rollout, is_next=True)
    for live in (both.running, both.candidate):
        if live is not None and not delete_deployment(rollout, live, client, keeps_owned=True):
            return being_deleted(rollout)
    return drive(rollout, client)


def delete_deployment(
    rollout: Rollout, live: Live, client: ClusterClient, *, keeps_owned: bool = False
) -> bool:
    """Delete a Deployment that was read; return whether it is gone already."""
    namespace, name = rollout.service.environment.namespace, live.content["metadata"]["name"]
    client.delete(DEPLOYMENT, namespace, name, uid=live.state.uid, keeps_owned=keeps_owned)
    return client.get(DEPLOYMENT, namespace, name) is None


def being_deleted(rollout: Rollout) -> Finding:
    """Wait for a Deployment to be gone: the candidate's, or both while their pods change hands."""
    reason, message = Reason.HANDING_OVER, Message("The new pods are handed over.")
    if rollout.phase == Phase.ROLLING_BACK:
        reason, message = Reason.WAITING_FOR_DELETION, Message("The candidate is being deleted.")
    waiting = unchanged(rollout, requeue_after=REQUEUE_SOON)
    phase = Phase.PROGRESSING if rollout.phase == Phase.PENDING else waiting.phase
    return in_time(rollout, replace(waiting, phase=phase, reason=reason, message=message))
