"""What the mirror tells the apps above it."""

from django.dispatch import Signal

# Sent by the informer after a commit: `cluster_id`, `service_ids` (set of UUID whose
# pods or workloads changed; None when it starts, for every service of the cluster). Receivers touch
# the database only.
services_observed = Signal()
