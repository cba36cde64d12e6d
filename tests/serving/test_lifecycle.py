"""The rollout machine's rules, by table."""

from datetime import UTC, datetime, timedelta
from itertools import product

import msgspec
import pytest

from clusters.observed import DeploymentState
from core.errors import Conflict
from core.reasons import Reason
from serving.lifecycle import (
    EDGES,
    FINISHED,
    Kind,
    Outcome,
    Phase,
    Plan,
    Verb,
    assess,
    check_edge,
    check_verb,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAN = Plan(revision=2, replicas=3, rollout="r", deadline=timedelta(seconds=60))
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


@pytest.mark.parametrize(
    ("observed", "outcome", "reason"),
    [
        pytest.param(None, Outcome.APPLY, Reason.MISSING, id="absent"),
        pytest.param(seen(revision=1), Outcome.APPLY, Reason.APPLIED, id="another revision"),
        pytest.param(seen(revision=None), Outcome.APPLY, Reason.APPLIED, id="no revision"),
        pytest.param(seen(spec_replicas=2), Outcome.APPLY, Reason.APPLIED, id="other replicas"),
        pytest.param(seen(rollout="x"), Outcome.APPLY, Reason.APPLIED, id="another rollout"),
        pytest.param(seen(paused=True), Outcome.APPLY, Reason.APPLIED, id="still paused"),
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
    assessment = assess(observed, PLAN, progressed_at=NOW, now=NOW)
    assert (assessment.outcome, assessment.reason) == (outcome, reason)


def test_ready_old_pods_never_count_as_done():
    old_only = seen(replicas=3, updated_replicas=0, ready_replicas=3, available_replicas=3)
    assessment = assess(old_only, PLAN, progressed_at=NOW, now=NOW)
    assert assessment.outcome is Outcome.WAIT
    assert assessment.counts.ready == 0


def test_numbers_of_what_was_wanted_before_are_not_told_as_new():
    unobserved = seen(observed_generation=4)
    assert assess(unobserved, PLAN, progressed_at=NOW, now=NOW).counts is None


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
    told = assess(observed, PLAN, progressed_at=NOW, now=NOW).counts
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
    assert assess(stuck, PLAN, progressed_at=NOW - waited, now=NOW).outcome is outcome


def test_what_is_complete_is_done_however_late():
    late = assess(READY, PLAN, progressed_at=NOW - timedelta(days=1), now=NOW)
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


@pytest.mark.parametrize(("verb", "kind", "phase"), list(product(Verb, Kind, Phase)))
def test_a_verb_is_allowed_where_it_takes_an_edge_and_never_in_a_decommission(verb, kind, phase):
    if phase in verb.allowed_in and kind is not Kind.DECOMMISSION:
        check_verb(verb, kind=kind, phase=phase)
        check_edge(phase, verb.leads_to)
    else:
        with pytest.raises(Conflict):
            check_verb(verb, kind=kind, phase=phase)
