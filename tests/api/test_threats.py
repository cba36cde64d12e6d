"""The threat model and the tests it names."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| [^|]+ \| [^|]+ \| (`tests/[^|]+) \|$", (ROOT / "SECURITY.md").read_text(), re.M
)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_threat_names_a_test_that_exists() -> None:
    assert len(ROWS) > 15
    for row in ROWS:
        named = NAMED.findall(row)
        assert named, row
        for path, name in named:
            assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.M), name


def test_no_threat_is_without_one() -> None:
    _, table = (ROOT / "SECURITY.md").read_text().split("| threat |")
    lines = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(lines) == len(ROWS)
