"""Every query, named, with its unit and source. Each asks for all namespaces at once.

Containers are reported by cAdvisor and by the kubelet's resource endpoint alike, so the larger
of both is taken before anything is added up. Pod-level rows have no container and are left out.
"""

from dataclasses import dataclass

from core.resources import CPU, MEMORY

GPU, GPU_MEMORY = "nvidia.com/gpu", "nvidia.com/gpu.memory"
CONTAINERS = '{container!="", container!="POD"}'
MILLI, MEBIBYTE = 1000, 1_048_576


def by_pod(expression: str) -> str:
    """Add up containers to pods, counting a container once however often it is scraped."""
    return f"sum by (namespace, pod) (max by (namespace, pod, container) ({expression}))"


def by_workload(expression: str) -> str:
    """Add up cards to the pods that hold them.

    The exporter names the pod in `pod`, or in `exported_pod` where the scrape kept its own labels.
    """
    named = expression
    for label in ("namespace", "pod"):
        for source in (label, f"exported_{label}"):
            named = f'label_replace({named}, "workload_{label}", "$1", "{source}", "(.+)")'
    return f"sum by (workload_namespace, workload_pod) ({named})"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to Prometheus: what it measures, and what to multiply by to get our unit."""

    resource: str
    promql: str
    factor: float
    namespace_label: str = "namespace"
    pod_label: str = "pod"


QUERIES = (
    # Cores, from a counter of core-seconds. Source: kubelet, container_cpu_usage_seconds_total
    Query(CPU, by_pod(f"rate(container_cpu_usage_seconds_total{CONTAINERS}[2m])"), MILLI),
    # Bytes that cannot be reclaimed. Source: kubelet, container_memory_working_set_bytes
    Query(MEMORY, by_pod(f"container_memory_working_set_bytes{CONTAINERS}"), 1),
    # Cards at work, from percent; the profiling ratio also exists under MIG.
    # Source: dcgm-exporter, DCGM_FI_PROF_GR_ENGINE_ACTIVE (0-1), DCGM_FI_DEV_GPU_UTIL (0-100)
    Query(
        GPU,
        by_workload("(DCGM_FI_PROF_GR_ENGINE_ACTIVE or (DCGM_FI_DEV_GPU_UTIL / 100))"),
        1,
        "workload_namespace",
        "workload_pod",
    ),
    # Bytes of frame buffer, from MiB. Source: dcgm-exporter, DCGM_FI_DEV_FB_USED
    Query(
        GPU_MEMORY,
        by_workload("DCGM_FI_DEV_FB_USED"),
        MEBIBYTE,
        "workload_namespace",
        "workload_pod",
    ),
)
