"""Somebody else with kubectl."""

import subprocess

from embedded.controlplane import ControlPlane


class Kubectl:
    """kubectl in one namespace of a control plane."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self.namespace = namespace
        self.command = [
            str(plane.tools.path("kubectl")),
            f"--kubeconfig={plane.kubeconfig}",
            f"--namespace={namespace}",
        ]

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run it, and return what it prints."""
        done = subprocess.run(
            [*self.command, *arguments], input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
