"""The judge finds what is wrong in a run, and nothing in one that is right."""

import orjson
import pytest

from tests.faults.evidence import AUDIT_LOG, AuditRow, Evidence, writes_in
from tests.faults.invariants import INVARIANTS, judge
from tests.faults.story import (
    DEPLOY,
    NAME,
    NAMESPACE,
    SCALE,
    SERVICE,
    Story,
    at,
    attempt,
    deployment,
    ledger,
    pod,
    rollout,
    transition,
    write,
)

NAMES = {name.split()[0]: name for name in INVARIANTS}


@pytest.fixture
def story() -> Story:
    return Story()


def broken(story: Story) -> set[str]:
    """Return the invariants that do not hold, by their numbers."""
    return {violation.invariant.split()[0] for violation in judge(story.evidence())}


def sentences(story: Story) -> str:
    return " ".join(violation.sentence for violation in judge(story.evidence()))


def test_a_run_in_which_all_is_well(story: Story) -> None:
    assert judge(story.evidence()) == []


def test_i1_an_accepted_rollout_that_is_nowhere(story: Story) -> None:
    story.entries.append(attempt("key-3", "restart", 20, id="rollout-3"))
    story.audit.append(AuditRow(action="other", object_id="", request_id="key-3-20"))
    assert broken(story) == {"I1"}
    assert "rollout-3, which is nowhere" in sentences(story)


def test_i1_an_accepted_rollout_that_never_ends(story: Story) -> None:
    story.change(SCALE, phase="Progressing", finished_at=None)
    del story.transitions[-1]
    assert broken(story) == {"I1"}


def test_i1_an_accepted_pause_that_was_not_carried_out(story: Story) -> None:
    story.entries.append(attempt("key-3", "pause", 14, 200, id=SCALE))
    story.audit.append(AuditRow(action="other", object_id="", request_id="key-3-14"))
    assert "pause was accepted and not carried out" in sentences(story)
    assert broken(story) == {"I1"}


def test_i1_a_wish_with_two_answers(story: Story) -> None:
    story.entries.append(attempt("key-1", "rollouts", 3, id=SCALE))
    assert broken(story) == {"I1"}


def test_i2_a_wish_that_was_carried_out_twice(story: Story) -> None:
    again = rollout("rollout-3", "scale", "key-2", 18, 19, to_replicas=2)
    story.rollouts.append(again)
    story.audit.append(AuditRow(action="rollout.start", object_id="rollout-3", request_id=""))
    assert broken(story) == {"I2"}
    assert "key-2 made 2 rollouts" in sentences(story)


def test_i2_a_wish_that_was_refused_and_carried_out(story: Story) -> None:
    story.entries[3] = attempt("key-2", "scale", 12, status=409)
    assert broken(story) == {"I2"}


def test_i2_a_pause_that_was_carried_out_twice(story: Story) -> None:
    story.entries.append(attempt("key-3", "pause", 14, 200, id=SCALE))
    row = AuditRow(action="rollout.pause", object_id=SCALE, request_id="key-3-14")
    story.audit += [row, row]
    assert broken(story) == {"I2"}


def test_i2_a_step_that_changed_the_cluster_twice(story: Story) -> None:
    again = deployment(14, generation=3, rollout=SCALE, epoch=4, replicas=2)
    story.writes.append(write(16, again))
    assert broken(story) == {"I2"}
    assert "changed it 2 times for 1" in sentences(story)


def test_a_hold_and_a_return_are_steps_of_their_own(story: Story) -> None:
    again = deployment(14, generation=3, rollout=SCALE, epoch=4, replicas=2, ready=2)
    story.writes.append(write(16, again))
    story.transitions[4:] = [
        transition(SCALE, 13, "Pending", "Progressing"),
        transition(SCALE, 14, "Progressing", "Paused"),
        transition(SCALE, 15, "Paused", "Progressing"),
        transition(SCALE, 17, "Progressing", "Succeeded"),
    ]
    assert broken(story) == set()


def test_steps_change_it_more_often_and_may_delete_it(story: Story) -> None:
    writes = [
        write(13.1 + n / 10, deployment(20 + n, generation=3 + n, rollout=SCALE, epoch=3))
        for n in range(5)
    ]
    story.writes[-1:-1] = writes
    assert "I2" in broken(story)
    story.change(SCALE, by_steps=True)
    assert "I2" not in broken(story)


def test_i2_an_older_epoch_over_a_newer(story: Story) -> None:
    back = deployment(14, generation=2, rollout=SCALE, epoch=2, replicas=2, ready=2)
    story.writes.append(write(16, back))
    assert broken(story) == {"I2"}


