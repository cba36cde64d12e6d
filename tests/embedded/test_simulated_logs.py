"""Simulated pods have a log, which says that they are simulated."""

import subprocess

import pytest

from core.waiting import wait_until
from embedded.controlplane import ControlPlane

POD = """
apiVersion: v1
kind: Pod
metadata: {name: simulated, namespace: default}
spec:
  containers: [{name: model, image: scorer}]
  automountServiceAccountToken: false
"""


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ((), "This pod is simulated", "ready"),
        (("--previous",), "This pod is simulated", "cut short"),
    ],
)
def test_the_log_of_a_simulated_pod_says_so(
    control_plane: ControlPlane, asked: tuple[str, ...], first: str, last: str
) -> None:
    kubectl = [control_plane.tools.path("kubectl"), f"--kubeconfig={control_plane.kubeconfig}"]
    subprocess.run([*kubectl, "apply", "-f", "-"], input=POD, text=True, check=True)

    def log() -> str | None:
        command = [*kubectl, "logs", "simulated", *asked]
        read = subprocess.run(command, capture_output=True, text=True)
        return read.stdout or None

    lines = wait_until(log, timeout_seconds=30).splitlines()
    assert first in lines[0]
    assert last in lines[-1]
