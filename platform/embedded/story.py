"""The demo's story, told through the REST API: what a fleet looks like on an ordinary day.

Deterministic and repeatable: what exists already is left alone. `python -m embedded.story` tells
it to the demo that runs.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from embedded.demo import USERS, timed
from embedded.home import Home

T4, A10, V100 = "Tesla-T4", "NVIDIA-A10", "Tesla-V100-SXM2-32GB"
CRASHING = "crashing"
WAIT = "60s"


@dataclass(frozen=True)
class Serving:
    """A model service and its life so far: versions in the order in which they were rolled out."""

    name: str
    cpu: str
    memory: str
    replicas: int = 1
    gpus: int = 0
    gpu_product: str = ""
    protocol: str = "http"
    versions: tuple[str, ...] = ("1",)
    deadline_seconds: int = 600
    # The newest version goes by these steps, and nobody has promoted it yet.
    steps: tuple[dict[str, Any], ...] = ()
    is_decommissioned: bool = False
    # What somebody else does to it afterwards, as arguments of kubectl.
    meddled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tenant:
    """A team: its allowance and its services."""

    name: str
    display_name: str
    limits: dict[str, str]
    services: tuple[Serving, ...]
    environment: str = "production"


STORY = (
    Tenant(
        "fraud",
        "Payment fraud",
        {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "8"},
        (
            Serving("scorer", "4", "16Gi", 4, 1, A10, versions=("1", "2", "3")),
            # Somebody scaled it by hand one night, and nobody has undone that.
            Serving(
                "velocity", "2", "4Gi", 3, versions=("2024-11", "2025-02"),
                meddled=("scale", "deployment/velocity", "--replicas=1"),
            ),
            Serving("device-risk", "2", "8Gi", 2, 1, T4, protocol="thrift", versions=("1", "2")),
        ),
    ),
    Tenant(
        # At 90 % of its GPUs.
        "content-safety",
        "Content safety",
        {"cpu": "96", "memory": "384Gi", "nvidia.com/gpu": "10"},
        (
            Serving("image-nsfw", "4", "16Gi", 4, 1, A10, versions=("7", "8")),
            Serving("text-toxicity", "2", "8Gi", 3, 1, T4, protocol="grpc", versions=("3", "4")),
            Serving("video-frames", "6", "24Gi", 2, 1, A10, versions=("1",)),
        ),
    ),
    Tenant(
        "search",
        "Search ranking",
        {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "12"},
        (
            Serving("ranker", "4", "24Gi", 2, 1, V100, versions=("12", "13")),
            # A third of the requests goes to its newest version; somebody has to look and promote.
            Serving(
                "embedder", "2", "8Gi", 3, 1, T4, protocol="grpc", versions=("5", "6"),
                steps=({"weight": 33}, {"pause": None}, {"weight": 67}, {"pause": "5m"}),
            ),
            # No node has four of these cards: it stays unschedulable.
            Serving("reranker-xl", "8", "64Gi", 1, 4, V100, versions=("1",), deadline_seconds=20),
        ),
    ),
    Tenant(
        "speech",
        "Speech",
        {"cpu": "48", "memory": "128Gi", "nvidia.com/gpu": "6"},
        (
            # Its newest version crashes, so the service returned to the one before.
            Serving(
                "asr", "4", "16Gi", 2, 1, T4, versions=("20", "21", f"22-{CRASHING}"),
                deadline_seconds=20,
            ),
            Serving("tts", "2", "8Gi", 2, 1, T4, versions=("9",)),
            Serving("wake-word", "500m", "512Mi", 2, versions=("3", "4")),
            Serving("legacy-asr", "2", "8Gi", 1, 1, T4, versions=("4",), is_decommissioned=True),
        ),
    ),
)  # fmt: skip


class Teller:
    """Calls the API as the demo's admin."""

    def __init__(self, url: str, token: str, kubectl: Sequence[str]) -> None:
        self.kubectl = kubectl
        self.http = httpx.Client(
            base_url=f"{url}/api/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=90,
            trust_env=False,
        )

    def exists(self, path: str) -> bool:
        """Return whether something is there already."""
        return self.http.get(path).status_code == 200

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create something; a refusal ends the story."""
        answer = self.http.post(path, json=body)
        if answer.is_error:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        created: dict[str, Any] = answer.json()
        return created

    def tell(self, project: Tenant) -> None:
        """Create a project with everything in it."""
        path = f"projects/{project.name}"
        if not self.exists(path):
            names = {"name": project.name, "display_name": project.display_name}
            self.post("projects", names)
            for username, role in USERS.items():
                self.post(f"{path}/members", {"username": username, "role": role})
        if not self.exists(f"{path}/environments/{project.environment}"):
            spec = {
                "name": project.environment,
                "cluster": "embedded",
                "quota": {"limits": project.limits},
            }
            self.post(f"{path}/environments", spec)
        for service in project.services:
            self.tell_service(project, service)

    def tell_service(self, project: Tenant, service: Serving) -> None:
        """Register a service's model and roll out its versions one after the other."""
        path = f"projects/{project.name}"
        place = f"{path}/environments/{project.environment}/services"
        if self.exists(f"{place}/{service.name}"):
            return
        if not self.exists(f"{path}/models/{service.name}"):
            self.post(f"{path}/models", {"name": service.name})
        self.post(place, body_of(service))
        for version in versions(project, service):
            self.post(f"{path}/models/{service.name}/versions", version)
            spec: dict[str, Any] = {"version": version["version"]}
            if service.steps and version["version"] == service.versions[-1]:
                spec["strategy"] = {"type": "canary", "steps": service.steps}
            self.wait(self.post(f"{place}/{service.name}/rollouts", spec))
        if service.is_decommissioned:
            reason = {"reason": "Replaced by asr."}
            self.wait(self.post(f"{place}/{service.name}/decommission", reason))
        if service.meddled:
            namespace = f"--namespace={project.name}-{project.environment}"
            meddling = [*self.kubectl, namespace, *service.meddled]
            subprocess.run(meddling, check=True, stdout=subprocess.DEVNULL)

    def wait(self, rollout: dict[str, Any]) -> None:
        """Wait for a rollout to end, however it does; not for one that waits for people."""
        for _ in range(3):
            if rollout["finished"] or rollout["strategy"]["type"] == "canary":
                return
            rollout = self.http.get(f"rollouts/{rollout['id']}", params={"wait": WAIT}).json()