def test_a_dry_run_changes_nothing(story: Story) -> None:
    wish = deployment(13, generation=3, rollout=SCALE, epoch=2, replicas=2)
    story.writes.append(write(16, wish, requestURI="/apis/apps/v1?dryRun=All"))
    assert broken(story) == set()


def test_i2_two_rollouts_in_one_epoch(story: Story) -> None:
    story.writes[3] = write(13, deployment(12, generation=2, rollout=SCALE, epoch=1, replicas=2))
    assert "epoch 1 has two rollouts" in sentences(story)
    assert broken(story) == {"I2"}


def test_i3_a_ledger_that_does_not_add_up(story: Story) -> None:
    story.entries.append(ledger(18, 750, promised=500))
    assert broken(story) == {"I3"}


def test_i3_a_quota_that_is_oversold(story: Story) -> None:
    story.entries.append(ledger(18, 1250))
    assert "1250 cpu reserved of 1000" in sentences(story)
    assert broken(story) == {"I3"}


def test_i3_pods_that_the_ledger_does_not_know(story: Story) -> None:
    story.writes.append(pod(17, "pod-3"))
    story.entries.append(ledger(18, 500))
    assert "pods hold 750 cpu, the ledger has 500" in sentences(story)
    assert broken(story) == {"I3"}


def test_a_pod_that_is_gone_holds_nothing(story: Story) -> None:
    story.writes.append(pod(17, "pod-3"))
    status = {"kind": "Status"}
    gone = {"verb": "delete", "resource": "pods", "name": "pod-3"}
    story.writes.append(write(17.5, status, by="admin", **gone))
    assert broken(story) == set()


def test_i3_a_promise_that_is_never_given_back(story: Story) -> None:
    story.ending["ledger"] = ledger(30, 750)
    assert broken(story) == {"I3"}


def test_i4_a_rollout_whose_start_is_not_audited(story: Story) -> None:
    del story.audit[1]
    assert broken(story) == {"I4"}


def test_i4_a_change_of_nobody(story: Story) -> None:
    stranger = deployment(14, generation=2, rollout="rollout-9", epoch=4, replicas=2, ready=2)
    story.writes.append(write(16, stranger))
    assert broken(story) == {"I4"}


def test_i5_an_edge_that_there_is_not(story: Story) -> None:
    story.transitions[5] = transition(SCALE, 17, "Progressing", "Aborted")
    story.change(SCALE, phase="Aborted", rolled_back=False)
    assert broken(story) == {"I5"}


def test_i5_a_phase_after_the_last(story: Story) -> None:
    story.transitions.append(transition(SCALE, 18, "Succeeded", "Failed"))
    assert broken(story) == {"I5"}


def test_i5_a_timeline_with_a_gap(story: Story) -> None:
    story.transitions[4] = transition(SCALE, 13, "Pending", "Paused")
    assert broken(story) == {"I5"}


def test_i5_two_rollouts_at_the_same_time(story: Story) -> None:
    story.change(SCALE, created_at=at(7))
    assert broken(story) == {"I5"}


def test_i6_a_claim_that_the_cluster_denies(story: Story) -> None:
    other = deployment(13, generation=2, rollout=SCALE, epoch=3, replicas=3, ready=3)
    story.writes[3] = write(13, deployment(12, generation=2, rollout=SCALE, epoch=3, replicas=3))
    story.writes[5] = write(15, other, by="admin")
    assert "ended Succeeded with r1 x2; the cluster had r1 x3" in sentences(story)
    assert broken(story) == {"I6"}


def test_i6_a_success_before_the_pods_were_available(story: Story) -> None:
    story.change(SCALE, finished_at=at(14))
    assert broken(story) == {"I6"}
    assert "succeeded before its pods were available" in sentences(story)


def test_i6_a_decommission_that_left_something(story: Story) -> None:
    story.change(SCALE, kind="decommission", to_revision=None, to_replicas=0)
    assert "ended Succeeded with rNone x0" in sentences(story)
    assert "I6" in broken(story)


def test_a_write_that_crosses_the_last_one_of_an_object_brings_it_not_back(story: Story) -> None:
    story.change(SCALE, kind="decommission", to_revision=None, to_replicas=0)
    going = {"deletionTimestamp": at(14)}
    told = {"generation": 3, "rollout": SCALE, "epoch": 3, "replicas": 2, **going}
    # The first answers with what it was before it, the second is answered a moment after it.
    story.writes += [
        write(16, deployment(14, **told), by="admin"),
        write(16.001, deployment(15, **told, finalizers=["foregroundDeletion"]), by="admin"),
    ]
    assert "ended Succeeded with rNone" not in sentences(story)
    story.writes.pop(-2)
    assert "ended Succeeded with rNone" in sentences(story)


