"""What a machine needs to run real containers."""

import os
from pathlib import Path

from tests import debian

CGROUPS = Path("/sys/fs/cgroup")
PACKAGES = {
    "containerd": "/usr/bin/containerd",
    "runc": "/usr/sbin/runc",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "iproute2": "/usr/sbin/ip",
    "python3": "/usr/bin/python3",
}


def why_not() -> str:
    """Say what keeps this machine from running containers; empty when nothing does."""
    if os.geteuid() != 0:
        return "containers need root"
    if reason := debian.why_not(PACKAGES):
        return reason
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        return "the kernel has no overlay file system"
    if not Path("/proc/sys/kernel/seccomp").exists():
        return "the kernel has no seccomp filters, which Pod Security restricted asks for"
    return "" if hierarchies() else f"no control groups are mounted under {CGROUPS}"


def hierarchies() -> list[Path]:
    """Return the mounted hierarchies of control groups: several in v1, one in v2."""
    return [mount for mount, kind in mounts(CGROUPS) if kind.startswith("cgroup")]


def mounts(folder: Path) -> list[tuple[Path, str]]:
    """Return the mount points in a folder, outer before inner, with their file systems."""
    rows = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    found = [(Path(row[1]), row[2]) for row in rows]
    return [(mount, kind) for mount, kind in found if mount.is_relative_to(folder)]
