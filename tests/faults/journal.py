"""What the client and the onlookers of a run write down while it goes."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.faults.evidence import JOURNAL, Entry


class Journal:
    """A file with an entry a line; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.file = (folder / JOURNAL).open("ab")
        self.lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        with self.lock:
            self.file.write(msgspec.json.encode(entry) + b"\n")
            self.file.flush()


def now() -> datetime:
    """Return the time by the clock that all parts of a run share."""
    return datetime.fromtimestamp(datetime.now(UTC).timestamp(), UTC)
