"""The figures of pages of a large fleet, as rows: no cluster runs it, and nobody else asks."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from core.garbage import freeze
from tests import factories
from tests.bench.measure import Figure, figures, median, milliseconds, percentile, timed
from tests.scale.fleet import BIG, make_fleet

TIMES, WARM = 300, 10
SERVICES = "/api/v1/projects/vision/services"
# A page, and the milliseconds within which 99 of a hundred have to be answered.
PAGES = {
    "/api/v1/rollouts?phase=Progressing": 15,
    "/api/v1/rollouts?project=vision": 15,
    "/api/v1/fleet/summary": 15,
    "/api/v1/fleet/nodes": 15,
    "/api/v1/projects/vision/summary": 20,
}


@pytest.fixture
def client(db: None, settings: Any) -> APIClient:
    """A client of a fleet, which answers as stock too."""
    settings.ROOT_URLCONF = "tests.bench.stock"
    make_fleet(BIG)
    # As a web process does when it has started.
    import_module("tests.bench.stock")
    freeze()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return factories.signed_in(factories.make_user(is_platform_admin=True))


def test_pages_of_a_large_fleet(client: APIClient) -> None:
    floor = median(ask_in_turns(client, "/api/v1/me")[0])
    for path, goal in PAGES.items():
        (seconds,) = ask_in_turns(client, path)
        figures.append(
            Figure(
                f"{path.removeprefix('/api/v1')}, p99 of {TIMES} "
                f"(median {milliseconds(median(seconds))})",
                milliseconds(percentile(seconds, 0.99)),
                f"/me, median {milliseconds(floor)}",
                f"{median(seconds) / floor:.1f}",
                f"{goal} ms",
                percentile(seconds, 0.99) <= goal / 1000,
            )
        )
    compare(client, "50 services", SERVICES, "/stock/services")
    compare(client, "50 of 100,000 rollouts", "/api/v1/rollouts", "/stock/rollouts")
    deep = "/api/v1/rollouts"
    for _ in range(40):
        deep = client.get(deep, {"limit": 500} if deep.endswith("rollouts") else None).json()[
            "next"
        ]
    compare(
        client,
        "rollouts: page 41 of 500 beside the first",
        deep,
        "/api/v1/rollouts?limit=500",
        most=1.1,
    )


def compare(client: APIClient, name: str, ours: str, theirs: str, *, most: float = 1 / 3) -> None:
    """Add how long a list takes beside another."""
    ours_seconds, their_seconds = ask_in_turns(client, ours, theirs)
    ratio = median(ours_seconds) / median(their_seconds)
    figures.append(
        Figure(
            f"{name}, median of {TIMES}",
            milliseconds(median(ours_seconds)),
            f"{theirs.split('?')[0]} {milliseconds(median(their_seconds))}",
            f"{ratio:.2f}",
            f"{most:.2f}",
            ratio <= most,
        )
    )


def ask_in_turns(client: APIClient, *paths: str) -> tuple[list[float], ...]:
    """Return how long each path took, asked in turns."""
    seconds: tuple[list[float], ...] = tuple([] for _ in paths)
    for number in range(WARM + TIMES):
        for path, its in zip(paths, seconds, strict=True):
            with timed() as one:
                answer = client.get(path)
            assert answer.status_code == 200, answer.content
            if number >= WARM:
                its.append(one.wall_seconds)
    return seconds