def body_of(service: Serving) -> dict[str, Any]:
    """Return what a service is created with."""
    gpus = {"nvidia.com/gpu": str(service.gpus)} if service.gpus else {}
    return {
        "name": service.name,
        "model": service.name,
        "protocol": service.protocol,
        "port": 8080 if service.protocol == "http" else 9090,
        "replicas": service.replicas,
        "resources": {
            "requests": {"cpu": service.cpu, "memory": service.memory, **gpus},
            "limits": {"memory": service.memory, **gpus},
        },
        "gpu_product": service.gpu_product,
        "progress_deadline_seconds": service.deadline_seconds,
    }


def versions(project: Tenant, service: Serving) -> Iterator[dict[str, Any]]:
    """Yield a service's versions; digests and metrics follow from their names."""
    for number, version in enumerate(service.versions):
        seed = hashlib.sha256(f"{project.name}/{service.name}:{version}".encode())
        quality = 0.90 + seed.digest()[0] / 256 / 100 + number / 100
        suffix = f"-{CRASHING}" if CRASHING in version else ""
        yield {
            "version": version,
            "image": f"models.example.com/{project.name}/{service.name}{suffix}"
            f"@sha256:{seed.hexdigest()}",
            "framework": "onnx" if service.gpus else "xgboost",
            "source": {"git_commit": seed.hexdigest()[:12]},
            "metrics": {"auc": round(quality, 4)},
        }


def tell_story(url: str, token: str, kubectl: Sequence[str]) -> None:
    """Tell the whole story, all projects in parallel; `kubectl` is the command to meddle with."""
    with ThreadPoolExecutor(len(STORY)) as pool:
        list(pool.map(lambda project: Teller(url, token, kubectl).tell(project), STORY))


def main() -> str | None:
    """Tell the story to the demo of this home; return what kept it from its end."""
    facts = Home().demo()
    kubectl = [facts["kubectl"], f"--kubeconfig={facts['kubeconfig']}"]
    try:
        with timed("demo story told"):
            tell_story(facts["url"], facts["token"], kubectl)
    except httpx.TransportError as error:
        return f"  demo story broken off: Slipway does not answer ({error}); a next start goes on"
    return None


if __name__ == "__main__":
    sys.exit(main())
