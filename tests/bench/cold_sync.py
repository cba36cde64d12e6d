"""Mirrors a cluster from nothing in a process of its own, and says what that took, as JSON.

`python -m tests.bench.cold_sync KUBECONFIG PODS`, with an empty database in `DATABASE_URL`.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import django
import orjson

INFORMER, LONGEST_SECONDS, LOOK_SECONDS = "bench", 600, 0.1


def mebibytes(name: str) -> float:
    """Return a size of this process from its status, such as VmRSS or VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def main(kubeconfig: Path, pods: int) -> dict[str, Any]:
    """Mirror until every kind is synced; return sizes in MiB and seconds since the start."""
    django.setup()
    from accounts.actor import SYSTEM
    from clusters.actions import register_cluster
    from clusters.informer import ClusterMirror
    from clusters.kubeconfig import parse_kubeconfig
    from clusters.models import Cluster, Node, Pod

    access = parse_kubeconfig(kubeconfig.read_text())
    cluster = register_cluster(name="crowd", access=access, details={}, by=SYSTEM)
    Cluster.objects.update(informer=INFORMER)
    cluster.refresh_from_db()
    took = {"floor": mebibytes("VmRSS")}
    mirror, began = ClusterMirror(cluster), time.monotonic()
    mirror.start()
    looks = {
        "first node": Node.objects.exists,
        "first pod": Pod.objects.exists,
        "synced": Cluster.objects.exclude(mirrored_at=None).exists,
    }
    while looks and time.monotonic() - began < LONGEST_SECONDS:
        for name in [name for name, is_there in looks.items() if is_there()]:
            took[name] = time.monotonic() - began
            del looks[name]
        time.sleep(LOOK_SECONDS)
    return took | {"peak": mebibytes("VmHWM"), "is whole": Pod.objects.count() == pods}


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
    sys.stdout.flush()
    # Its readers wait for what never comes.
    os._exit(0)
