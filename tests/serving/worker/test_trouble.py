"""What each error of a cluster means for a rollout, by table."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from clusters.apply import FieldsOfOthers, NameTaken, Overridden
from clusters.credentials import UnreadableCredentials
from clusters.errors import (
    AlreadyExists,
    ClusterBusy,
    ClusterConflict,
    ClusterError,
    ClusterForbidden,
    ClusterInvalid,
    ClusterNotFound,
    ClusterUnavailable,
    NodeAway,
    ResourceExpired,
)
from core.messages import quoted
from core.reasons import Reason
from projects.models import Environment
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from serving.worker.advance import on_cluster_error
from serving.worker.outcome import GRACE, REQUEUE_AFTER
from tests.factories import make_deployed_service, make_rollout
from tests.serving.worker.test_outcome import late, rollout

pytestmark = pytest.mark.django_db
UNFINISHED = [Phase.PENDING, Phase.PROGRESSING, Phase.PAUSED, Phase.ROLLING_BACK]
REASONS: dict[type[ClusterError], Reason] = {
    ClusterUnavailable: Reason.CLUSTER_UNAVAILABLE,
    NodeAway: Reason.NODE_AWAY,
    ClusterBusy: Reason.CLUSTER_BUSY,
    ClusterForbidden: Reason.CLUSTER_FORBIDDEN,
    ClusterConflict: Reason.CONFLICT,
    AlreadyExists: Reason.CONFLICT,
    ClusterInvalid: Reason.CLUSTER_REFUSED,
    ClusterNotFound: Reason.CLUSTER_REFUSED,
    ResourceExpired: Reason.CLUSTER_REFUSED,
    FieldsOfOthers: Reason.FIELDS_OF_OTHERS,
    NameTaken: Reason.NAME_TAKEN,
    Overridden: Reason.OVERRIDDEN,
    UnreadableCredentials: Reason.CLUSTER_FORBIDDEN,
}
# Waiting does not help: somebody has to choose.
AT_ONCE = {FieldsOfOthers, NameTaken}
# The namespace may be gone.
MAY_BE_GONE = {ClusterForbidden, UnreadableCredentials, ClusterNotFound}
AWAY = {ClusterUnavailable, NodeAway}
every_error_in_every_phase = pytest.mark.parametrize(
    ("kind", "phase"),
    list(product(REASONS, UNFINISHED)),
    ids=lambda value: getattr(value, "__name__", value),
)


def changing(phase: Phase, make: Callable[..., Rollout] = rollout) -> Rollout:
    """Return a change that no database knows of."""
    service = ModelService(environment=Environment())
    return make(phase, service=service, reason=Reason.ADMITTED)


def test_every_error_of_a_cluster_is_in_the_table():
    def below(kind: type[ClusterError]) -> set[type[ClusterError]]:
        return {kind, *(one for sub in kind.__subclasses__() for one in below(sub))}

    assert below(ClusterError) - {ClusterError} == set(REASONS)


@every_error_in_every_phase
def test_what_is_in_the_way_is_told_and_waited_for(kind, phase):
    found = on_cluster_error(changing(phase), kind(quoted("So it is.")))
    ends = kind in AT_ONCE and phase is not Phase.PAUSED
    assert found.phase is (Phase.FAILED if ends else phase)
    assert (found.reason, str(found.message)) == (REASONS[kind], "So it is.")
    assert found.is_outage is (kind in AWAY)
    assert found.requeue_after == REQUEUE_AFTER


def after_the_deadline(kind: type[ClusterError], phase: Phase) -> Phase:
    if phase is Phase.PAUSED or kind in AWAY:
        return phase
    if kind in AT_ONCE:
        return Phase.FAILED
    return Phase.FAILED if phase is Phase.ROLLING_BACK else Phase.ROLLING_BACK


@every_error_in_every_phase
def test_it_ends_at_the_deadline_unless_nobody_answers_or_it_is_paused(kind, phase):
    found = on_cluster_error(changing(phase, late), kind(quoted("So it is.")))
    then = after_the_deadline(kind, phase)
    assert found.phase is then
    is_lost = then is Phase.FAILED and phase is Phase.ROLLING_BACK and kind not in AT_ONCE
    assert found.reason == (Reason.ROLLBACK_FAILED if is_lost else REASONS[kind])
    assert str(found.message) == "So it is."
    assert found.requeue_after == GRACE


@pytest.mark.parametrize("kind", REASONS, ids=lambda kind: kind.__name__)
def test_an_environment_whose_namespace_may_be_gone_is_looked_at(kind):
    changing = make_rollout(make_deployed_service(), reason=Reason.ADMITTED)
    later = timezone.now() + timedelta(hours=1)
    environments = Environment.objects.filter(pk=changing.service.environment_id)
    environments.update(next_run_at=later)
    on_cluster_error(changing, kind(quoted("So it is.")))
    assert (environments.get().next_run_at < later) is (kind in MAY_BE_GONE)
