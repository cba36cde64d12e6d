"""All that a node leaves on the machine, under names of its own, and how it is taken away again."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from embedded.process import Process
from tests.node.eventually import eventually
from tests.node.machine import CGROUPS, hierarchies, mounts

HOME = Path("/var/lib/slipway-test-node")
BRIDGE, ADDRESS, POD_RANGE = "slipway-node", "198.18.77.1", "198.18.77.0/24"
CGROUP = "slipway-test-node"
# The kubelet sets these as it wants them.
SYSCTLS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
# These places are built into the kubelet, the shim and the network plugins.
FOLDERS = ("/var/lib/kubelet", "/var/log/containers", "/var/lib/cni", "/run/containerd")


class Before(TypedDict):
    """What the machine was like."""

    sysctls: dict[str, str]
    folders: list[str]


def set_up() -> None:
    """Make the folder, the control groups and the bridge, after noting what was there."""
    HOME.mkdir()
    before = Before(
        sysctls={name: sysctl(name).read_text() for name in SYSCTLS},
        folders=[folder for folder in FOLDERS if Path(folder).exists()],
    )
    note().write_text(json.dumps(before))
    for hierarchy in hierarchies():
        (hierarchy / CGROUP / "system").mkdir(parents=True)
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("address", "add", f"{ADDRESS}/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")


def tear_down() -> None:
    """End and remove everything under the node's names; works after any crash, and twice."""
    eventually(kill_members, within_seconds=20, what="the node's processes are gone")
    for file in files_elsewhere():
        file.unlink(missing_ok=True)
    for mount, _ in reversed(mounts(HOME)):
        subprocess.run(["umount", mount], check=True)
    for hierarchy in hierarchies():
        remove_cgroup(hierarchy / CGROUP)
    if Path("/sys/class/net", BRIDGE).exists():
        ip("link", "delete", BRIDGE)
    if note().exists():
        restore(json.loads(note().read_text()))
    if HOME.exists():
        shutil.rmtree(HOME)


def files_elsewhere() -> Iterator[Path]:
    """Yield what the node's programs left in folders that others may use too."""
    for bundle in HOME.glob("state/io.containerd.runtime.v2.task/*/*"):
        yield from Path("/var/lib/cni/results").glob(f"*-{bundle.name}-*")
        if (address := bundle / "address").exists():
            yield Path(address.read_text().removeprefix("unix://"))
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and link.readlink().is_relative_to(HOME):
            yield link


def restore(before: Before) -> None:
    """Put back the kernel's settings and remove the folders that were not there."""
    for name, value in before["sysctls"].items():
        sysctl(name).write_text(value)
    for folder in set(FOLDERS) - set(before["folders"]):
        shutil.rmtree(folder, ignore_errors=True)


def note() -> Path:
    return HOME / "before.json"


def sysctl(name: str) -> Path:
    return Path("/proc/sys", name)


def contained(process: Process) -> Process:
    """Start a process in the node's control group, where it and all it starts can be found."""
    procs = members_hierarchy() / CGROUP / "system" / "cgroup.procs"
    enter = ("/bin/sh", "-c", f'echo $$ > {procs} && exec "$@"', "sh")
    return replace(process, argv=(*enter, *process.argv))


def kill_members() -> bool:
    """Kill every process of the node; return whether none was left."""
    found = members()
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not found


def members() -> list[int]:
    """Return the processes of the node: daemons, shims and containers."""
    files = (members_hierarchy() / CGROUP).rglob("cgroup.procs")
    return [int(pid) for file in files for pid in file.read_text().split()]


def members_hierarchy() -> Path:
    """Return the hierarchy that is asked for processes; v2 has only one."""
    pids = CGROUPS / "pids"
    return pids if pids.is_dir() else CGROUPS


def remove_cgroup(group: Path) -> None:
    """Remove a control group after those below it; their files go with them."""
    for child in group.iterdir() if group.exists() else ():
        if child.is_dir():
            remove_cgroup(child)
    if group.exists():
        group.rmdir()


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
