"""A control plane of a test's own: an API server and its etcd, which may be put back or told."""

import shutil
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from embedded.controlplane import ControlPlane
from embedded.ports import Ports
from embedded.process import Process, running
from embedded.tools import Tools


class OwnPlane:
    """An API server and its etcd, whose data can be put back to what they were."""

    def __init__(self, tools: Tools, home: Path, *flags: str) -> None:
        home.mkdir()
        # Nothing runs here but the API: pods need no account, nodes no kubelet.
        flags = ("--disable-admission-plugins=ServiceAccount", *flags)
        self.plane = ControlPlane(tools, home, Ports(home / "ports.json"), flags)
        self.data, self.kept = home / "etcd", home / "kept"
        self.parts = ExitStack()
        self.etcd = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start both; return etcd."""
        etcd = self.run(self.plane.etcd())
        self.run(self.plane.apiserver())
        return etcd

    def run(self, process: Process) -> "subprocess.Popen[bytes]":
        return self.parts.enter_context(running(process, logs=self.plane.home / "logs"))

    def back_up(self) -> None:
        """Copy the data as they are at one moment."""
        self.etcd.send_signal(signal.SIGSTOP)
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.data, self.kept)
        self.etcd.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        """Start again from the copy."""
        self.parts.close()
        shutil.rmtree(self.data)
        self.kept.rename(self.data)
        self.etcd = self.start()


def pod(name: str, **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "models.example.com/x:1"}]},
    }
