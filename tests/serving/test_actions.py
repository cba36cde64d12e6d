"""Actions on services and rollouts: admission, history, races. PostgreSQL decides."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from audit.models import AuditEvent
from clusters.models import Cluster
from core.errors import Conflict, QuotaExceeded, Refusal
from core.reasons import Reason
from projects.models import Reservation
from serving import actions
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import wanted_of
from serving.models import ModelService, Revision, Rollout
from serving.rules.lifecycle import Counts, Phase, Verb
from serving.tasks import judge_again
from serving.worker.apply import manifests_of, record_intent
from serving.worker.claim import claim, renew
from serving.worker.commit import commit
from serving.worker.outcome import Finding
from tests.factories import make_pod
from tests.serving.changes import deploy, fail, finish, reserved


def test_a_rollout_reserves_its_peak_and_keeps_what_remains(service, by):
    finish(deploy(service, "1", by))
    assert reserved(service) == 2
    upgrade = deploy(service, "2", by)
    assert (reserved(service), upgrade.strategy["max_surge"]) == (3, 1)
    finish(upgrade)
    assert reserved(service) == 2
    service.refresh_from_db()
    assert service.current_revision is not None
    assert service.current_revision.version.version == "2"


def test_without_room_for_a_surge_pods_are_replaced_one_at_a_time(service, by):
    finish(deploy(service, "1", by, replicas=4))
    upgrade = deploy(service, "2", by)
    assert upgrade.strategy == {"type": "rolling", "max_surge": 0, "max_unavailable": 1}
    assert reserved(service) == 4


def test_a_refused_rollout_leaves_no_trace(service, by):
    audited = AuditEvent.objects.count()
    with pytest.raises(QuotaExceeded) as refusal:
        deploy(service, "1", by, replicas=5)
    assert refusal.value.details["headroom"] == "4"
    service.refresh_from_db()
    assert (service.replicas, service.draft) == (2, {})
    assert (Rollout.objects.count(), Revision.objects.count()) == (0, 0)
    assert not Reservation.objects.exists()
    assert AuditEvent.objects.count() == audited


def test_a_second_rollout_is_refused_while_one_runs(service, by):
    deploy(service, "1", by)
    with pytest.raises(Conflict) as refusal:
        actions.start_restart(service=service, by=by)
    assert refusal.value.reason is Reason.ROLLOUT_IN_PROGRESS


def test_same_content_is_the_same_revision_and_a_restart_is_a_new_one(service, by):
    finish(deploy(service, "1", by))
    again = deploy(service, "1", by)
    assert again.to_revision.number == 1
    finish(again)
    assert actions.start_restart(service=service, by=by).to_revision.number == 2


def test_rollback_returns_settings_and_image_together(service, by):
    finish(deploy(service, "1", by, env={"THRESHOLD": "0.5"}))
    finish(deploy(service, "2", by, env={"THRESHOLD": "0.9"}))
    back = actions.start_rollback(service=service, number=None, by=by)
    assert (back.to_revision.version.version, back.to_revision.spec["env"]) == (
        "1",
        {"THRESHOLD": "0.5"},
    )


def test_rollback_without_an_earlier_good_revision_is_refused(service, by):
    finish(deploy(service, "1", by))
    with pytest.raises(Conflict) as refusal:
        actions.start_rollback(service=service, number=None, by=by)
    assert refusal.value.reason is Reason.NOTHING_TO_ROLL_BACK_TO


def test_what_a_rollout_brings_is_the_services_when_it_has_succeeded(service, by):
    first = deploy(service, "1", by, env={"A": "1"}, replicas=3)
    service.refresh_from_db()
    assert (service.env, service.replicas) == ({}, 2)
    finish(first)
    service.refresh_from_db()
    assert (service.env, service.replicas) == ({"A": "1"}, 3)


@pytest.mark.parametrize("end", [Phase.FAILED, Phase.ABORTED])
def test_what_did_not_succeed_leaves_the_settings_and_the_number(service, by, end):
    finish(deploy(service, "1", by, env={"A": "1"}))
    other = deploy(service, "2", by, env={"A": "2"}, replicas=4, node_selector={"zone": "x"})
    if end is Phase.ABORTED:
        actions.control(Verb.ABORT, rollout=other, by=by)
    fail(other, end)
    again = deploy(service, "2", by)
    assert again.to_revision.spec["env"] == {"A": "1"}
    assert again.to_revision.spec.get("node_selector", {}) == {}
    assert again.to_replicas == 2


def test_a_rollback_takes_its_settings_and_no_pod_more(service, by):
    finish(deploy(service, "1", by, env={"A": "1"}))
    finish(deploy(service, "2", by, env={"A": "2"}, replicas=3))
    back = actions.start_rollback(service=service, number=1, by=by)
    assert back.to_replicas == 3
    finish(back)
    service.refresh_from_db()
    assert (service.env, service.replicas) == ({"A": "1"}, 3)
    assert deploy(service, "2", by).to_revision.spec["env"] == {"A": "1"}


def test_a_draft_waits_for_a_rollout_that_succeeds(service, by):
    finish(deploy(service, "1", by))
    actions.update_service(service=service, changes={"env": {"A": "1"}, "port": 8080}, by=by)
    service.refresh_from_db()
    assert (service.env, service.draft) == ({}, {"env": {"A": "1"}})
    restart = actions.start_restart(service=service, by=by)
    assert restart.to_revision.spec["env"] == {}, "a restart is of what runs"
    finish(restart)
    failing = deploy(service, "2", by)
    assert failing.to_revision.spec["env"] == {"A": "1"}
    fail(failing)
    service.refresh_from_db()
    assert service.draft == {"env": {"A": "1"}}
    actions.update_service(service=service, changes={"env": {"A": "2"}}, by=by)
    finish(deploy(service, "2", by))
    service.refresh_from_db()
    assert (service.env, service.draft) == ({"A": "2"}, {})


def test_a_draft_that_was_changed_during_its_rollout_stays(service, by):
    finish(deploy(service, "1", by))
    actions.update_service(service=service, changes={"env": {"A": "1"}}, by=by)
    rollout = deploy(service, "2", by)
    actions.update_service(service=service, changes={"env": {"A": "2"}}, by=by)
    finish(rollout)
    service.refresh_from_db()
    assert (service.env, service.draft) == ({"A": "1"}, {"env": {"A": "2"}})


def test_a_draft_can_be_discarded_and_undone(service, by):
    finish(deploy(service, "1", by))
    actions.update_service(service=service, changes={"replicas": 4}, by=by)
    actions.update_service(service=service, changes={"replicas": 2}, by=by)
    service.refresh_from_db()
    assert service.draft == {}
    actions.update_service(service=service, changes={"replicas": 4, "env": {"A": "1"}}, by=by)
    actions.discard_draft(service=service, by=by)
    service.refresh_from_db()
    assert service.draft == {}
    actions_done = AuditEvent.objects.filter(action__startswith="service.").values_list(
        "action", flat=True
    )
    assert sorted(set(actions_done)) == ["service.discard_draft", "service.draft"]


def test_what_ran_with_no_pods_is_not_what_a_rollback_returns_to(service, by):
    finish(deploy(service, "1", by))
    finish(actions.start_scale(service=service, replicas=0, by=by))
    finish(deploy(service, "2", by, env={"BAD": "1"}))
    bad = service.revisions.get(number=2)
    assert bad.succeeded_at is None
    finish(deploy(service, "1", by, env={"OTHER": "1"}))
    with pytest.raises(Conflict):
        actions.start_rollback(service=service, number=2, by=by)
    assert actions.start_rollback(service=service, number=None, by=by).to_revision.number == 1


def test_a_revision_is_good_once_pods_of_it_ran(service, by):
    finish(deploy(service, "1", by, replicas=0))
    assert service.revisions.get().succeeded_at is None
    finish(actions.start_scale(service=service, replicas=1, by=by))
    assert service.revisions.get().succeeded_at is not None


def test_the_ledger_is_never_below_what_failed_changes_left(service, by):
    """Three pods may be there when a second first deployment has failed too."""
    first = deploy(service, "1", by)
    keep_applied(first)
    finish(first, Phase.FAILED)
    assert reserved(service) == 2
    second = deploy(service, "2", by)
    keep_applied(second)
    finish(second, Phase.FAILED)
    assert reserved(service) >= 3
    assert reserved(service) <= 4
    service.refresh_from_db()
    make_pod(service)
    for _ in range(4):
        make_pod(service)
    refresh_services({service.pk})
    assert reserved(service) == 5, "what runs is a fact"


def keep_applied(rollout: Rollout) -> None:
    """Note what a worker would have written for a rollout."""
    claimed = claim(str(rollout.pk))
    record_intent(claimed)
    manifests = manifests_of(claimed, claimed.to_revision, None)
    finding = Finding(
        Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "", Counts(), applied=manifests, is_begun=True
    )
    commit(claimed, finding)


def test_room_is_given_back_when_the_last_old_pod_is_gone(service, by):
    finish(deploy(service, "1", by))
    service.refresh_from_db()
    make_pod(service, revision=2)
    make_pod(service, revision=2)
    ending = make_pod(service, revision=1, is_terminating=True)
    finish(deploy(service, "2", by))
    assert reserved(service) == 3, "a pod that ends still holds its card"
    with pytest.raises(QuotaExceeded):
        actions.start_scale(service=service, replicas=4, by=by)
    ending.delete()
    refresh_services({service.pk})
    assert reserved(service) == 2
    actions.start_scale(service=service, replicas=4, by=by)


def test_an_old_mirror_gives_no_room_back(service, by):
    finish(deploy(service, "1", by))
    service.refresh_from_db()
    pods = [make_pod(service) for _ in range(3)]
    refresh_services({service.pk})
    assert reserved(service) == 3
    for pod in pods:
        pod.delete()
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(hours=1))
    refresh_services({service.pk})
    judge_again()
    assert reserved(service) == 3
    Cluster.objects.update(mirrored_at=timezone.now())
    judge_again()
    assert reserved(service) == 2, "no event is needed for what was seen meanwhile"
    assert not ModelService.objects.filter(awaits_mirror=True).exists()


def test_a_failed_scale_leaves_the_number_as_it_was(service, by):
    finish(deploy(service, "1", by))
    fail(actions.start_scale(service=service, replicas=4, by=by))
    service.refresh_from_db()
    assert (service.replicas, service.desired_replicas, reserved(service)) == (2, 2, 2)


def test_an_abort_takes_the_rollout_from_the_worker_that_holds_it(service, by):
    rollout = deploy(service, "1", by)
    claimed = claim(str(rollout.pk))
    actions.control(Verb.ABORT, rollout=rollout, by=by)
    late = Finding(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "", Counts())
    assert not commit(claimed, late)
    rollout.refresh_from_db()
    assert (rollout.phase, rollout.failure_reason) == (Phase.ROLLING_BACK, Reason.ABORTED)
    newer = claim(str(rollout.pk))
    assert newer is not None
    assert newer.epoch > claimed.epoch


def test_a_lease_is_renewed_for_its_holder_and_nobody_else(service, by):
    rollout = deploy(service, "1", by)
    claimed = claim(str(rollout.pk))
    later = claimed.lease_until + timedelta(seconds=5)
    renew(claimed, later)
    rollout.refresh_from_db()
    assert rollout.lease_until == later
    actions.control(Verb.ABORT, rollout=rollout, by=by)
    renew(claimed, later)
    rollout.refresh_from_db()
    assert rollout.lease_until is None
    newer = claim(str(rollout.pk))
    renew(claimed, later + timedelta(hours=1))
    rollout.refresh_from_db()
    assert rollout.lease_until == newer.lease_until


def test_whoever_finds_a_rollout_leased_leaves_word(service, by):
    rollout = deploy(service, "1", by)
    claimed = claim(str(rollout.pk))
    assert claim(str(rollout.pk)) is None
    waiting = Finding(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "", Counts())
    assert commit(claimed, waiting), "the word was not heard"
    rollout.refresh_from_db()
    assert rollout.next_run_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_of_many_rollouts_at_once_one_is_accepted(by, service):
    def attempt(version: str) -> str:
        try:
            deploy(service, version, by)
        except Refusal as refusal:
            return refusal.reason
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, ["1", "2"] * 4))
    assert sorted(outcomes) == ["RolloutInProgress"] * 7 + ["accepted"]
    assert reserved(service) == 2


@pytest.mark.django_db(transaction=True)
def test_what_waited_for_a_rollout_to_end_sees_what_it_left(by, service):
    first = deploy(service, "1", by)
    has_settled, may_commit = Event(), Event()

    def settle_slowly() -> None:
        with transaction.atomic():
            finish(first)
            has_settled.set()
            may_commit.wait(10)
        connection.close()

    def look() -> Revision | None:
        with transaction.atomic():
            seen = actions.locked(service).current_revision
        connection.close()
        return seen

    with ThreadPoolExecutor(2) as pool:
        pool.submit(settle_slowly)
        assert has_settled.wait(10)
        looking = pool.submit(look)
        wait([looking], timeout=0.5)
        may_commit.set()
        assert looking.result(10) == first.to_revision


def test_a_return_that_failed_leaves_the_numbers_of_before(service, by):
    finish(deploy(service, "1", by))
    scale = actions.start_scale(service=service, replicas=4, by=by)
    claimed = claim(str(scale.pk))
    record_intent(claimed)
    for phase in (Phase.PROGRESSING, Phase.ROLLING_BACK, Phase.FAILED):
        finding = Finding(phase, Reason.ROLLBACK_FAILED, "", Counts(), is_begun=True)
        commit(claimed, finding)
        claimed = claim(str(scale.pk)) or claimed
    service.refresh_from_db()
    assert (service.replicas, service.desired_replicas) == (2, 2)
    assert reserved(service) == 4, "pods of both may still run"


def test_the_clock_runs_forward(service, by):
    rollout = deploy(service, "1", by)
    rollout.refresh_from_db()
    assert rollout.to_revision.version.created_at <= rollout.created_at <= rollout.admitted_at


def test_a_workers_pass_is_no_new_version_of_the_service(service, by):
    rollout = deploy(service, "1", by)
    service.refresh_from_db()
    before = service.updated_at
    claimed = claim(str(rollout.pk))
    waiting = Finding(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "", Counts())
    commit(claimed, waiting)
    service.refresh_from_db()
    assert service.updated_at == before


def test_what_is_drafted_during_a_rollout_is_not_lost_where_it_equals_what_was(service, by):
    finish(deploy(service, "1", by))
    rollout = deploy(service, "2", by, replicas=3)
    actions.update_service(service=service, changes={"replicas": 2}, by=by)
    finish(rollout)
    service.refresh_from_db()
    assert (service.replicas, service.draft) == (3, {"replicas": 2})


def test_what_was_written_on_the_way_is_not_what_a_service_should_be(service, by):
    first = deploy(service, "1", by)
    keep_applied(first)
    finish(first)
    service.refresh_from_db()
    assert image_of(wanted_of(service)) == first.to_revision.spec["image"]
    second = deploy(service, "2", by)
    keep_applied(second)
    claimed = claim(str(second.pk))
    commit(claimed, Finding(Phase.FAILED, Reason.FIELDS_OF_OTHERS, ""))
    service.refresh_from_db()
    assert image_of(wanted_of(service)) == first.to_revision.spec["image"]


def image_of(manifests):
    (deployment,) = [m for m in manifests if m["kind"] == "Deployment"]
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]


def test_a_retry_asks_for_the_same_whatever_was_drafted_since(service, by):
    finish(deploy(service, "1", by))
    failed = deploy(service, "2", by, env={"THRESHOLD": "0.5"}, replicas=1)
    fail(failed)
    failed.refresh_from_db()
    service.refresh_from_db()
    actions.update_service(service=service, changes={"env": {"THRESHOLD": "0.9"}}, by=by)
    again = actions.start_retry(service=service, rollout=failed, by=by)
    assert (again.kind, again.to_revision, again.to_replicas) == ("deploy", failed.to_revision, 1)
    finish(again)
    service.refresh_from_db()
    assert (service.env, service.replicas) == ({"THRESHOLD": "0.5"}, 1)
    assert service.draft == {"env": {"THRESHOLD": "0.9"}}


def test_a_retry_leaves_settings_that_are_those_of_its_pods(service, by):
    finish(deploy(service, "1", by, env={"THRESHOLD": "0.5"}))
    failed = deploy(service, "2", by)
    fail(failed)
    failed.refresh_from_db()
    service.refresh_from_db()
    finish(deploy(service, "1", by, env={"THRESHOLD": "0.9"}))
    service.refresh_from_db()
    finish(actions.start_retry(service=service, rollout=failed, by=by))
    service.refresh_from_db()
    assert service.env == service.current_revision.spec["env"] == {"THRESHOLD": "0.5"}


def test_a_retried_temporary_scale_lasts_as_long_as_it_should_have(service, by):
    finish(deploy(service, "1", by))
    hour = timedelta(hours=1)
    failed = actions.start_scale(service=service, replicas=3, expires_in=hour, by=by)
    fail(failed)
    Rollout.objects.update(created_at=F("created_at") - timedelta(hours=5))
    failed.refresh_from_db()
    failed.settings["temporary_expires_at"] = (failed.created_at + hour).isoformat()
    again = actions.start_retry(service=service, rollout=failed, by=by)
    finish(again)
    service.refresh_from_db()
    left = service.temporary_expires_at - timezone.now()
    assert (service.temporary_replicas, hour - left < timedelta(minutes=1)) == (3, True)


@pytest.mark.parametrize("phase", [Phase.PROGRESSING, Phase.SUCCEEDED])
def test_only_what_failed_or_was_aborted_is_retried(service, by, phase):
    rollout = deploy(service, "1", by)
    if phase is Phase.SUCCEEDED:
        finish(rollout)
        rollout.refresh_from_db()
    with pytest.raises(Conflict) as refusal:
        actions.start_retry(service=service, rollout=rollout, by=by)
    assert refusal.value.reason is Reason.ILLEGAL_TRANSITION


def test_what_resolved_drift_is_looked_at_again_and_not_retried(service, by):
    finish(deploy(service, "1", by))
    failed = deploy(service, "2", by)
    fail(failed)
    failed.refresh_from_db()
    failed.resolves = [{"object": "Deployment", "field": "spec.replicas"}]
    with pytest.raises(Conflict, match="Look at what differs now"):
        actions.start_retry(service=service, rollout=failed, by=by)
