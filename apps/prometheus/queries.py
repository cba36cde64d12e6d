"""Every query, named, with its unit and source. Each asks for all namespaces at once.

Containers may be scraped twice, by cAdvisor and the kubelet's resource endpoint, so the larger of
both is taken before anything is added up. Pod-level rows have no container and are left out.
Figures of cards come card by card; `usage.cards` tells whose they are.
`deploy/prometheus/fleet.yml` records the same numbers.
"""

from dataclasses import dataclass

from core.resources import CPU, MEMORY

RATIO, PERCENT = "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_GPU_UTIL"
MEMORY_USED, MEMORY_TOTAL = "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_TOTAL"
# Counters are read at slightly different times, so a busy card may show slightly more than 100 %.
TOLERANCE = 1.05
MEBIBYTE = 1_048_576
# The most that a card can show, in the exporter's units; no card has a tebibyte. Blanks are far
# larger, be they of 32 bits, 64 bits or floats. Source: dcgm_structs.h, DCGM_INT32_BLANK and others
MOST = {
    RATIO: 1 * TOLERANCE,
    PERCENT: 100 * TOLERANCE,
    MEMORY_USED: MEBIBYTE,
    MEMORY_TOTAL: MEBIBYTE,
}

CONTAINERS = '{container!="", container!="POD"}'
MILLI_PER_UNIT = 1000


def by_pod(expression: str) -> str:
    """Add up containers into pods, counting a container once however often it is scraped."""
    return f"sum by (namespace, pod) (max by (namespace, pod, container) ({expression}))"


def growth(counter: str) -> str:
    """Return the growth per second of a counter, for series that exist now.

    `rate` divides by its whole window, so it is too small for a series younger than that; such a
    series is measured between its last two samples. `and` drops series that have stopped.
    """
    grown = f"rate({counter}[2m]) and {counter} offset 2m"
    return f"({grown} or irate({counter}[2m])) and {counter}"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to Prometheus: what it measures, and what to multiply by to get our unit."""

    resource: str
    promql: str
    factor: float


QUERIES = (
    # Cores, from a counter of core-seconds. Source: kubelet, container_cpu_usage_seconds_total
    Query(CPU, by_pod(growth(f"container_cpu_usage_seconds_total{CONTAINERS}")), MILLI_PER_UNIT),
    # Bytes that cannot be reclaimed. Source: kubelet, container_memory_working_set_bytes
    Query(MEMORY, by_pod(f"container_memory_working_set_bytes{CONTAINERS}"), 1),
)

# The labels that tell cards, slices and holders apart; a card that is scraped twice has one series.
CARD_LABELS = (
    "metric, namespace, pod, exported_namespace, exported_pod,"
    " UUID, gpu, Hostname, GPU_I_ID, GPU_I_PROFILE"
)
FIGURES = f'{{__name__=~"{"|".join(MOST)}"}}'
# The metric's name in a label of its own, since aggregation drops the name.
NAMED = f'label_replace({FIGURES}, "metric", "$1", "__name__", "(.+)")'
# All figures of all cards at once; a number is better than a blank, and a blank than nothing.
# Source: dcgm-exporter: a ratio for DCGM_FI_PROF_GR_ENGINE_ACTIVE, percent for
# DCGM_FI_DEV_GPU_UTIL, and MiB for DCGM_FI_DEV_FB_USED and DCGM_FI_DEV_FB_TOTAL
CARDS = (
    f"max by ({CARD_LABELS}) ({NAMED} <= {max(MOST.values())}) or max by ({CARD_LABELS}) ({NAMED})"
)
