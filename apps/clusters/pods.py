"""What may be left of a pod, in two words. Pure.

A *live* pod is not over: it holds what it requests, also while it is being deleted, until it is
gone. An *active* pod, which is Kubernetes' own word, is live and not being deleted: it answers
requests, or will. Nodes and quotas are asked for live pods; replicas should be active ones.

Who explains why pods are not ready hears those that are over too: they are what went wrong. Only
what is being deleted does not speak for itself any more.
"""

# With these phases a pod is over; it never leaves them, and Kubernetes takes back what it held.
OVER = ("Succeeded", "Failed")
