"""What a machine needs to run real containers; Debian's packages are installed where absent."""

import os
import shutil
import subprocess
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PROGRAMS = {
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
    if missing_packages() and shutil.which("apt-get") is None:
        return f"{', '.join(missing_packages())} are missing and this is no Debian to install them"
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        return "the kernel has no overlay file system"
    if not Path("/proc/sys/kernel/seccomp").exists():
        return "the kernel has no seccomp filters, which Pod Security restricted asks for"
    return "" if hierarchies() else f"no control groups are mounted under {CGROUPS}"


def missing_packages() -> list[str]:
    """Name the Debian packages that are not installed."""
    return [package for package, program in PROGRAMS.items() if not Path(program).exists()]


def install_packages() -> None:
    """Install what is missing."""
    if not (missing := missing_packages()):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], check=True, env=quiet)
    command = ["apt-get", "-qq", "install", "--no-install-recommends", "--yes", *missing]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def hierarchies() -> list[Path]:
    """Return the mounted hierarchies of control groups: several in v1, one in v2."""
    return [mount for mount, kind in mounts(CGROUPS) if kind.startswith("cgroup")]


def mounts(folder: Path) -> list[tuple[Path, str]]:
    """Return the mount points in a folder, outer before inner, with their file systems."""
    rows = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    found = [(Path(row[1]), row[2]) for row in rows]
    return [(mount, kind) for mount, kind in found if mount.is_relative_to(folder)]
