"""What follows from what a pass finds out, by table: no database, no cluster."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from clusters.drift import Difference
from core.messages import Message, quoted
from core.reasons import Reason
from serving.diagnosis.containers import Cause, Rank
from serving.diagnosis.read import PodsStatus
from serving.models import ModelService, Revision, Rollout
from serving.rules.lifecycle import Assessment, Counts, Outcome, Phase
from serving.worker.outcome import (
    GRACE,
    REQUEUE_AFTER,
    REQUEUE_SOON,
    Finding,
    at_the_latest,
    contested,
    deadline_of,
    decide,
    in_time,
    past_deadline,
    replicas_of,
    returned,
    target_of,
    unchanged,
)
from tests.serving.manifests.test_workload import LEAST

SECOND = timedelta(seconds=1)
LONG_AGO = timedelta(days=1)


def revision(number: int, **changes: Any) -> Revision:
    spec = msgspec.structs.replace(LEAST, **changes)
    return Revision(pk=number, number=number, spec=msgspec.to_builtins(spec))


OLD, NEW = revision(1), revision(2)


def rollout(phase: Phase = Phase.PROGRESSING, **fields: Any) -> Rollout:
    """Return a change from one pod of the old revision to three of the new; it just got further."""
    defaults = {
        "service": ModelService(progress_deadline_seconds=900),
        "from_revision": OLD,
        "to_revision": NEW,
        "from_replicas": 1,
        "to_replicas": 3,
        "progressed_at": timezone.now(),
    }
    return Rollout(phase=phase, **{**defaults, **fields})


def late(phase: Phase = Phase.PROGRESSING, **fields: Any) -> Rollout:
    """Return a change that got no further for long."""
    return rollout(phase, progressed_at=timezone.now() - LONG_AGO, **fields)


FIRST: dict[str, Any] = {"from_revision": None, "from_replicas": 0}
DECOMMISSION: dict[str, Any] = {"to_revision": None, "to_replicas": 0}
RESTART_OF_NOTHING_ELSE: dict[str, Any] = {"to_revision": OLD, "to_replicas": 1}
SCALE: dict[str, Any] = {"to_revision": OLD}


@pytest.mark.parametrize(
    ("phase", "target", "replicas"),
    [
        (Phase.PENDING, NEW, 3),
        (Phase.PROGRESSING, NEW, 3),
        (Phase.PAUSED, NEW, 3),
        (Phase.ROLLING_BACK, OLD, 1),
    ],
)
def test_only_a_return_leads_to_what_was_before(phase, target, replicas):
    assert target_of(rollout(phase)) == target
    assert replicas_of(rollout(phase)) == replicas


SLOW, FAST = revision(3, progress_deadline_seconds=1800), revision(4, progress_deadline_seconds=60)


@pytest.mark.parametrize(
    ("phase", "fields", "seconds"),
    [
        pytest.param(Phase.PROGRESSING, {"to_revision": SLOW}, 1800, id="of what it leads to"),
        pytest.param(
            Phase.ROLLING_BACK,
            {"to_revision": SLOW, "from_revision": FAST},
            60,
            id="of what it returns to",
        ),
        pytest.param(
            Phase.PROGRESSING,
            DECOMMISSION | {"from_revision": FAST},
            60,
            id="of what is removed",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            FIRST | {"to_revision": SLOW},
            900,
            id="of the service, where the first revision is removed again",
        ),
    ],
)
def test_the_deadline_is(phase, fields, seconds):
    assert deadline_of(rollout(phase, **fields)) == seconds * SECOND


@pytest.mark.parametrize(
    ("since", "requeue_after", "expected"),
    [
        pytest.param(None, REQUEUE_AFTER, REQUEUE_AFTER, id="nothing has begun"),
        pytest.param(0 * SECOND, REQUEUE_AFTER, REQUEUE_AFTER, id="the deadline is far"),
        pytest.param(595 * SECOND, REQUEUE_AFTER, 5 * SECOND + GRACE, id="the deadline is near"),
        pytest.param(595 * SECOND, REQUEUE_SOON, REQUEUE_SOON, id="it is looked at before"),
        pytest.param(601 * SECOND, REQUEUE_AFTER, GRACE, id="the deadline is over"),
        pytest.param(LONG_AGO, REQUEUE_AFTER, GRACE, id="it is over for long"),
    ],
)
def test_it_is_looked_at_again_not_long_after_the_deadline(since, requeue_after, expected):
    progressed_at = timezone.now() - since if since is not None else None
    found = at_the_latest(rollout(progressed_at=progressed_at), requeue_after)
    assert expected - SECOND < found <= expected
    assert found > timedelta(0)


WAITING = Finding(Phase.PROGRESSING, Reason.CLUSTER_FORBIDDEN, quoted("no."))
ENDS_AT_THE_DEADLINE = [
    pytest.param(
        Phase.PENDING, {}, Phase.ROLLING_BACK, Reason.CLUSTER_FORBIDDEN, id="before it began"
    ),
    pytest.param(
        Phase.PROGRESSING, {}, Phase.ROLLING_BACK, Reason.CLUSTER_FORBIDDEN, id="on its way"
    ),
    pytest.param(
        Phase.PROGRESSING, SCALE, Phase.ROLLING_BACK, Reason.CLUSTER_FORBIDDEN, id="other numbers"
    ),
    pytest.param(
        Phase.PROGRESSING, FIRST, Phase.FAILED, Reason.CLUSTER_FORBIDDEN, id="nothing was before"
    ),
    pytest.param(
        Phase.PROGRESSING,
        RESTART_OF_NOTHING_ELSE,
        Phase.FAILED,
        Reason.CLUSTER_FORBIDDEN,
        id="it was the same before",
    ),
    pytest.param(
        Phase.ROLLING_BACK, {}, Phase.FAILED, Reason.ROLLBACK_FAILED, id="on its way back"
    ),
]


@pytest.mark.parametrize(("phase", "fields", "then", "reason"), ENDS_AT_THE_DEADLINE)
def test_what_is_overdue_goes_back_where_there_is_something_else(phase, fields, then, reason):
    found = past_deadline(rollout(phase, **fields), WAITING)
    assert (found.phase, found.reason, found.message) == (then, reason, WAITING.message)


@pytest.mark.parametrize(
    ("phase", "fields", "then", "reason"),
    [
        *ENDS_AT_THE_DEADLINE,
        pytest.param(
            Phase.PROGRESSING,
            DECOMMISSION,
            Phase.FAILED,
            Reason.CLUSTER_FORBIDDEN,
            id="what is removed does not come back",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            FIRST,
            Phase.FAILED,
            Reason.CLUSTER_FORBIDDEN,
            id="and what is removed on the way back says why",
        ),
    ],
)
def test_what_is_in_the_way_ends_at_the_deadline(phase, fields, then, reason):
    found = in_time(late(phase, **fields), WAITING)
    assert (found.phase, found.reason) == (then, reason)
    assert in_time(rollout(phase, **fields), WAITING) is WAITING, "and not before"


@pytest.mark.parametrize("is_outage", [False, True])
def test_what_is_paused_waits_for_ever(is_outage):
    waiting = Finding(Phase.PAUSED, Reason.CLUSTER_UNAVAILABLE, Message(), is_outage=is_outage)
    paused = late(Phase.PAUSED, outage_started_at=timezone.now() - LONG_AGO)
    assert in_time(paused, waiting) is waiting


@pytest.mark.parametrize(
    ("hours", "then"),
    [
        pytest.param(None, Phase.PROGRESSING, id="it has just begun"),
        pytest.param(5.9, Phase.PROGRESSING, id="nearly six hours"),
        pytest.param(6.1, Phase.ROLLING_BACK, id="more than six hours"),
    ],
)
def test_a_deadline_waits_for_a_cluster_that_is_away_and_not_for_ever(hours, then):
    began = timezone.now() - timedelta(hours=hours) if hours is not None else None
    away = Finding(Phase.PROGRESSING, Reason.CLUSTER_UNAVAILABLE, Message(), is_outage=True)
    assert in_time(late(outage_started_at=began), away).phase is then


def test_an_outage_of_before_lets_nothing_end_that_is_in_time():
    began = timezone.now() - LONG_AGO
    assert in_time(rollout(outage_started_at=began), WAITING) is WAITING


@pytest.mark.parametrize(
    ("failure", "then", "reason", "said"),
    [
        pytest.param(
            (Reason.ABORTED, Message("Abort requested.")),
            Phase.ABORTED,
            Reason.ABORTED,
            "Abort requested. The service is back to what it was.",
            id="somebody aborted it",
        ),
        pytest.param(
            (Reason.UNSCHEDULABLE, quoted("0/4 nodes.")),
            Phase.FAILED,
            Reason.UNSCHEDULABLE,
            "0/4 nodes. The service is back to what it was.",
            id="it failed, of what is still said",
        ),
        pytest.param(
            ("", Message()),
            Phase.FAILED,
            Reason.ROLLED_BACK,
            "The service is back to what it was.",
            id="nobody knows any more of what",
        ),
    ],
)
def test_a_return_ends_with_what_it_was_for(failure, then, reason, said):
    why, message = failure
    returning = rollout(Phase.ROLLING_BACK, failure_reason=why, failure_message=message)
    back = Finding(Phase.ROLLING_BACK, Reason.COMPLETED, quoted("1 of 1."), Counts(1, 1, 1))
    found = returned(returning, back)
    assert (found.phase, found.reason, str(found.message)) == (then, reason, said)
    assert (found.rolled_back, found.counts) == (True, Counts(1, 1, 1))


MISSING = Message("1 of 3 new pods are ready.")
CRASH = Cause(Rank.CRASHES, Reason.CRASH_LOOP_BACK_OFF, Message("model crashes."))
STARTS = Cause(Rank.NOT_READY, Reason.STARTING, Message("Starting."))
DEADLINE = Reason.PROGRESS_DEADLINE_EXCEEDED
WAIT = Assessment(Outcome.WAIT, Reason.WAITING_FOR_PODS, MISSING, Counts(3, 1, 1), (3, 1, 1, 0, 0))
DONE = Assessment(
    Outcome.DONE, Reason.COMPLETED, Message("3 of 3 pods are ready."), Counts(3, 3, 3)
)
OVERDUE = Assessment(Outcome.OVERDUE, DEADLINE, MISSING, Counts(3, 1, 1), (3, 1, 1, 0, 0))
BACK = "The service is back to what it was."


@pytest.mark.parametrize(
    ("phase", "assessment", "cause", "then", "reason", "said"),
    [
        pytest.param(
            Phase.PENDING, WAIT, None, Phase.PROGRESSING, Reason.WAITING_FOR_PODS,
            "1 of 3 new pods are ready.", id="it has begun",
        ),
        pytest.param(
            Phase.PROGRESSING, WAIT, STARTS, Phase.PROGRESSING, Reason.WAITING_FOR_PODS,
            "1 of 3 new pods are ready.", id="pods on their way say nothing new",
        ),
        pytest.param(
            Phase.PROGRESSING, WAIT, CRASH, Phase.PROGRESSING, Reason.CRASH_LOOP_BACK_OFF,
            "1 of 3 new pods are ready. model crashes.", id="a pod says what it waits for",
        ),
        pytest.param(
            Phase.ROLLING_BACK, WAIT, CRASH, Phase.ROLLING_BACK, Reason.CRASH_LOOP_BACK_OFF,
            "1 of 3 new pods are ready. model crashes.", id="on the way back too",
        ),
        pytest.param(
            Phase.PENDING, DONE, None, Phase.SUCCEEDED, Reason.COMPLETED,
            "3 of 3 pods are ready.", id="it was done at once",
        ),
        pytest.param(
            Phase.PROGRESSING, DONE, CRASH, Phase.SUCCEEDED, Reason.COMPLETED,
            "3 of 3 pods are ready.", id="what is done is done, whatever old pods say",
        ),
        pytest.param(
            Phase.ROLLING_BACK, DONE, None, Phase.FAILED, Reason.ROLLED_BACK, BACK,
            id="it is back",
        ),
        pytest.param(
            Phase.PROGRESSING, OVERDUE, None, Phase.ROLLING_BACK, DEADLINE,
            "1 of 3 new pods are ready.", id="too late",
        ),
        pytest.param(
            Phase.PROGRESSING, OVERDUE, CRASH, Phase.ROLLING_BACK, DEADLINE,
            "1 of 3 new pods are ready. model crashes.",
            id="too late is the reason, and the cause is told",
        ),
        pytest.param(
            Phase.ROLLING_BACK, OVERDUE, CRASH, Phase.FAILED, Reason.ROLLBACK_FAILED,
            "1 of 3 new pods are ready. model crashes.", id="too late to come back",
        ),
    ],
)  # fmt: skip
def test_a_judgement_leads_to(phase, assessment, cause, then, reason, said):
    pods_status = PodsStatus(cause=cause)
    found = decide(rollout(phase), assessment, pods_status)
    assert (found.phase, found.reason, str(found.message)) == (then, reason, said)
    assert (found.counts, found.marks) == (assessment.counts, assessment.marks)
    assert found.pods_status is pods_status
    assert found.rolled_back is (said == BACK)


LEFT = [Difference("Deployment", "scorer", ("spec", "replicas"), 3, 9, manager="kubectl")]


@pytest.mark.parametrize(
    ("make", "phase", "fields", "then", "reason"),
    [
        pytest.param(
            rollout, Phase.PENDING, {}, Phase.PROGRESSING, Reason.OVERRIDDEN, id="it has begun"
        ),
        pytest.param(
            rollout, Phase.PROGRESSING, {}, Phase.PROGRESSING, Reason.OVERRIDDEN, id="on its way"
        ),
        pytest.param(
            rollout,
            Phase.ROLLING_BACK,
            {},
            Phase.ROLLING_BACK,
            Reason.OVERRIDDEN,
            id="on its way back",
        ),
        pytest.param(
            late, Phase.PAUSED, {}, Phase.PAUSED, Reason.OVERRIDDEN, id="paused, however late"
        ),
        pytest.param(
            late, Phase.PROGRESSING, {}, Phase.ROLLING_BACK, Reason.OVERRIDDEN, id="too late"
        ),
        pytest.param(
            late, Phase.PROGRESSING, FIRST, Phase.FAILED, Reason.OVERRIDDEN, id="nothing was before"
        ),
        pytest.param(
            late,
            Phase.ROLLING_BACK,
            {},
            Phase.FAILED,
            Reason.ROLLBACK_FAILED,
            id="too late to return",
        ),
    ],
)
def test_what_others_undo_is_told_and_ends_in_its_time(make, phase, fields, then, reason):
    found = contested(make(phase, **fields), LEFT)
    assert (found.phase, found.reason) == (then, reason)
    assert "spec.replicas (kubectl)." in str(found.message)
    assert found.requeue_after <= REQUEUE_SOON + GRACE


def test_who_waits_before_writing_again_looks_when_that_is_over():
    assert contested(rollout(), LEFT, requeue_after=30 * SECOND).requeue_after > 30 * SECOND


@pytest.mark.parametrize("requeue_after", [None, REQUEUE_SOON])
def test_what_stays_says_again_what_it_said(requeue_after):
    paused = rollout(Phase.PAUSED, reason=Reason.PAUSED, message=MISSING)
    found = unchanged(paused, requeue_after=requeue_after)
    assert found == Finding(Phase.PAUSED, Reason.PAUSED, MISSING, requeue_after=requeue_after)
