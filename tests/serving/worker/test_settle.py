"""What a finding makes of the rollout, its service, the ledger and the timeline, by table."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actor import Actor
from core.messages import Message, quoted
from core.reasons import Reason
from serving.diagnosis.read import PodsStatus
from serving.models import ModelService, Revision, Rollout, RolloutTransition
from serving.rules.lifecycle import Counts, Phase
from serving.worker.claim import claim
from serving.worker.commit import commit, record_clock, record_counts, record_progress
from serving.worker.last_words import LastLines
from serving.worker.outcome import Finding
from tests.serving.changes import deploy, finish, reserved

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SAID = Message("So it is.")
WAITING = Finding(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, SAID)


def found(phase: Phase, reason: Reason = Reason.WAITING_FOR_PODS, **fields: Any) -> Finding:
    return Finding(phase, reason, SAID, **fields)


@pytest.mark.parametrize(
    ("phase", "finding", "shown"),
    [
        pytest.param(Phase.PROGRESSING, found(Phase.PROGRESSING), (9, 8, 7), id="nothing known"),
        pytest.param(
            Phase.PROGRESSING,
            found(Phase.PROGRESSING, counts=Counts(3, 2, 1)),
            (3, 2, 1),
            id="new pods",
        ),
        pytest.param(
            Phase.PROGRESSING,
            found(Phase.ROLLING_BACK, counts=Counts(3, 2, 1)),
            (3, 2, 1),
            id="the last of the new pods",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            found(Phase.ROLLING_BACK, counts=Counts(3, 2, 1)),
            (9, 8, 7),
            id="pods of before are not those that were asked for",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            found(Phase.FAILED, counts=Counts(3, 2, 1), rolled_back=True),
            (0, 0, 0),
            id="nothing is left of them after a return",
        ),
    ],
)
def test_counts_are_of_the_revision_that_was_asked_for(phase, finding, shown):
    rollout = Rollout(phase=phase, updated_replicas=9, ready_replicas=8, available_replicas=7)
    record_counts(rollout, finding)
    counts = (rollout.updated_replicas, rollout.ready_replicas, rollout.available_replicas)
    assert counts == shown


BEFORE = NOON - MINUTE
FURTHER, BEHIND = (2, 1), (0, 0)


@pytest.mark.parametrize(
    ("finding", "row", "expected"),
    [
        pytest.param(
            found(Phase.PROGRESSING), {}, {"progressed_at": BEFORE, "high_water": [1, 1]},
            id="nothing is further",
        ),
        pytest.param(
            found(Phase.PROGRESSING, marks=BEHIND), {},
            {"progressed_at": BEFORE, "high_water": [1, 1]}, id="it went backwards",
        ),
        pytest.param(
            found(Phase.PROGRESSING, marks=FURTHER), {},
            {"progressed_at": NOON, "high_water": [2, 1]}, id="it is further than ever",
        ),
        pytest.param(
            found(Phase.PROGRESSING, is_begun=True), {},
            {"applied_at": NOON, "progressed_at": NOON}, id="it has begun",
        ),
        pytest.param(
            found(Phase.PROGRESSING, is_begun=True), {"applied_at": BEFORE},
            {"applied_at": BEFORE, "progressed_at": BEFORE}, id="it begins once",
        ),
        pytest.param(
            found(Phase.PROGRESSING), {"phase": Phase.PENDING, "high_water": []},
            {"progressed_at": BEFORE, "writes": 4}, id="to go on is no new beginning",
        ),
        pytest.param(
            found(Phase.ROLLING_BACK), {},
            {"progressed_at": NOON, "high_water": [], "writes": 0}, id="a return has its own time",
        ),
        pytest.param(
            found(Phase.ROLLING_BACK, marks=FURTHER), {},
            {"progressed_at": NOON, "high_water": [2, 1]}, id="and counts from what there is",
        ),
        pytest.param(
            found(Phase.ROLLING_BACK), {"phase": Phase.ROLLING_BACK},
            {"progressed_at": BEFORE, "writes": 4}, id="a return goes on",
        ),
        pytest.param(
            found(Phase.PROGRESSING, is_outage=True), {},
            {"progressed_at": NOON, "outage_started_at": NOON}, id="nobody answers any more",
        ),
        pytest.param(
            found(Phase.PROGRESSING, is_outage=True), {"outage_started_at": BEFORE},
            {"progressed_at": NOON, "outage_started_at": BEFORE}, id="nobody answers still",
        ),
        pytest.param(
            found(Phase.PROGRESSING), {"outage_started_at": BEFORE},
            {"progressed_at": BEFORE, "outage_started_at": None}, id="somebody answers again",
        ),
    ],
)  # fmt: skip
def test_the_deadline_counts_from_the_last_progress(finding, row, expected):
    defaults = {
        "phase": Phase.PROGRESSING,
        "progressed_at": BEFORE,
        "high_water": [1, 1],
        "writes": 4,
    }
    rollout = Rollout(**{**defaults, **row})
    record_progress(rollout, finding, now=NOON)
    assert {name: getattr(rollout, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("row", "pods_status", "expected"),
    [
        pytest.param({}, PodsStatus(), (None, None, None), id="no pod yet"),
        pytest.param(
            {},
            PodsStatus(scheduled_at=NOON, started_at=NOON + MINUTE, ready_at=NOON + 2 * MINUTE),
            (NOON, NOON + MINUTE, NOON + 2 * MINUTE),
            id="as they come",
        ),
        pytest.param(
            {},
            PodsStatus(scheduled_at=BEFORE - MINUTE, started_at=BEFORE - MINUTE),
            (BEFORE, BEFORE, None),
            id="not before it was applied, by another clock",
        ),
        pytest.param(
            {},
            PodsStatus(scheduled_at=NOON + MINUTE, started_at=NOON),
            (NOON + MINUTE, NOON + MINUTE, None),
            id="not before the stage before",
        ),
        pytest.param(
            {"scheduled_at": NOON},
            PodsStatus(scheduled_at=NOON + MINUTE, started_at=NOON + MINUTE),
            (NOON, NOON + MINUTE, None),
            id="the first pod counts",
        ),
        pytest.param(
            {"first_ready_at": NOON}, PodsStatus(), (None, None, NOON), id="nothing is undone"
        ),
        pytest.param(
            {"applied_at": None, "created_at": NOON},
            PodsStatus(scheduled_at=BEFORE),
            (NOON, None, None),
            id="not before it was asked for",
        ),
    ],
)
def test_stages_come_one_after_the_other(row, pods_status, expected):
    rollout = Rollout(**{"applied_at": BEFORE, **row})
    record_clock(rollout, pods_status)
    assert (rollout.scheduled_at, rollout.started_at, rollout.first_ready_at) == expected


@pytest.fixture
def upgrade(service: ModelService, by: Actor) -> Rollout:
    """From two pods of the first revision to three of the second, for which four are reserved."""
    finish(deploy(service, "1", by))
    return deploy(service, "2", by, replicas=3, env={"A": "1"})


def claimed_in(rollout: Rollout, phase: Phase, **row: Any) -> Rollout:
    """Claim a rollout in a phase, as it would be there."""
    Rollout.objects.filter(pk=rollout.pk).update(phase=phase, **row)
    claimed = claim(str(rollout.pk))
    assert claimed is not None
    return claimed


@dataclass(frozen=True)
class Left:
    """What is there after a finding was written."""

    phase: Phase
    desired: int
    revision: int
    replicas: int
    reserved: int
    is_finished: bool
    again: bool


RUNNING = Left(Phase.PROGRESSING, 3, 1, 2, 4, is_finished=False, again=False)
RETURNED = Left(Phase.FAILED, 2, 1, 2, 2, is_finished=True, again=False)
WRITTEN = {"written_at": NOON}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "row", "finding", "left"),
    [
        pytest.param(Phase.PENDING, {}, WAITING, RUNNING, id="it begins"),
        pytest.param(Phase.PROGRESSING, WRITTEN, WAITING, RUNNING, id="it goes on"),
        pytest.param(
            Phase.PENDING,
            {},
            found(Phase.PENDING, Reason.CLUSTER_BUSY),
            replace(RUNNING, phase=Phase.PENDING, desired=2),
            id="it cannot begin yet",
        ),
        pytest.param(
            Phase.PROGRESSING,
            WRITTEN,
            found(Phase.SUCCEEDED, Reason.COMPLETED),
            Left(Phase.SUCCEEDED, 3, 2, 3, 3, is_finished=True, again=False),
            id="it is done",
        ),
        pytest.param(
            Phase.PROGRESSING,
            WRITTEN,
            found(Phase.ROLLING_BACK, Reason.PROGRESS_DEADLINE_EXCEEDED),
            replace(RUNNING, phase=Phase.ROLLING_BACK, desired=2, again=True),
            id="it goes back, at once",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            WRITTEN,
            found(Phase.ROLLING_BACK),
            replace(RUNNING, phase=Phase.ROLLING_BACK, desired=2),
            id="it is on its way back",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            WRITTEN,
            found(Phase.FAILED, Reason.ROLLED_BACK, rolled_back=True),
            RETURNED,
            id="it failed and is back",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            WRITTEN,
            found(Phase.ABORTED, Reason.ABORTED, rolled_back=True),
            replace(RETURNED, phase=Phase.ABORTED),
            id="it was aborted and is back",
        ),
        pytest.param(
            Phase.ROLLING_BACK,
            WRITTEN,
            found(Phase.FAILED, Reason.ROLLBACK_FAILED),
            replace(RETURNED, reserved=4),
            id="it did not come back, and pods of both may run",
        ),
        pytest.param(
            Phase.PENDING,
            {},
            found(Phase.FAILED, Reason.NAME_TAKEN),
            RETURNED,
            id="it failed before anything was written",
        ),
        pytest.param(
            Phase.PAUSED,
            WRITTEN,
            found(Phase.PAUSED, Reason.PAUSED, requeue_after=None),
            replace(RUNNING, phase=Phase.PAUSED, desired=2),
            id="it is paused",
        ),
    ],
)
def test_a_finding_leaves(upgrade, service, phase, row, finding, left):
    claimed = claimed_in(upgrade, phase, **row)
    again = commit(claimed, finding)
    upgrade.refresh_from_db()
    service.refresh_from_db()
    assert left == Left(
        Phase(upgrade.phase),
        service.desired_replicas,
        service.current_revision.number,
        service.replicas,
        reserved(service),
        is_finished=upgrade.finished_at is not None,
        again=again,
    )
    assert (upgrade.reason, upgrade.message) == (finding.reason, SAID)
    assert upgrade.rolled_back is finding.rolled_back
    assert upgrade.lease_until is None
    is_waiting = not left.is_finished and finding.requeue_after is not None
    assert (upgrade.next_run_at is not None) is is_waiting
    assert service.env == ({"A": "1"} if left.revision == 2 else {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "finding", "entries"),
    [
        pytest.param(
            Phase.PENDING,
            WAITING,
            [("Pending", "Progressing", "WaitingForPods", "So it is.")],
            id="another phase",
        ),
        pytest.param(
            Phase.PENDING,
            found(Phase.PENDING, Reason.CLUSTER_BUSY),
            [("Pending", "Pending", "ClusterBusy", "So it is.")],
            id="another reason",
        ),
        pytest.param(
            Phase.PENDING,
            found(Phase.PENDING, Reason.ADMITTED, counts=Counts(1, 1, 1)),
            [],
            id="other numbers are none",
        ),
        pytest.param(
            Phase.PROGRESSING,
            found(Phase.PROGRESSING, Reason.ADMITTED, taken_over=quoted("spec.paused.")),
            [
                (
                    "Progressing",
                    "Progressing",
                    "FieldsOfOthers",
                    "Fields that others had written were overwritten. spec.paused.",
                )
            ],
            id="what was written over on the way",
        ),
        pytest.param(
            Phase.PROGRESSING,
            found(Phase.SUCCEEDED, Reason.COMPLETED, taken_over=quoted("spec.paused.")),
            [
                (
                    "Progressing",
                    "Progressing",
                    "FieldsOfOthers",
                    "Fields that others had written were overwritten. spec.paused.",
                ),
                ("Progressing", "Succeeded", "Completed", "So it is."),
            ],
            id="in the order in which it was",
        ),
    ],
)  # fmt: skip
def test_the_timeline_tells_what_changed_and_why(upgrade, phase, finding, entries):
    claimed = claimed_in(upgrade, phase)
    before = set(RolloutTransition.objects.values_list("pk", flat=True))
    commit(claimed, finding)
    added = RolloutTransition.objects.filter(rollout=upgrade).exclude(pk__in=before)
    told = [(e.from_phase, e.phase, e.reason, str(e.message)) for e in added]
    assert told == entries
    assert {entry.actor for entry in added} <= {"slipway"}


@pytest.mark.django_db
def test_why_it_returns_is_kept_from_the_moment_when_it_begins_to(upgrade):
    claimed = claimed_in(upgrade, Phase.PROGRESSING)
    lines = LastLines("scorer-1", "model", ["out of memory"])
    commit(claimed, found(Phase.ROLLING_BACK, Reason.OUT_OF_MEMORY, last_lines=lines))
    on_its_way = claim(str(upgrade.pk))
    commit(on_its_way, found(Phase.ROLLING_BACK, Reason.WAITING_FOR_PODS))
    upgrade.refresh_from_db()
    assert (upgrade.failure_reason, upgrade.failure_message) == (Reason.OUT_OF_MEMORY, SAID)
    assert upgrade.last_lines["lines"] == ["out of memory"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "is_noted"),
    [
        (Phase.PENDING, True),
        (Phase.PROGRESSING, True),
        (Phase.PAUSED, False),
        (Phase.ROLLING_BACK, False),
    ],
)
def test_the_clock_of_new_pods_stops_where_they_are_not_waited_for(upgrade, phase, is_noted):
    claimed = claimed_in(upgrade, phase)
    then = Phase.PROGRESSING if is_noted else phase
    commit(claimed, found(then, pods_status=PodsStatus(scheduled_at=timezone.now())))
    upgrade.refresh_from_db()
    assert (upgrade.scheduled_at is not None) is is_noted


KEPT: list[Any] = [{"kind": "Deployment", "metadata": {"name": "scorer"}}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "finding", "expected"),
    [
        pytest.param({}, WAITING, {"applied": KEPT, "seen_version": 7}, id="nothing said"),
        pytest.param(
            {},
            found(Phase.PROGRESSING, applied=[], seen_version=9),
            {"applied": [], "seen_version": 9},
            id="what is there now, and when that was seen",
        ),
        pytest.param(
            WRITTEN,
            found(Phase.FAILED),
            {"applied": [], "seen_version": 7},
            id="half of it is nothing to be compared with",
        ),
        pytest.param({}, found(Phase.FAILED), {"applied": KEPT}, id="nothing was written"),
        pytest.param(
            WRITTEN,
            found(Phase.FAILED, rolled_back=True),
            {"applied": KEPT},
            id="what was returned to is",
        ),
    ],
)
def test_a_service_is_compared_with_what_was_applied(upgrade, service, row, finding, expected):
    ModelService.objects.filter(pk=service.pk).update(applied=KEPT, seen_version=7)
    phase = Phase.ROLLING_BACK if finding.rolled_back else Phase.PROGRESSING
    commit(claimed_in(upgrade, phase, **row), finding)
    service.refresh_from_db()
    assert {name: getattr(service, name) for name in expected} == expected


@pytest.mark.django_db
@pytest.mark.parametrize(("seen", "epoch"), [(0, None), (10**6, 10**6)], ids=["ours", "a later"])
def test_the_next_claim_is_later_than_whatever_was_seen(upgrade, service, seen, epoch):
    claimed = claimed_in(upgrade, Phase.PROGRESSING)
    commit(claimed, found(Phase.FAILED, seen_epoch=seen))
    service.refresh_from_db()
    assert service.epoch == (epoch or claimed.epoch)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param({"epoch": 10**6}, id="another claimed it"),
        pytest.param({"phase": Phase.PAUSED}, id="somebody steered it"),
        pytest.param({"lease_until": None}, id="it was paused and resumed"),
    ],
)
def test_who_comes_late_writes_nothing(upgrade, service, meanwhile):
    claimed = claimed_in(upgrade, Phase.PROGRESSING)
    rows = Rollout.objects.filter(pk=upgrade.pk)
    rows.update(**meanwhile)
    tables = (Rollout, ModelService, RolloutTransition)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    assert commit(claimed, found(Phase.SUCCEEDED, Reason.COMPLETED, applied=[])) is False
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert reserved(service) == 4


@pytest.mark.django_db
@pytest.mark.parametrize(("replicas", "is_good"), [(3, True), (0, False)])
def test_a_revision_is_good_when_pods_of_it_ran(upgrade, replicas, is_good):
    claimed = claimed_in(upgrade, Phase.PROGRESSING, to_replicas=replicas)
    commit(claimed, found(Phase.SUCCEEDED, Reason.COMPLETED))
    reached = Revision.objects.get(pk=upgrade.to_revision_id)
    assert (reached.succeeded_at is not None) is is_good
