"""Several logs as one: each line after the name of its process."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

COLOURS = (36, 32, 35, 33, 34, 31)
POLL_SECONDS = 0.2


def follow(logs: Path, names: Iterable[str]) -> None:
    """Print what is added to logs until interrupted, even after a log is rotated."""
    tails = [
        Tail(logs / f"{name}.log", colour) for name, colour in zip(names, COLOURS, strict=False)
    ]
    width = max(len(tail.file.stem) for tail in tails)
    while True:
        lines = [(tail, line) for tail in tails for line in tail.new_lines()]
        for tail, line in lines:
            print(prefix(tail, width) + line, end="", flush=True)
        if not lines:
            time.sleep(POLL_SECONDS)


def prefix(tail: "Tail", width: int) -> str:
    """Return the name in front of a line, in colour if the output is a terminal."""
    name = f"{tail.file.stem:<{width}} | "
    return f"\033[{tail.colour}m{name}\033[0m" if sys.stdout.isatty() else name


class Tail:
    """The end of one log."""

    def __init__(self, file: Path, colour: int) -> None:
        self.file = file
        self.colour = colour
        self.stream: TextIO | None = None

    def new_lines(self) -> list[str]:
        """Return the whole lines that were added since the last look."""
        if self.stream is None:
            if not self.file.exists():
                return []
            self.stream = self.file.open(errors="replace")
            self.stream.seek(0, 2)
        if self.file.stat().st_size < self.stream.tell():
            self.stream.close()
            self.stream = self.file.open(errors="replace")
        return [line for line in self.stream.readlines() if line.endswith("\n")]
