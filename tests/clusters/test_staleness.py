"""When a mirror is stale: the rule for values and the one for columns say the same."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from clusters.models import Cluster, MirrorCursor, Node
from clusters.staleness import STALE_AFTER, is_stale, stale
from clusters.standing import is_silent
from serving.diagnosis.health import Health
from serving.models import ModelService
from tests import factories

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
AGES = [
    pytest.param(None, True, id="never heard of"),
    pytest.param(timedelta(0), False, id="heard of now"),
    pytest.param(-timedelta(seconds=5), False, id="heard of by a clock that is ahead"),
    pytest.param(STALE_AFTER, False, id="as old as may be"),
    pytest.param(STALE_AFTER + MOMENT, True, id="a moment older"),
]


@pytest.mark.parametrize(("age", "expected"), AGES)
def test_what_was_last_heard_long_ago_is_not_the_present(
    age: timedelta | None, expected: bool
) -> None:
    assert is_stale(None if age is None else NOW - age, now=NOW) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "expected"), AGES)
def test_rows_and_columns_agree_on_what_is_stale(age: timedelta | None, expected: bool) -> None:
    heard_at = None if age is None else NOW - age
    service = factories.make_service(health=Health.HEALTHY)
    factories.make_node(service.cluster)
    Cluster.objects.update(mirrored_at=heard_at)
    shown = ModelService.objects.with_shown_health(now=NOW).get()
    assert Cluster.objects.get().is_stale(now=NOW) is expected
    assert Cluster.objects.filter(stale("mirrored_at", now=NOW)).exists() is expected
    assert Node.objects.known_ready(now=NOW).exists() is not expected
    assert shown.is_stale is expected  # type: ignore[attr-defined]
    assert is_silent(MirrorCursor(heard_at=heard_at), now=NOW) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "expected"), [(30, False), (90, True)])
def test_the_clock_of_the_database_will_do(seconds: int, expected: bool) -> None:
    factories.make_cluster()
    Cluster.objects.update(mirrored_at=timezone.now() - timedelta(seconds=seconds))
    assert Cluster.objects.filter(stale("mirrored_at", now=Now())).exists() is expected
