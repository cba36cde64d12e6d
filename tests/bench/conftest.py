"""One fleet for all figures, which are printed in one table at the end."""

from collections.abc import Iterator
from dataclasses import asdict

import orjson
import pytest

from clusters.client import ClusterClient
from clusters.kubeconfig import parse_kubeconfig
from embedded.demo import Demo
from embedded.home import CHECKOUT
from tests.bench.fleet import Fleet
from tests.bench.measure import figures, table

VERSIONS = 8
RESULTS = CHECKOUT / ".slipway" / "bench.json"


@pytest.fixture(scope="session", autouse=True)
def report() -> Iterator[None]:
    """Print the figures when all are there, and keep them for machines."""
    yield
    if figures:
        print("\n" + table(figures))
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_bytes(orjson.dumps([asdict(figure) for figure in figures]))


@pytest.fixture(scope="session")
def cluster(stack: Demo) -> ClusterClient:
    return ClusterClient(parse_kubeconfig(stack.kubeconfig.read_text()))


@pytest.fixture(scope="session")
def fleet(stack: Demo) -> Fleet:
    fleet = Fleet(stack)
    for number in range(VERSIONS):
        fleet.add_version(f"v{number}")
    return fleet
