"""Housekeeping."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.idempotency import KEY_LIFETIME
from accounts.models import IdempotentRequest
from clusters.models import ClusterEvent, Heartbeat, LoopFault
from ops.heartbeats import KEPT_FOR

EVENTS_KEPT = timedelta(days=7)


@shared_task(name="ops.remove_expired_rows")
def remove_expired_rows() -> None:
    now = timezone.now()
    IdempotentRequest.objects.filter(created_at__lt=now - KEY_LIFETIME).delete()
    ClusterEvent.objects.filter(last_seen_at__lt=now - EVENTS_KEPT).delete()
    Heartbeat.objects.filter(at__lt=now - KEPT_FOR).delete()
    LoopFault.objects.filter(last_at__lt=now - KEPT_FOR).delete()
    Session.objects.filter(expire_date__lt=now).delete()
