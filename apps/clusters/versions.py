"""Which versions of Kubernetes we work with."""

import re

# Of the fields we write, `preStop.sleep` is the newest: 1.30 is the first version to have it on by
# default, and older ones refuse our Deployments. The others are older: gRPC probes 1.27,
# autoscaling/v2 1.23, server-side apply 1.22, policy/v1 1.21.
# Source: kubernetes.io/docs, the list of feature gates.
LOWEST_VERSION = (1, 30)
LOWEST_VERSION_TEXT = ".".join(map(str, LOWEST_VERSION))
# Distributions append their own suffix: v1.30.4-gke.10, v1.31.2+k3s1.
VERSION_NUMBERS = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?!\d)")


def is_supported(version: str) -> bool:
    """Return whether a version is known to be new enough; one that cannot be read is not."""
    found = VERSION_NUMBERS.match(version)
    return found is not None and (int(found[1]), int(found[2])) >= LOWEST_VERSION
