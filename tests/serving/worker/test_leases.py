"""Who works on a rollout or an environment, and what becomes of a wake-up, whenever it comes.

One table tests both kinds: their leases, their time and their wake-ups are the same columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actor import SYSTEM
from core.lease import LEASE, LeaseLost
from core.messages import NOTHING_SAID
from core.reasons import Reason
from core.resources import Resources
from projects import actions as environment_actions
from projects import reconcile as environments
from projects.models import Environment
from serving import actions
from serving.models import Rollout
from serving.rules.lifecycle import Counts, Phase, Verb
from serving.worker import claim as rollouts
from serving.worker.commit import commit
from serving.worker.outcome import Finding
from tests import factories
from tests.waiting import waited

REST = timedelta(minutes=5)
# What whoever looks finds.
FOUND = Reason.WAITING_FOR_PODS
GRACE = timedelta(milliseconds=1)
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    """What a worker does with rows of a kind, and what a person does to them."""

    rows: Any
    make: Callable[[], Any]
    claim: Callable[[Any], Any]
    settle: Callable[[Any], bool]
    renew: Callable[[Any, datetime], None]
    check_claimed: Callable[[Any], None]
    intervene: Callable[[Any], object]

    def row(self, row: Any) -> Any:
        return self.rows.get(pk=row.pk)

    def is_due(self, row: Any, *, at: datetime | None = None) -> bool:
        """Return whether a sweep would find it."""
        found: bool = self.rows.due(now=at or timezone.now()).filter(pk=row.pk).exists()
        return found

    def claimed(self) -> Any:
        """Make a row that somebody looks at."""
        row = self.claim(self.make().pk)
        assert row is not None
        return row

    def run_out(self, row: Any) -> None:
        """Let the lease of whoever was killed, or stopped, run out."""
        self.rows.filter(pk=row.pk).update(lease_until=timezone.now() - GRACE)


def make_rollout() -> Rollout:
    service = factories.make_deployed_service()
    to_revision = factories.make_revision(service)
    return factories.make_rollout(service, to_revision=to_revision, next_run_at=timezone.now())


def make_environment() -> Environment:
    environment = factories.make_environment(factories.make_project())
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    return environment


def set_quota(environment: Environment) -> None:
    environment = Environment.objects.get(pk=environment.pk)
    limits = Resources.parse({"cpu": "3"})
    environment_actions.set_quota(
        environment=environment, limits=limits, gpu_products={}, by=SYSTEM
    )


ROLLOUTS = Kind(
    rows=Rollout.objects,
    make=make_rollout,
    claim=lambda pk: rollouts.claim(str(pk)),
    settle=lambda claimed: commit(
        claimed, Finding(Phase.PROGRESSING, FOUND, NOTHING_SAID, Counts(), requeue_after=REST)
    ),
    renew=rollouts.renew,
    check_claimed=rollouts.check_claimed,
    intervene=lambda rollout: actions.control(Verb.ABORT, rollout=rollout, by=SYSTEM),
)
ENVIRONMENTS = Kind(
    rows=Environment.objects,
    make=make_environment,
    claim=environments.claim,
    settle=lambda claimed: environments.commit(
        claimed, environments.Finding(Environment.Phase.READY, FOUND, requeue_after=REST)
    ),
    renew=environments.renew,
    check_claimed=environments.check_claimed,
    intervene=set_quota,
)


@pytest.fixture(params=[ROLLOUTS, ENVIRONMENTS], ids=["rollout", "environment"])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


def rest(kind: Kind, claimed: Any) -> None:
    """End a look after which there is nothing to do for a while."""
    assert not kind.settle(claimed)
    row = kind.row(claimed)
    assert row.reason == FOUND
    assert row.lease_until is None
    assert not kind.is_due(row)
    assert kind.is_due(row, at=timezone.now() + REST)


def test_one_look_answers_all_wakeups_that_came_before_it(kind: Kind) -> None:
    row = kind.make()
    for _ in range(3):
        kind.rows.filter(pk=row.pk).wake(now=timezone.now())
    rest(kind, kind.claim(row.pk))


def test_a_row_that_rests_is_due_when_it_is_woken(kind: Kind) -> None:
    claimed = kind.claimed()
    rest(kind, claimed)
    kind.rows.filter(pk=claimed.pk).wake(now=timezone.now())
    assert kind.is_due(claimed)
    rest(kind, kind.claim(claimed.pk))


def test_while_somebody_looks_nobody_else_does(kind: Kind) -> None:
    claimed = kind.claimed()
    rows = kind.rows.filter(pk=claimed.pk)
    before = rows.values().get()
    assert not kind.is_due(claimed)
    assert kind.claim(claimed.pk) is None
    assert not kind.is_due(claimed), "the lease is nobody's to end"
    assert rows.values().get() == {**before, "wakeups": 1}, "only word is left"
    kind.check_claimed(claimed)


@pytest.mark.parametrize("wakeups", [1, 3])
def test_wakeups_during_a_look_lead_to_another_at_once_and_to_no_more(
    kind: Kind, wakeups: int
) -> None:
    claimed = kind.claimed()
    for _ in range(wakeups):
        assert kind.claim(claimed.pk) is None
    assert kind.settle(claimed), "the wake-up was lost"
    row = kind.row(claimed)
    assert row.reason == FOUND, "what was seen is written all the same"
    assert kind.is_due(row)
    rest(kind, kind.claim(claimed.pk))


def test_whoever_is_woken_during_a_look_looks_again_though_the_ring_is_lost(kind: Kind) -> None:
    claimed = kind.claimed()
    kind.rows.filter(pk=claimed.pk).wake(now=timezone.now())
    assert kind.settle(claimed)
    assert kind.is_due(claimed)


def test_a_ring_of_before_is_not_heard_again_when_the_look_is_over(kind: Kind) -> None:
    claimed = kind.claimed()
    assert kind.claim(claimed.pk) is None
    kind.settle(claimed)
    claimed = kind.claim(claimed.pk)
    assert claimed.wakeups == 1
    rest(kind, claimed)


def test_a_rollout_is_looked_at_whenever_it_is_woken() -> None:
    """An event in the cluster does not write into it."""
    claimed = ROLLOUTS.claimed()
    rest(ROLLOUTS, claimed)
    rest(ROLLOUTS, ROLLOUTS.claim(claimed.pk))


def test_an_environment_is_not_looked_at_twice_for_one_wakeup() -> None:
    """Whoever wakes one has made it due."""
    claimed = ENVIRONMENTS.claimed()
    rest(ENVIRONMENTS, claimed)
    assert ENVIRONMENTS.claim(claimed.pk) is None
    row = ENVIRONMENTS.row(claimed)
    assert (row.wakeups, row.attempts, row.lease_until) == (0, 1, None)


def test_what_a_killed_worker_had_is_due_when_its_lease_is_over(kind: Kind) -> None:
    claimed = kind.claimed()
    assert timezone.now() < claimed.lease_until <= timezone.now() + LEASE
    assert not kind.is_due(claimed, at=claimed.lease_until - GRACE)
    assert kind.is_due(claimed, at=claimed.lease_until)
    kind.run_out(claimed)
    rest(kind, kind.claim(claimed.pk))


@pytest.mark.parametrize("later", [None, timedelta(days=1)], ids=["not ever", "later"])
def test_so_is_what_it_took_before_its_time(later: timedelta | None) -> None:
    rollout = ROLLOUTS.make()
    Rollout.objects.update(next_run_at=later and timezone.now() + later)
    claimed = ROLLOUTS.claim(rollout.pk)
    assert not ROLLOUTS.is_due(claimed)
    assert ROLLOUTS.is_due(claimed, at=claimed.lease_until)


def test_a_ring_that_a_killed_worker_never_heard_is_answered_by_the_next_look(kind: Kind) -> None:
    claimed = kind.claimed()
    assert kind.claim(claimed.pk) is None
    kind.run_out(claimed)
    assert kind.is_due(claimed)
    rest(kind, kind.claim(claimed.pk))


def test_a_renewal_moves_the_lease_and_nothing_else(kind: Kind) -> None:
    claimed = kind.claimed()
    later = claimed.lease_until + LEASE
    kind.renew(claimed, later)
    row = kind.row(claimed)
    assert row.lease_until == later
    assert (row.next_run_at, row.wakeups) == (claimed.next_run_at, claimed.wakeups)
    kind.check_claimed(claimed)
    rest(kind, claimed)


def test_a_look_that_took_longer_than_its_lease_counts_where_nobody_else_looked(
    kind: Kind,
) -> None:
    claimed = kind.claimed()
    kind.run_out(claimed)
    kind.check_claimed(claimed)
    rest(kind, claimed)


def overtaken(kind: Kind) -> tuple[Any, Any]:
    """Return a row as somebody has it whose lease ran out, and as another has it now."""
    claimed = kind.claimed()
    kind.run_out(claimed)
    other = kind.claim(claimed.pk)
    assert other is not None
    return claimed, other


def taken_away(kind: Kind) -> tuple[Any, Any]:
    """Return a row as somebody has it, of which something else is wanted by now."""
    claimed = kind.claimed()
    kind.intervene(claimed)
    return claimed, kind.row(claimed)


def gone(kind: Kind) -> tuple[Any, Any]:
    claimed = kind.claimed()
    claimed.delete()
    claimed.pk = -1 if kind is ENVIRONMENTS else claimed.service_id
    return claimed, None


@pytest.mark.parametrize("lose", [overtaken, taken_away, gone], ids=lambda lose: lose.__name__)
def test_who_has_lost_a_row_writes_nothing_of_it(
    kind: Kind, lose: Callable[[Kind], tuple[Any, Any]]
) -> None:
    claimed, _ = lose(kind)
    before = list(kind.rows.values())
    with pytest.raises(LeaseLost):
        kind.check_claimed(claimed)
    kind.renew(claimed, timezone.now() + timedelta(hours=1))
    assert not kind.settle(claimed)
    assert list(kind.rows.values()) == before


@pytest.mark.parametrize(
    ("kind", "moved"),
    [
        pytest.param(ROLLOUTS, {"epoch": 99}, id="the epoch of a rollout"),
        pytest.param(ROLLOUTS, {"phase": Phase.PAUSED}, id="the phase of a rollout"),
        pytest.param(ROLLOUTS, {"lease_until": None}, id="a rollout paused and resumed"),
        pytest.param(ROLLOUTS, {"attempts": 99}, id="the attempt at a rollout"),
        pytest.param(ENVIRONMENTS, {"generation": 99}, id="the generation of an environment"),
        pytest.param(ENVIRONMENTS, {"lease_until": None}, id="an environment taken away"),
        pytest.param(ENVIRONMENTS, {"attempts": 99}, id="the attempt at an environment"),
    ],
)
def test_each_fence_holds_alone(kind: Kind, moved: dict[str, Any]) -> None:
    claimed = kind.claimed()
    kind.rows.filter(pk=claimed.pk).update(**moved)
    before = list(kind.rows.values())
    with pytest.raises(LeaseLost):
        kind.check_claimed(claimed)
    assert not kind.settle(claimed)
    assert list(kind.rows.values()) == before


def test_what_is_taken_away_is_due_at_once_and_the_nexts(kind: Kind) -> None:
    claimed, row = taken_away(kind)
    assert kind.is_due(row)
    assert row.next_run_at > claimed.next_run_at
    other = kind.claim(row.pk)
    assert other is not None
    assert not kind.settle(claimed)
    kind.check_claimed(other)


def test_who_lost_a_row_hears_none_of_the_rings_that_are_for_the_next(kind: Kind) -> None:
    claimed, other = overtaken(kind)
    assert kind.claim(claimed.pk) is None
    assert not kind.settle(claimed)
    assert kind.settle(other), "the wake-up was lost"


@pytest.mark.django_db(transaction=True)
def test_a_wakeup_that_is_committed_while_a_look_is_written_is_kept(kind: Kind) -> None:
    claimed = kind.claimed()
    wake = lambda: kind.rows.filter(pk=claimed.pk).wake(now=timezone.now())  # noqa: E731
    assert waited(lambda: kind.settle(claimed), wake)
    assert kind.is_due(claimed)


@pytest.mark.django_db(transaction=True)
def test_a_ring_that_waits_for_a_look_to_be_written_leads_to_another(kind: Kind) -> None:
    claimed = kind.claimed()
    rows = kind.rows.filter(pk=claimed.pk)
    assert waited(
        lambda: (rows.wake(now=timezone.now()), kind.claim(claimed.pk))[1],
        lambda: kind.settle(claimed),
    )


@pytest.mark.django_db(transaction=True)
def test_a_new_spec_that_comes_while_a_look_is_written_is_kept(
    kind: Kind,
) -> None:
    claimed = kind.claimed()
    assert not waited(lambda: kind.settle(claimed), lambda: kind.intervene(claimed))
    row = kind.row(claimed)
    assert kind.is_due(row)
    assert row.reason != FOUND
