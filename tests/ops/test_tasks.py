"""Housekeeping: what is past its time goes, the rest stays."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.actor import SYSTEM
from accounts.idempotency import KEY_LIFETIME
from accounts.models import IdempotentRequest
from audit.models import AuditEvent
from audit.record import record
from clusters.models import ClusterEvent
from ops.tasks import EVENTS_KEPT, remove_expired_rows
from tests import factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def test_kept_answers_go_after_a_day(now: datetime) -> None:
    user = factories.make_user()
    for key, age in {"old": KEY_LIFETIME + MINUTE, "new": KEY_LIFETIME - MINUTE}.items():
        row = IdempotentRequest.objects.create(user=user, key=key, fingerprint=b"")
        IdempotentRequest.objects.filter(pk=row.pk).update(created_at=now - age)
    remove_expired_rows()
    assert IdempotentRequest.objects.get().key == "new"


def test_cluster_events_go_after_a_week_without_news(now: datetime) -> None:
    service = factories.make_service()
    factories.make_cluster_event(service, name="old", last_seen_at=now - EVENTS_KEPT - MINUTE)
    factories.make_cluster_event(service, name="new", last_seen_at=now - EVENTS_KEPT + MINUTE)
    remove_expired_rows()
    assert ClusterEvent.objects.get().name == "new"


def test_sessions_go_when_they_are_over(now: datetime) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=now - MINUTE)
    Session.objects.create(session_key="new", session_data="", expire_date=now + MINUTE)
    remove_expired_rows()
    assert Session.objects.get().session_key == "new"


def test_history_stays() -> None:
    record("project.create", factories.make_project(), by=SYSTEM)
    remove_expired_rows()
    assert AuditEvent.objects.count() == 1


def test_doing_it_twice_does_nothing_more() -> None:
    remove_expired_rows()
    remove_expired_rows()
