"""A containerd of its own: folders, socket, images and network apart from any other."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from embedded.process import Process
from tests.node.footprint import ADDRESS, BRIDGE, HOME, POD_RANGE
from tests.node.images import Image, write_archive

SOCKET = HOME / "containerd.sock"
NETWORKS = HOME / "networks"
CTR = ("ctr", f"--address={SOCKET}", "--namespace=k8s.io")
# `restrict_oom_score_adj`: where root may not lower scores, no sandbox would start without it.
CONFIG = """
version = 2
root = "{home}/containerd"
state = "{home}/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
address = "{socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{home}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{networks}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "{home}/runc"
"""


def containerd(pause: Image) -> Process:
    """Describe the daemon; `pause` is what holds a pod's namespaces."""
    config = HOME / "containerd.toml"
    config.write_text(
        CONFIG.format(home=HOME, socket=SOCKET, networks=NETWORKS, pause=pause.reference)
    )
    write_network()
    return Process(
        name="containerd",
        argv=("containerd", f"--config={config}", "--log-level=warn"),
        is_ready=answers,
    )


def write_network() -> None:
    """Configure the bridge that gives pods addresses which the host reaches, and nobody else."""
    ranges = [[{"subnet": POD_RANGE, "gateway": ADDRESS}]]
    leases = {"type": "host-local", "dataDir": str(HOME / "leases"), "ranges": ranges}
    network = {
        "cniVersion": "0.4.0",
        "name": BRIDGE,
        "plugins": [{"type": "bridge", "bridge": BRIDGE, "ipam": leases}],
    }
    NETWORKS.mkdir()
    (NETWORKS / "bridge.conflist").write_text(json.dumps(network))


def answers() -> bool:
    """Return whether the daemon serves requests."""
    version = subprocess.run([*CTR, "version"], capture_output=True, timeout=5)
    return version.returncode == 0


def import_images(images: Sequence[Image]) -> None:
    """Put images where pods find them by digest, without a registry."""
    archive: Path = HOME / "images.tar"
    write_archive(images, archive)
    command = [*CTR, "images", "import", str(archive)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    archive.unlink()
