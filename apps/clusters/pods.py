"""Which pods count, in two words. Pure.

A *live* pod is not over: it holds what it requests, even while it is being deleted, until it is
gone. An *active* pod, which is Kubernetes' own word, is live and not being deleted: it answers
requests, or will. What nodes and quotas hold is counted by live pods; replicas by active ones.

Explanations of why pods are not ready include pods that are over: they are what went wrong. Only
pods that are being deleted no longer say anything about themselves.
"""

# In these phases a pod is over: it never leaves them, and Kubernetes takes back what it held.
OVER = ("Succeeded", "Failed")
