"""Writes down who came in, who did not, and what became of accounts."""

from typing import Any

from django.dispatch import receiver

from accounts.signals import account_changed
from audit.record import record


@receiver(account_changed)
def on_account_changed(
    *, action: str, user: Any, by: Any, before: Any, after: Any, **_: Any
) -> None:
    record(action, user, by=by, before=before, after=after)
