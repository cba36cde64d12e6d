"""What the mirror tells the apps above it."""

from django.dispatch import Signal

# Sent by the informer after a batch is committed: `cluster_id`, `service_ids` (set of UUID whose
# pods or workloads changed). Receivers touch the database only.
services_observed = Signal()
