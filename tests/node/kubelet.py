"""The kubelet that makes this machine a node of the embedded control plane."""

import json
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from embedded.process import Process
from embedded.tools import Tools
from tests.node.containerd import SOCKET
from tests.node.footprint import ADDRESS, CGROUP, HOME

NODE = "test-node"
METRICS_PORT = 10255
METRICS_URL = f"http://{ADDRESS}:{METRICS_PORT}/metrics"
# Cards that the scheduler counts and no container touches; a kubelet keeps what it does not know.
CARDS = {"nvidia.com/gpu": "8"}


def kubelet(tools: Tools, kubeconfig: Path) -> Process:
    """Describe the kubelet; it serves on the bridge, where the API server asks it for logs."""
    file = HOME / "kubelet.json"
    file.write_text(json.dumps(configuration()))
    return Process(
        name="kubelet",
        argv=(
            tools.path("kubelet"),
            f"--config={file}",
            f"--kubeconfig={kubeconfig}",
            f"--root-dir={HOME / 'kubelet'}",
            f"--cert-dir={HOME / 'kubelet-pki'}",
            f"--hostname-override={NODE}",
            f"--node-ip={ADDRESS}",
            "--v=1",
        ),
    )


def configuration() -> dict[str, Any]:
    """Return the kubelet's configuration for a machine of which it may change little."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "readOnlyPort": METRICS_PORT,
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "oomScoreAdj": 0,
        "localStorageCapacityIsolation": False,
        "evictionHard": {"memory.available": "100Mi"},
        "imageGCHighThresholdPercent": 100,
        "clusterDNS": ["10.96.0.10"],
        "podLogsDir": str(HOME / "pod-logs"),
        "volumePluginDir": str(HOME / "volume-plugins"),
    }


def measured(metric: str, *, namespace: str) -> float:
    """Return the kubelet's own sum of a metric over a namespace's containers."""
    text = httpx.get(f"{METRICS_URL}/resource", trust_env=False).text
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    wanted = [s for s in samples if s.name == metric and s.labels["namespace"] == namespace]
    return sum(sample.value for sample in wanted)


def scrape_configs() -> list[dict[str, Any]]:
    """Return how Prometheus reads what containers use."""
    return [
        {
            "job_name": name,
            "metrics_path": f"/metrics/{name}",
            "static_configs": [{"targets": [f"{ADDRESS}:{METRICS_PORT}"]}],
        }
        for name in ("cadvisor", "resource")
    ]
