"""What a fleet says of itself when it is scraped, by path."""

import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

POD = 'namespace="ns",pod="p"'
CONTAINER = f'{POD},container="c"'
EXPORTED = 'namespace="gpu-operator",pod="dcgm",exported_namespace="ns",exported_pod="p"'
RESOURCE = f"""
container_memory_working_set_bytes{{{CONTAINER}}} 1000
container_memory_working_set_bytes{{namespace="ns",pod="q",container="c"}} 5000
DCGM_FI_DEV_GPU_UTIL{{gpu="0",UUID="a",{POD}}} 50
DCGM_FI_DEV_GPU_UTIL{{gpu="1",UUID="b",{EXPORTED}}} 30
DCGM_FI_DEV_GPU_UTIL{{gpu="2",namespace="ns",pod="mig"}} 99
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="2",namespace="ns",pod="mig"}} 0.25
DCGM_FI_DEV_GPU_UTIL{{gpu="3",namespace="ns",pod="idle"}} 0
DCGM_FI_DEV_GPU_UTIL{{gpu="4"}} 70
DCGM_FI_DEV_GPU_UTIL{{gpu="5",namespace="ns",pod="old"}} 40
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="5",namespace="ns",pod="old"}} NaN
DCGM_FI_DEV_GPU_UTIL{{gpu="6",namespace="ns",pod="blind"}} 40
DCGM_FI_PROF_GR_ENGINE_ACTIVE{{gpu="7",namespace="ns",pod="blind"}} NaN
DCGM_FI_DEV_FB_USED{{gpu="0",UUID="a",{POD}}} 512
DCGM_FI_DEV_FB_USED{{gpu="1",UUID="b",{EXPORTED}}} 256
odd{{kind="nan"}} NaN
odd{{kind="inf"}} +Inf
odd{{kind="one"}} 1
"""
# The same node, scraped by somebody else too, who names the holder in the other way.
CADVISOR = f"""
container_memory_working_set_bytes{{{CONTAINER}}} 1000
container_memory_working_set_bytes{{{POD},container=""}} 1100
container_memory_working_set_bytes{{{POD},container="POD"}} 10
DCGM_FI_DEV_GPU_UTIL{{gpu="0",UUID="a",{EXPORTED}}} 50
DCGM_FI_DEV_FB_USED{{gpu="0",UUID="a",{EXPORTED}}} 512
"""


