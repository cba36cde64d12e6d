"""What the mirror tells the apps above it."""

from django.dispatch import Signal

# Sent by the informer after a commit: `cluster_id`, `places` (set of `clusters.mirror.Place` whose
# objects changed; None when it starts, for everything of the cluster). Receivers touch the database
# only.
objects_observed = Signal()

# Sent within the transaction that notes it: the history of a cluster (`cluster_id`) went back, as
# after a restored backup, so that versions seen before are not comparable with those to come.
history_went_back = Signal()
