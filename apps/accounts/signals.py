"""Signals about changes to accounts, for whoever records them."""

from django.dispatch import Signal

# Sent in the transaction of the change, with `action`, `user`, `by`, `before` and `after`.
account_changed = Signal()
