"""Temporary scales: they end by themselves, give way to people, and always have room to return."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actor import SYSTEM, Actor
from audit.models import AuditEvent
from core.errors import Conflict, QuotaExceeded
from serving import actions, expiry
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase, RolloutKind, Verb
from serving.rules.temporary import Replicas, scaled, without_temporary
from tests.serving.changes import deploy, fail, finish, reserved

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_temporary_number_stands_before_the_wish_and_leaves_it() -> None:
    peak = scaled(Replicas(2), 9, expires_at=NOON)
    assert (peak.now, peak.permanent, peak.returns_to) == (9, 2, 2)
    assert without_temporary(peak) == Replicas(2)
    assert Replicas(2).returns_to == 0


def test_a_number_for_good_ends_what_was_temporary() -> None:
    assert scaled(Replicas(2, 9, NOON), 4, expires_at=None) == Replicas(4)


@pytest.mark.parametrize(
    ("counts", "now", "is_over"),
    [
        (Replicas(2, 9, NOON), NOON - timedelta(microseconds=1), False),
        (Replicas(2, 9, NOON), NOON, True),
        (Replicas(2), NOON, False),
    ],
    ids=["before", "at its time", "nothing temporary"],
)
def test_it_is_over_at_its_time(counts: Replicas, now: datetime, is_over: bool) -> None:
    assert counts.is_over(now=now) is is_over


@pytest.fixture
def running(service: ModelService, by: Actor) -> ModelService:
    """Two pods with one GPU each, in an environment with four."""
    finish(deploy(service, "1", by))
    service.refresh_from_db()
    return service


def scale(service: ModelService, replicas: int, by: Actor, **how: timedelta) -> Rollout:
    return actions.start_scale(service=service, replicas=replicas, by=by, **how)


def expire(service: ModelService) -> None:
    """Let the time of a temporary scale come, and leave no drift."""
    past = timezone.now() - timedelta(seconds=1)
    ModelService.objects.filter(pk=service.pk).update(temporary_expires_at=past, drift=[])


def sweep() -> list[Rollout]:
    """Do what a tick of the sweeper does; return the rollouts that it started."""
    before = set(Rollout.objects.values_list("pk", flat=True))
    for service_id in list(expiry.due_services()):
        expiry.end_temporary_scale(str(service_id))
    return list(Rollout.objects.exclude(pk__in=before))


def counts(service: ModelService) -> tuple[int, int | None, int]:
    service.refresh_from_db()
    return service.replicas, service.temporary_replicas, service.desired_replicas


def test_it_returns_by_an_ordinary_rollout_of_the_system(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    assert counts(running) == (2, 4, 4)
    assert sweep() == []
    expire(running)
    (back,) = sweep()
    assert (back.kind, back.to_replicas, back.started_by) == (RolloutKind.SCALE, 2, "slipway")
    assert str(back.note) == "The temporary scale to 4 replicas has ended."
    finish(back)
    assert counts(running) == (2, None, 2)
    assert reserved(running) == 2
    assert sweep() == []


def test_each_step_is_audited(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)
    sweep()
    rows = AuditEvent.objects.filter(action="rollout.start", after__kind="scale").order_by("id")
    stated, ended = [(row.actor, row.after["settings"]["temporary_replicas"]) for row in rows]
    assert (stated, ended) == (("dana", 4), ("slipway", None))


def test_a_return_before_its_time_is_refused_under_the_lock(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    assert actions.start_return(service=running, now=timezone.now(), by=SYSTEM) is None
    assert counts(running) == (2, 4, 4)


def test_a_return_that_is_rung_for_twice_happens_once(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)
    assert len(sweep()) == 1
    expiry.end_temporary_scale(str(running.pk))
    assert Rollout.objects.unfinished().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_returns_at_once_one_is_started(by, running):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)

    def attempt(_: int) -> None:
        try:
            expiry.end_temporary_scale(str(running.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(8)))
    assert Rollout.objects.filter(started_by="slipway").count() == 1


def test_a_return_waits_for_the_rollout_that_runs(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    upgrade = deploy(running, "2", by)
    expire(running)
    assert list(expiry.due_services()) == []
    with pytest.raises(Conflict):
        actions.start_return(service=running, now=timezone.now(), by=SYSTEM)
    assert counts(running)[1] == 4, "the temporary scale was dropped instead of kept waiting"
    finish(upgrade)
    expire(running)
    (back,) = sweep()
    assert back.to_revision == upgrade.to_revision


@pytest.mark.parametrize("change", ["deploy", "restart", "rollback"])
def test_other_rollouts_keep_the_temporary_number(running, by, change):
    finish(deploy(running, "2", by))
    finish(scale(running, 3, by, expires_in=HOUR))
    started = {
        "deploy": lambda: deploy(running, "1", by),
        "restart": lambda: actions.start_restart(service=running, by=by),
        "rollback": lambda: actions.start_rollback(service=running, number=1, by=by),
    }[change]()
    assert started.to_replicas == 3
    finish(started)
    assert counts(running) == (2, 3, 3)


@pytest.mark.parametrize("change", ["scale", "deploy"])
def test_whoever_states_a_number_meanwhile_means_it_for_good(running, by, change):
    finish(scale(running, 4, by, expires_in=HOUR))
    if change == "scale":
        finish(scale(running, 3, by))
    else:
        finish(deploy(running, "2", by, replicas=3))
    assert counts(running) == (3, None, 3)
    assert sweep() == []
    assert reserved(running) == 3


def test_a_decommission_ends_it(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)
    finish(actions.start_decommission(service=running, by=by))
    assert counts(running) == (2, None, 0)
    assert sweep() == []
    assert reserved(running) == 0


def test_a_number_for_a_while_is_admitted_like_any_other(running, by):
    with pytest.raises(QuotaExceeded):
        scale(running, 5, by, expires_in=HOUR)
    assert counts(running) == (2, None, 2)


@pytest.mark.parametrize("fewer", [0, 1])
def test_the_room_to_return_to_more_is_kept(running, by, fewer):
    finish(scale(running, fewer, by, expires_in=HOUR))
    assert (counts(running), reserved(running)) == ((2, fewer, fewer), 2)
    restart = actions.start_restart(service=running, by=by)
    assert reserved(running) == 2
    finish(restart)
    assert reserved(running) == 2
    expire(running)
    (back,) = sweep()
    assert reserved(running) == 2
    finish(back)
    assert (counts(running), reserved(running)) == ((2, None, 2), 2)


def test_a_larger_revision_has_room_to_return_too(running, by):
    finish(scale(running, 1, by, expires_in=HOUR))
    two = {"requests": running.requests * 2, "limits": running.limits * 2}
    upgrade = deploy(running, "2", by, **two)
    assert reserved(running) == 4
    finish(upgrade)
    assert reserved(running) == 4


def test_fewer_pods_for_a_while_can_be_changed_to_all_of_the_quota(running, by):
    finish(scale(running, 0, by, expires_in=HOUR))
    finish(scale(running, 4, by))
    assert (counts(running), reserved(running)) == ((4, None, 4), 4)


def test_a_number_that_is_only_drafted_is_not_returned_to(running, by):
    finish(scale(running, 1, by, expires_in=HOUR))
    actions.update_service(service=running, changes={"replicas": 900}, by=by)
    expire(running)
    (back,) = sweep()
    finish(back)
    assert (counts(running), reserved(running)) == ((2, None, 2), 2)
    assert running.draft == {"replicas": 900}


def test_a_failed_temporary_scale_leaves_nothing_behind(running, by):
    fail(scale(running, 4, by, expires_in=HOUR))
    assert (counts(running), reserved(running)) == ((2, None, 2), 2)


def test_an_aborted_return_keeps_what_runs_and_is_tried_again_later(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)
    (back,) = sweep()
    actions.control(Verb.ABORT, rollout=back, by=by)
    fail(back, Phase.ABORTED)
    assert (counts(running), reserved(running)) == ((2, 4, 4), 4)
    assert sweep() == []
    expire(running)
    assert len(sweep()) == 1


def test_a_return_waits_while_others_have_written_what_nobody_has_seen(running, by):
    finish(scale(running, 4, by, expires_in=HOUR))
    expire(running)
    ModelService.objects.update(drift=[{"object": "Deployment/scorer", "field": "spec.paused"}])
    assert sweep() == []
    ModelService.objects.update(drift=[])
    assert len(sweep()) == 1


def test_a_return_with_nothing_to_change_starts_no_rollout(running, by):
    finish(scale(running, 2, by, expires_in=HOUR))
    expire(running)
    assert sweep() == []
    assert counts(running) == (2, None, 2)
