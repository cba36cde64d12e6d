"""What the mirror tells the apps above it."""

from django.dispatch import Signal

# Sent by the informer after a commit: `cluster_id`, `places` (set of namespace and Deployment name
# whose objects changed, the name being blank for what sets up a namespace; None when it starts,
# for everything of the cluster). Receivers touch the database only.
objects_observed = Signal()
