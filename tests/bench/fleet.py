"""What is measured against: one project with services, made through the API."""

import json
import subprocess
from typing import Any

from embedded.demo import Demo
from tests.e2e.api import Api, image

ENVIRONMENT = "projects/bench/environments/production"
NAMESPACE = "bench-production"
REPLICAS = 3


class Fleet:
    """A running Slipway with one project to measure in."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.api = Api(demo)
        self.api.post("projects", {"name": "bench"})
        quota = {"limits": {"cpu": "400", "pods": "1300"}}
        wish = {"name": "production", "cluster": "embedded", "quota": quota}
        self.api.post("projects/bench/environments", wish)
        self.api.post("projects/bench/models", {"name": "scorer"})

    def add_version(self, version: str) -> None:
        content = {"version": version, "image": image("scorer", version[-1])}
        self.api.post("projects/bench/models/scorer/versions", content)

    def add_service(self, name: str, replicas: int = REPLICAS) -> str:
        """Add a service; return its path."""
        wish = {"name": name, "model": "scorer", "replicas": replicas}
        self.api.post(f"{ENVIRONMENT}/services", wish)
        return f"{ENVIRONMENT}/services/{name}"

    def roll_out(self, service: str, version: str) -> None:
        """Roll a version out and wait for the end as CI does."""
        rollout = self.api.post(f"{service}/rollouts", {"version": version}, expect=202)
        assert self.api.wait(rollout)["phase"] == "Succeeded"

    def kubectl(self, *arguments: str, manifest: Any = None) -> str:
        """Run kubectl as the cluster's admin."""
        command = [self.demo.tools.path("kubectl"), f"--kubeconfig={self.demo.kubeconfig}"]
        document = json.dumps(manifest) if manifest else None
        done = subprocess.run(
            [*command, *arguments], input=document, text=True, check=True, stdout=subprocess.PIPE
        )
        return done.stdout
