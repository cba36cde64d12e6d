"""Figures as distributions, and a table of them beside their peers."""

import math
import statistics
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time


@dataclass
class Timing:
    """Seconds, filled in when its block ends."""

    wall_seconds: float = math.nan
    cpu_seconds: float = math.nan


@contextmanager
def timed() -> Iterator[Timing]:
    """Time a block by the wall and by this process' CPU."""
    timing = Timing()
    wall, cpu = perf_counter(), process_time()
    yield timing
    timing.wall_seconds, timing.cpu_seconds = perf_counter() - wall, process_time() - cpu


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


@dataclass(frozen=True)
class Figure:
    """What was measured, the peer of the same run, what they are to each other, and the goal."""

    name: str
    ours: str
    peer: str
    ratio: str
    goal: str
    is_met: bool


# Of this run, in the order in which they were measured.
figures: list[Figure] = []


def table(figures: Iterable[Figure]) -> str:
    """Write figures as a Markdown table."""
    rows = ["| figure | ours | peer, same run | ratio | goal | met |", "| --- " * 6 + "|"]
    for f in figures:
        met = "yes" if f.is_met else "**no**"
        rows.append(f"| {f.name} | {f.ours} | {f.peer} | {f.ratio} | {f.goal} | {met} |")
    return "\n".join(rows)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
