"""Which versions of Kubernetes we work with."""

import re

# Of what we write, `preStop.sleep` is the youngest: 1.30 is the first that has it on by default, an
# older one refuses our Deployments. The rest is older: probes by gRPC 1.27, autoscaling/v2 1.23,
# server-side apply 1.22, policy/v1 1.21. Lists need not be streamed, see the informer.
# Source: kubernetes.io/docs, the list of feature gates.
LOWEST_VERSION = (1, 30)
LOWEST_VERSION_TEXT = ".".join(map(str, LOWEST_VERSION))
# Distributions add their own after it: v1.30.4-gke.10, v1.31.2+k3s1.
VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?!\d)")


def is_supported(version: str) -> bool:
    """Return whether a version is known to be new enough; one that cannot be read is not."""
    found = VERSION.match(version)
    return found is not None and (int(found[1]), int(found[2])) >= LOWEST_VERSION
