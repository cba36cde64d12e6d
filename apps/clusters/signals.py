"""What the mirror tells the apps that build on it."""

from django.dispatch import Signal

# Sent by the informer after a commit: `cluster_id`, and `places` (set of
# `clusters.mirror.ObjectPlace` whose objects changed; None when it starts, for everything in the
# cluster). Receivers use only the database.
objects_observed = Signal()

# Sent within the transaction that records it: the history of a cluster (`cluster_id`) went back, as
# after a restored backup, so that earlier versions are not comparable with those to come.
history_went_back = Signal()