def test_i6_a_cluster_that_does_not_become_what_is_wanted(story: Story) -> None:
    story.ending["deployments"] = [deployment(20, generation=3, rollout=SCALE, epoch=3, ready=1)]
    assert broken(story) == {"I6"}


def test_i6_a_service_that_is_not_there(story: Story) -> None:
    story.ending["deployments"] = []
    assert "should run r1 and is not there" in sentences(story)
    assert broken(story) == {"I6"}


def test_i6_a_service_that_should_not_be_there(story: Story) -> None:
    story.service |= {"desired_replicas": 0, "current_revision": None}
    assert "should be gone and is there" in sentences(story)


def test_i6_a_port_that_was_left_behind(story: Story) -> None:
    story.ending["ports"] = {SERVICE: 9000}
    assert broken(story) == {"I6"}


def test_i6_a_mirror_of_something_else(story: Story) -> None:
    story.ending["mirrored_pods"] = {NAMESPACE: ["pod-1", "pod-0"]}
    assert broken(story) == {"I6"}


def test_i6_a_service_that_is_never_shown_well_again(story: Story) -> None:
    story.service["health"] = "Degraded"
    assert broken(story) == {"I6"}


def test_i7_old_sight_that_is_not_called_old(story: Story) -> None:
    story.entries.append(story.look(29, "Degraded", observed_at=at(-60)))
    assert broken(story) == {"I7"}


def test_i7_green_on_unknown(story: Story) -> None:
    story.entries.append(story.look(29, stale=True))
    assert broken(story) == {"I7"}


def test_i7_green_that_is_long_over(story: Story) -> None:
    down = deployment(14, generation=2, rollout=SCALE, epoch=3, replicas=2, ready=1)
    story.writes.append(write(20, down, by="admin"))
    story.entries.append(story.look(100))
    assert broken(story) == {"I7"}


def test_i8_a_write_outside_of_what_is_ours(story: Story) -> None:
    story.writes.append(write(20, {}, resource="services", namespace="kube-system", name="dns"))
    assert broken(story) == {"I8"}


def test_i8_a_write_after_the_end_of_its_rollout(story: Story) -> None:
    late = deployment(14, generation=3, rollout=DEPLOY, epoch=3)
    story.writes.append(write(20, late))
    assert "its rollout had ended" in sentences(story)
    assert "I8" in broken(story)


def test_i8_a_change_while_nothing_is_under_way(story: Story) -> None:
    old = {"metadata": {"name": NAME, "resourceVersion": "20"}}
    story.writes.append(write(20, old, resource="services"))
    assert "patch of services" in sentences(story)
    assert broken(story) == {"I8"}


def test_i8_a_deletion_that_nobody_asked_for(story: Story) -> None:
    going = deployment(14, generation=3, rollout=SCALE, epoch=3, replicas=2, deletionTimestamp="x")
    story.writes.append(write(20, going, verb="delete"))
    assert broken(story) == {"I8"}


def test_every_invariant_has_a_red_test() -> None:
    tested = {name.split("_")[1].upper() for name in globals() if name.startswith("test_i")}
    assert tested == set(NAMES)


def test_the_line_in_which_the_api_server_was_killed_is_left_out(tmp_path) -> None:
    line = {
        "verb": "patch",
        "requestReceivedTimestamp": "2026-11-29T12:00:00.000001Z",
        "stageTimestamp": "2026-11-29T12:00:00.100001Z",
        "responseObject": {"metadata": {"resourceVersion": "7"}},
    }
    whole = orjson.dumps(line)
    (tmp_path / AUDIT_LOG).write_bytes(whole + b"\n" + whole[:-30])
    [found] = writes_in(tmp_path / AUDIT_LOG)
    assert found.version == 7


def test_what_is_no_object_any_more_stays_where_it_was_in_time(story: Story) -> None:
    gone = {"verb": "delete", "resource": "pods", "name": "pod-1"}
    story.writes.append(write(14.5, {"kind": "Status"}, by="admin", **gone))
    evidence: Evidence = story.evidence()
    places = [(w.object_ref.resource, w.version) for w in evidence.writes]
    assert places.index(("pods", 0)) > places.index(("deployments", 12))
