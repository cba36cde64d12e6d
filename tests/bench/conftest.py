"""One fleet for all figures, which are printed in one table at the end."""

from collections.abc import Iterator

import pytest

from embedded.demo import Demo
from tests.bench.fleet import Fleet
from tests.bench.measure import figures, table

VERSIONS = 8


@pytest.fixture(scope="session")
def fleet(stack: Demo) -> Iterator[Fleet]:
    fleet = Fleet(stack)
    for number in range(VERSIONS):
        fleet.add_version(f"v{number}")
    yield fleet
    print("\n" + table(figures))
