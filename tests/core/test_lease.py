"""Leases: kept while their holder is at work, and not a moment longer than they last."""

from datetime import datetime

from django.utils import timezone

from core.lease import LEASE, RENEWAL_SECONDS, renewing
from core.waiting import wait_until


def test_a_lease_is_renewed_while_work_lasts_and_not_after():
    ends: list[datetime] = []
    with renewing(ends.append):
        assert wait_until(lambda: ends or None, timeout_seconds=3 * RENEWAL_SECONDS)
        assert timezone.now() < ends[0] <= timezone.now() + LEASE
    seen = len(ends)
    assert not wait_until(lambda: ends[seen:] or None, timeout_seconds=1.5 * RENEWAL_SECONDS)


def test_a_lease_outlasts_two_renewals_that_failed():
    assert LEASE.total_seconds() > 3 * RENEWAL_SECONDS
