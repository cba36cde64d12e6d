"""What happens to accounts, for whoever writes it down."""

from django.dispatch import Signal

# Sent in the transaction of the change, with `action`, `user`, `by`, and `before` and `after`.
account_changed = Signal()
