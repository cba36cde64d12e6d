"""Two spellings of one value are one value; see `tests/contract/test_drift.py` for the rest."""

import pytest

from clusters.drift import same

HARD = ("spec", "hard", "memory")


@pytest.mark.parametrize(
    ("wanted", "found", "is_same"),
    [
        ("1", "1000m", True),
        (2, "2", True),
        ("1Gi", "1073741824", True),
        ("16Pi", "18014398509481984", True),
        ("8Ei", "8Ei", True),
        ("9Ei", "9216Pi", True),
        ("1n", "0.000000001", True),
        ("1m", "2m", False),
        ("1n", "2n", False),
        ("9Ei", "10Ei", False),
        ("1", "one", False),
        ("1", None, False),
    ],
)
def test_amounts_are_compared_by_what_they_say(wanted, found, is_same):
    assert same(HARD, wanted, found) is is_same
