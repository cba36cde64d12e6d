"""The rollout machine's rules, by table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import msgspec
import pytest

from core.errors import Conflict
from core.reasons import Reason
from serving.deployment import DeploymentState
from serving.rules.lifecycle import (
    EDGES,
    FINISHED,
    Assessment,
    Outcome,
    Phase,
    Position,
    RolloutKind,
    Target,
    Verb,
    assess,
    check_edge,
    check_verb,
    highest,
    is_further,
    marks_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAN = Target(replicas=3, deadline=timedelta(seconds=60))
READY = DeploymentState(
    uid="u",
    resource_version="1",
    generation=5,
    observed_generation=5,
    spec_replicas=3,
    paused=False,
    replicas=3,
    updated_replicas=3,
    ready_replicas=3,
    available_replicas=3,
    revision=2,
    rollout="r",
    epoch=1,
    is_deleting=False,
    conditions=[],
)


def seen(**changes: object) -> DeploymentState:
    return msgspec.structs.replace(READY, **changes)


def judged(observed: DeploymentState, *, since: datetime = NOW) -> Assessment:
    return assess(observed, PLAN, progressed_at=since, now=NOW)


@pytest.mark.parametrize(
    ("observed", "outcome", "reason"),
    [
        pytest.param(
            seen(observed_generation=4),
            Outcome.WAIT,
            Reason.WAITING_FOR_OBSERVATION,
            id="not observed, whatever the numbers say",
        ),
        pytest.param(
            seen(updated_replicas=2), Outcome.WAIT, Reason.WAITING_FOR_PODS, id="too few new pods"
        ),
        pytest.param(
            seen(replicas=4), Outcome.WAIT, Reason.WAITING_FOR_OLD_PODS, id="an old pod remains"
        ),
        pytest.param(
            seen(replicas=4, updated_replicas=4, ready_replicas=4, available_replicas=4),
            Outcome.WAIT,
            Reason.WAITING_FOR_OLD_PODS,
            id="scaled down, and one too many remains",
        ),
        pytest.param(
            seen(available_replicas=2), Outcome.WAIT, Reason.WAITING_FOR_PODS, id="not available"
        ),
        pytest.param(READY, Outcome.DONE, Reason.COMPLETED, id="all new pods are ready"),
    ],
)
def test_deployment_is_judged_most_specific_first(observed, outcome, reason):
    assessment = judged(observed)
    assert (assessment.outcome, assessment.reason) == (outcome, reason)


def test_ready_old_pods_never_count_as_done():
    old_only = seen(replicas=3, updated_replicas=0, ready_replicas=3, available_replicas=3)
    assessment = judged(old_only)
    assert assessment.outcome is Outcome.WAIT
    assert assessment.counts.ready == 0


def test_numbers_of_what_was_wanted_before_are_not_told_as_new():
    unobserved = seen(observed_generation=4)
    assert judged(unobserved).counts is None


@pytest.mark.parametrize(
    ("replicas", "updated", "ready", "shown"),
    [
        pytest.param(3, 1, 2, 0, id="a new pod crashes beside two old ones that are ready"),
        pytest.param(4, 2, 3, 1, id="one of two new pods may be the unready one"),
        pytest.param(4, 2, 4, 2, id="all are ready"),
        pytest.param(4, 2, 1, 0, id="hardly any is"),
        pytest.param(3, 3, 2, 2, id="no old pod is left"),
        pytest.param(2, 2, 4, 2, id="pods that go are still counted as ready"),
    ],
)
def test_old_pods_are_never_counted_as_new_ones(replicas, updated, ready, shown):
    counts = {"replicas": replicas, "updated_replicas": updated}
    observed = seen(**counts, ready_replicas=ready, available_replicas=ready)
    told = judged(observed).counts
    assert (told.updated, told.ready, told.available) == (updated, shown, shown)


@pytest.mark.parametrize(
    ("waited", "outcome"),
    [
        pytest.param(timedelta(seconds=60), Outcome.WAIT, id="at the deadline"),
        pytest.param(timedelta(seconds=61), Outcome.OVERDUE, id="after the deadline"),
    ],
)
def test_deadline_counts_from_the_last_progress(waited, outcome):
    stuck = seen(available_replicas=2)
    assert judged(stuck, since=NOW - waited).outcome is outcome


def test_what_is_complete_is_done_however_late():
    late = judged(READY, since=NOW - timedelta(days=1))
    assert late.outcome is Outcome.DONE


@pytest.mark.parametrize("phase", FINISHED)
def test_nothing_follows_a_final_phase(phase):
    assert not EDGES[phase]


@pytest.mark.parametrize(("before", "after"), list(product(Phase, Phase)))
def test_only_the_edges_of_the_table_are_taken(before, after):
    if after in EDGES[before]:
        check_edge(before, after)
    else:
        with pytest.raises(Conflict) as refusal:
            check_edge(before, after)
        assert refusal.value.reason is Reason.ILLEGAL_TRANSITION


@pytest.mark.parametrize(("verb", "kind", "phase"), list(product(Verb, RolloutKind, Phase)))
def test_a_verb_is_allowed_where_it_takes_an_edge_and_never_in_a_decommission(verb, kind, phase):
    at_pause = Position(steps=2, step=1, is_at_pause=True)
    check = partial(
        check_verb, verb, kind=kind, phase=phase, changes_revision=True, position=at_pause
    )
    if phase in verb.allowed_in and kind is not RolloutKind.DECOMMISSION:
        check()
        if verb.leads_to is not phase:
            check_edge(phase, verb.leads_to)
    else:
        with pytest.raises(Conflict):
            check()


@pytest.mark.parametrize(
    ("position", "is_full", "why_not"),
    [
        (Position(), False, "does not go by steps"),
        (Position(), True, "does not go by steps"),
        (Position(steps=2, step=0), False, "on its way to step 1"),
        (Position(steps=2, step=0), True, None),
        (Position(steps=2, step=1, is_at_pause=True), False, None),
        (Position(steps=2, step=2), False, "past its last step"),
        (Position(steps=2, step=2), True, "past its last step"),
    ],
)
def test_a_rollout_is_promoted_from_a_step_to_the_next(position, is_full, why_not):
    phase = Phase.PROGRESSING
    check = partial(check_verb, Verb.PROMOTE, kind=RolloutKind.DEPLOY, changes_revision=True)
    check = partial(check, phase=phase, position=position, is_full=is_full)
    if why_not is None:
        check()
    else:
        with pytest.raises(Conflict, match=why_not) as refusal:
            check()
        assert ("promote" in refusal.value.details["legal"]) == (position.steps > 0)


def test_what_waits_for_a_promotion_is_not_resumed():
    check = partial(check_verb, Verb.RESUME, kind=RolloutKind.DEPLOY, changes_revision=True)
    at_pause = Position(steps=2, step=1, is_at_pause=True)
    check(phase=Phase.PAUSED, position=at_pause)
    with pytest.raises(Conflict, match="promote it, or abort it"):
        check(phase=Phase.PAUSED, position=replace(at_pause, awaits_promotion=True))


@pytest.mark.parametrize("phase", [Phase.PENDING, Phase.PROGRESSING])
@pytest.mark.parametrize("kind", [RolloutKind.SCALE, RolloutKind.DEPLOY, RolloutKind.ROLLBACK])
def test_what_cannot_be_held_refuses_to_be_paused(kind, phase):
    with pytest.raises(Conflict, match="cannot be paused"):
        check_verb(Verb.PAUSE, kind=kind, phase=phase, changes_revision=False)
    check_verb(Verb.ABORT, kind=kind, phase=phase, changes_revision=False)


def flapping(*ready: int) -> list[tuple[int, ...]]:
    return [marks_of(seen(ready_replicas=n, available_replicas=n), PLAN) for n in ready]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        pytest.param(flapping(1, 0, 1, 0, 1), [True, False, False, False, False], id="it flaps"),
        pytest.param(flapping(0, 1, 1, 2), [True, True, False, True], id="each gets further"),
        pytest.param(
            [
                marks_of(seen(replicas=n, updated_replicas=2, ready_replicas=2), PLAN)
                for n in (4, 3, 4, 2)
            ],
            [True, True, False, True],
            id="old pods go, and one comes back",
        ),
        pytest.param(
            [
                marks_of(seen(replicas=n, updated_replicas=n, ready_replicas=n), PLAN)
                for n in (6, 5, 6, 4)
            ],
            [True, True, False, True],
            id="surplus pods go",
        ),
        pytest.param(
            [marks_of(READY, PLAN), (), marks_of(READY, PLAN)],
            [True, False, False],
            id="a moment in which nothing is known",
        ),
    ],
)
def test_only_what_never_was_before_is_progress(marks, expected):
    high_water: list[int] = []
    seen_progress = []
    for now in marks:
        seen_progress.append(is_further(now, high_water))
        high_water = highest(now, high_water)
    assert seen_progress == expected
