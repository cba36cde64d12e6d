"""Every query, named, with its unit and source. Each asks for all namespaces at once.

Containers and cards may be scraped twice: by cAdvisor and the kubelet's resource endpoint, by two
monitors of one exporter. So the larger of both is taken before anything is added up. Pod-level
rows have no container and are left out. `deploy/prometheus/fleet.yml` records the same numbers.
"""

from dataclasses import dataclass

from core.resources import CPU, MEMORY

# What the cards of NVIDIA's device plugin are called, whole, shared or MIG profiles.
NVIDIA = "nvidia.com/"
GPU, GPU_MEMORY = f"{NVIDIA}gpu", f"{NVIDIA}gpu.memory"
CONTAINERS = '{container!="", container!="POD"}'
MILLI, MEBIBYTE = 1000, 1_048_576


def by_pod(expression: str) -> str:
    """Add up containers to pods, counting a container once however often it is scraped."""
    return f"sum by (namespace, pod) (max by (namespace, pod, container) ({expression}))"


def growth(counter: str) -> str:
    """Return a counter's growth per second, of series that are there now.

    `rate` divides by its whole window, which is falsely small for a series younger than that;
    such a one is measured between its last two samples. `and` drops what has stopped.
    """
    grown = f"rate({counter}[2m]) and {counter} offset 2m"
    return f"({grown} or irate({counter}[2m])) and {counter}"


def by_card(metric: str) -> str:
    """Return one value per card and its holder, however often the card is scraped.

    The exporter names the pod in `pod`, or in `exported_pod` where the scrape kept its own labels.
    """
    named = metric
    for label in ("namespace", "pod"):
        for source in (label, f"exported_{label}"):
            named = f'label_replace({named}, "workload_{label}", "$1", "{source}", "(.+)")'
    return f"max by (workload_namespace, workload_pod, gpu, UUID, GPU_I_ID) ({named})"


def by_holder(cards: str) -> str:
    """Add up cards to the pods that hold them."""
    return f"sum by (workload_namespace, workload_pod) ({cards})"


# The profiling ratio also exists under MIG; it is NaN where the card cannot profile. A card without
# any number stays NaN, so that its holder's sum is no number either.
RATIO, PERCENT = by_card("DCGM_FI_PROF_GR_ENGINE_ACTIVE"), by_card("DCGM_FI_DEV_GPU_UTIL")
DUTY = f"{RATIO} >= 0 or {PERCENT} / 100 or {RATIO}"


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
    Query(CPU, by_pod(growth(f"container_cpu_usage_seconds_total{CONTAINERS}")), MILLI),
    # Bytes that cannot be reclaimed. Source: kubelet, container_memory_working_set_bytes
    Query(MEMORY, by_pod(f"container_memory_working_set_bytes{CONTAINERS}"), 1),
    # Cards at work, from a ratio or percent.
    # Source: dcgm-exporter, DCGM_FI_PROF_GR_ENGINE_ACTIVE (0-1), DCGM_FI_DEV_GPU_UTIL (0-100)
    Query(GPU, by_holder(DUTY), 1, "workload_namespace", "workload_pod"),
    # Bytes of frame buffer, from MiB. Source: dcgm-exporter, DCGM_FI_DEV_FB_USED
    Query(
        GPU_MEMORY,
        by_holder(by_card("DCGM_FI_DEV_FB_USED")),
        MEBIBYTE,
        "workload_namespace",
        "workload_pod",
    ),
)
