"""What a worker does not expect of one rollout or environment: it is told, counted, and ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from core.reasons import Reason
from core.supervision import FAULTS, UNEXPECTED
from projects import reconcile as environments
from serving.models import Rollout
from serving.rules.lifecycle import Phase
from serving.worker import advance as rollouts
from tests.factories import (
    make_deployed_service,
    make_environment,
    make_project,
    make_revision,
    make_rollout,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[ValueError("odd"), RecursionError("deep"), KeyError("uid")], ids=repr)
def odd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """What nobody expected comes of whatever is asked of the cluster."""
    breaks(monkeypatch, request.param)
    return request.param  # type: ignore[no-any-return]


def breaks(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def client_for(_: Any) -> Any:
        raise error

    for module in (rollouts, environments):
        monkeypatch.setattr(module, "client_for", client_for)


def make(phase: Phase = Phase.PROGRESSING) -> Rollout:
    service = make_deployed_service()
    revisions = {"from_revision": service.current_revision, "to_revision": make_revision(service)}
    return make_rollout(service, phase=phase, **revisions)


def test_a_rollout_says_that_we_are_puzzled_and_is_looked_at_again(odd: Exception) -> None:
    rollout = make()
    assert rollouts.reconcile_rollout(str(rollout.pk)) is False
    rollout.refresh_from_db()
    assert (rollout.phase, rollout.reason) == (Phase.PROGRESSING, Reason.INTERNAL_ERROR)
    assert rollout.message == UNEXPECTED
    assert rollout.lease_until is None
    assert rollout.next_run_at
    (fault,) = FAULTS.take()
    assert (fault.loop, fault.last_object) == ("rollouts", str(rollout.pk))
    assert type(odd).__name__ in fault.last_error


@pytest.mark.parametrize(
    ("phase", "then"),
    [
        (Phase.PROGRESSING, (Phase.ROLLING_BACK, Reason.INTERNAL_ERROR)),
        (Phase.ROLLING_BACK, (Phase.FAILED, Reason.ROLLBACK_FAILED)),
    ],
)
def test_it_ends_at_its_deadline(odd: Exception, phase: Phase, then: tuple[Phase, Reason]) -> None:
    rollout = make(phase)
    long_ago = timezone.now() - timedelta(days=1)
    Rollout.objects.filter(pk=rollout.pk).update(progressed_at=long_ago, attempts=1)
    rollouts.reconcile_rollout(str(rollout.pk))
    rollout.refresh_from_db()
    assert (rollout.phase, rollout.reason) == then


def test_an_outage_of_our_own_is_none_of_the_rollouts_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaks(monkeypatch, OperationalError("gone away"))
    rollout = make()
    with pytest.raises(OperationalError):
        rollouts.reconcile_rollout(str(rollout.pk))
    rollout.refresh_from_db()
    assert rollout.reason != Reason.INTERNAL_ERROR
    assert FAULTS.take() == []


def test_an_environment_says_that_we_are_puzzled(odd: Exception) -> None:
    environment = make_environment(make_project("fraud"))
    type(environment).objects.update(next_run_at=timezone.now())
    environments.reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert (environment.reason, environment.message) == (Reason.INTERNAL_ERROR, UNEXPECTED)
    assert environment.next_run_at > timezone.now()
    (fault,) = FAULTS.take()
    assert fault.loop == "environments"
