"""Two spellings of one value are one value; see `tests/contract/test_drift.py` for the rest."""

from typing import Any

import pytest

from clusters.apply import ObjectChange
from clusters.drift import compare, same

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


def labelled(manager: str, **labels: str) -> dict[str, Any]:
    """A Service whose labels have one owner."""
    fields = {"f:metadata": {"f:labels": {f"f:{label}": {} for label in labels}}}
    entry = {"manager": manager, "operation": "Apply", "fieldsV1": fields}
    metadata = {"name": "scorer", "labels": labels, "managedFields": [entry]}
    return {"kind": "Service", "metadata": metadata}


def test_a_label_that_we_no_longer_state_has_to_go_and_that_of_others_may_stay():
    wanted = {"kind": "Service", "metadata": {"name": "scorer", "labels": {"app": "scorer"}}}
    (left,) = compare(wanted, labelled("slipway", app="scorer", version="1"))
    assert (left.field, left.found, left.manager) == ("metadata.labels.version", "1", "")
    # So it may be changed where fields of others may not.
    found = labelled("slipway", app="scorer", version="1")
    assert ObjectChange.of(wanted, found).foreign == []
    assert compare(wanted, labelled("somebody", app="scorer", version="1")) == []