def past() -> str:
    """Samples with their own times, as cAdvisor's: nothing marks their end.

    `grown` works for the first half of every minute; `stopped` ended three minutes ago; `reset`
    uses a core, and its container starts anew with every minute.
    """
    newest = int(time.time()) // 10 * 10
    times = range(newest - 360, newest + 1, 10)
    lines = [counter("grown", at // 60 * 30 + min(at % 60, 30), at=at) for at in times]
    ended = [at for at in times if at <= newest - 180]
    lines += [counter("stopped", at, at=at) for at in ended]
    lines += [counter("reset", at % 60, at=at) for at in times]
    gauge = 'container_memory_working_set_bytes{namespace="ns",pod="stopped",container="c"} 7'
    return "\n".join([*lines, f"{gauge} {ended[-1] * 1000}", ""])


def counter(pod: str, seconds: float, *, at: int | None = None) -> str:
    """One line of a container's core-seconds."""
    name = f'container_cpu_usage_seconds_total{{namespace="ns",pod="{pod}",container="c"}}'
    return f"{name} {seconds} {at * 1000 if at else ''}".rstrip()


@cache
def first_scrape() -> float:
    return time.time()


def young() -> str:
    """A container that uses two cores since it was scraped first."""
    return counter("young", 2 * (time.time() - first_scrape())) + "\n"


# Of three pods of a service, `c` is not scraped and the card of `b` has no number; a card that
# nobody holds carries the name of its exporter.
FRAUD = """
container_memory_working_set_bytes{namespace="fraud-production",pod="a",container="c"} 100
container_memory_working_set_bytes{namespace="fraud-production",pod="b",container="c"} 50
DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="fraud-production",pod="a"} 50
DCGM_FI_DEV_GPU_UTIL{gpu="1",namespace="fraud-production",pod="b"} NaN
DCGM_FI_DEV_GPU_UTIL{gpu="2",namespace="fraud-production",pod="exporter"} 90
"""
BLANK = 9223372036854775794
OURS = 'namespace="cards-production",pod="%s"'


def figures(labels: str, pod: str = "", **values: object) -> str:
    """Lines of one card's figures, by their names without what all have in common."""
    holder = f",{OURS % pod}" if pod else ""
    return "".join(
        f"DCGM_FI_{name}{{{labels}{holder}}} {value}\n" for name, value in values.items()
    )


def whole(card: str, pod: str = "", **values: object) -> str:
    return figures(f'gpu="0",UUID="{card}"', pod, **values)


def mig(card: str, instance: int, profile: str, pod: str, **values: object) -> str:
    labels = f'gpu="0",UUID="{card}",GPU_I_ID="{instance}",GPU_I_PROFILE="{profile}"'
    return figures(labels, pod, **values)


# One card that four pods share, one in slices, and pods whose cards say what cannot be.
CARDS = "".join(
    [
        *(
            whole("GPU-1", pod, DEV_FB_USED=10000, DEV_FB_TOTAL=23028, PROF_GR_ENGINE_ACTIVE=0.8)
            for pod in ("p1", "p2", "p3", "p4")
        ),
        whole("GPU-2", "m1", DEV_GPU_UTIL=BLANK, DEV_FB_USED=9000),
        mig("GPU-2", 7, "1g.5gb", "m1", PROF_GR_ENGINE_ACTIVE=1.0, DEV_FB_USED=4000),
        mig("GPU-2", 8, "1g.5gb", "m2", PROF_GR_ENGINE_ACTIVE=0.5, DEV_FB_USED=1000),
        mig("GPU-2", 9, "1g.10gb+me", "m3", PROF_GR_ENGINE_ACTIVE=0.25, DEV_FB_USED=500),
        whole("GPU-3", "blank", PROF_GR_ENGINE_ACTIVE=BLANK, DEV_FB_USED=BLANK),
        whole("GPU-4", "two", DEV_GPU_UTIL=50, DEV_FB_USED=100),
        whole("GPU-5", "two", DEV_GPU_UTIL=2147483632, DEV_FB_USED=2147483632),
        whole("GPU-6", "full", DEV_GPU_UTIL=101, DEV_FB_USED=30000, DEV_FB_TOTAL=23028),
        whole("GPU-7", "once", DEV_GPU_UTIL=40, DEV_FB_USED=200),
        whole("GPU-8", DEV_GPU_UTIL=70, DEV_FB_USED=300),
        whole("GPU-9", "elsewhere", DEV_GPU_UTIL=20, DEV_FB_USED=BLANK),
    ]
)
# A second monitor that names nobody, and reads one card a moment too early.
CARDS_AGAIN = "".join(
    [
        whole("GPU-1", DEV_FB_USED=10000, PROF_GR_ENGINE_ACTIVE=0.8),
        whole("GPU-7", "once", DEV_GPU_UTIL=BLANK, DEV_FB_USED=BLANK),
    ]
)
# What Slipway says of itself, as a test wants it.
SLIPWAY: dict[str, Callable[[], str]] = {}


def slipway() -> str:
    return SLIPWAY.get("page", str)()


PAGES: dict[str, Callable[[], str]] = {
    "/resource": lambda: RESOURCE,
    "/cadvisor": lambda: CADVISOR,
    "/past": past,
    "/young": young,
    "/fraud": lambda: FRAUD,
    "/cards": lambda: CARDS,
    "/cards-again": lambda: CARDS_AGAIN,
    "/slipway": slipway,
}


class Exposition(BaseHTTPRequestHandler):
    """Says what each path's page has to say now."""

    def do_GET(self) -> None:
        body = PAGES.get(self.path, str)().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""
