"""What a page costs does not grow with the fleet: statements, bytes, and rows that are read."""

import gc
import json
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Role
from serving.diagnosis.judging import refresh_services
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from tests import factories
from tests.scale.fleet import BIG, NO_LIMIT, SMALL, make_fleet

pytestmark = pytest.mark.django_db
PAGES = (
    "/rollouts",
    "/rollouts?phase=Progressing",
    "/rollouts?phase=Failed&phase=Aborted",
    "/rollouts?project=vision",
    "/fleet/summary",
    "/fleet/nodes",
    "/projects",
    "/projects/vision",
    "/projects/vision/summary",
    "/projects/vision/summary?rank=idle",
    "/projects/vision/services",
    "/projects/vision/environments/production/services",
    "/projects/vision/environments/production/services/ranker-00005",
    "/projects/vision/environments/production/services/ranker-00005/rollouts",
    "/projects/vision/environments/production/services/ranker-00005/pods",
)
# Where all match, where few do, and where none does.
FINDING = (
    "/search?q=r",
    "/search?q=ranker-0000",
    "/search?q=anker",
    "/search?q=absent",
    "/search?q=model:ranker-7",
    *(
        f"/rollouts?{query}"
        for query in (
            *("phase=Progressing", "phase=Failed&phase=Aborted", "phase=Succeeded"),
            *("ordering=created_at", "ordering=-phase", "ordering=kind", "ordering=-started_by"),
            *("started_by=ci-bot", "started_by=nobody", "kind=deploy", "kind=scale"),
            *("service=ranker-00005", "service=absent", "environment=absent"),
            *("since=2999-01-01T00:00Z", "until=1999-01-01T00:00Z"),
            "project=vision&started_by=ci-bot&ordering=kind",
        )
    ),
)
LOOKED_THROUGH = ("serving_rollout", "registry_modelversion")
MOST_ROWS = 2_000
MIRRORED, MOST_OF_ONE_SERVICE = ("clusters_pod", "clusters_workload", "clusters_companion"), 50
# PostgreSQL plans a statement so often for its values, psycopg so often without keeping it.
MORE_THAN_CUSTOM_PLANS = 6
# A page may be longer where more of what it holds is there, and no longer than a page.
MOST_BYTES = 90_000
# Nothing reads these from end to end.
LONG = ("serving_rollout", "usage_usagewindow", "clusters_pod")


def test_a_large_fleet_costs_a_page_what_a_small_one_does() -> None:
    client = factories.signed_in(factories.make_user(is_platform_admin=True))
    make_fleet(SMALL, "small")
    few = {path: read(client, path.replace("vision", "small")) for path in PAGES}
    make_fleet(BIG)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for path in PAGES:
        statements, length = read(client, path)
        assert len(statements) == len(few[path][0]), path
        assert length < MOST_BYTES, path
        for statement in statements:
            assert not {*LONG} & read_whole(statement), (path, statement)


@pytest.mark.parametrize(
    "path",
    ["/fleet/nodes", "/rollouts?project=vision", "/projects/vision/services"],
)
def test_rows_are_gone_with_their_page(path: str) -> None:
    client = factories.signed_in(factories.make_user(is_platform_admin=True))
    make_fleet(SMALL, "vision")
    short, long = (f"{path}{'&' if '?' in path else '?'}limit={limit}" for limit in (1, 20))
    assert left_for_the_collector(client, long) == left_for_the_collector(client, short)


@pytest.mark.timeout(600)
def test_what_is_looked_for_among_a_hundred_thousand_is_found_by_an_index() -> None:
    project = make_fleet(replace(BIG, nodes=50, services=200, pods=0, minutes=1)).project
    client = factories.signed_in(factories.make_user(is_platform_admin=True))
    member = factories.signed_in(factories.make_member(project, Role.VIEWER))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for path in FINDING:
        for reader in (client, member):
            assert rows_read(reader, path) < MOST_ROWS, path


def test_a_service_is_judged_by_what_is_its_own() -> None:
    make_fleet(replace(BIG, rollouts=0, minutes=1))
    service = ModelService.objects.get(name="ranker-00005")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for _ in range(MORE_THAN_CUSTOM_PLANS):
        refresh_services([service.pk])
    before = rows_fetched(MIRRORED)
    refresh_services([service.pk])
    assert rows_fetched(MIRRORED) - before < MOST_OF_ONE_SERVICE


@pytest.mark.parametrize("replicas", [1, 2], ids=["same claim", "larger claim"])
@pytest.mark.parametrize("is_platform_admin", [True, False])
def test_a_rollout_is_started_in_twelve_statements(
    replicas: int, *, is_platform_admin: bool
) -> None:
    service = factories.make_service(factories.make_environment(limits=NO_LIMIT), name="scorer")
    caller = (
        factories.make_user(is_platform_admin=True)
        if is_platform_admin
        else factories.make_member(service.project, Role.DEPLOYER)
    )
    client = factories.signed_in(caller)
    for version in ("1", "2"):
        factories.make_version(service.model, version)
    environment = service.environment
    path = f"/api/v1/projects/{service.project.name}/environments/{environment.name}"
    start = partial(client.post, f"{path}/services/scorer/rollouts", format="json")
    first = start({"version": "1", "replicas": 1})
    assert first.status_code == 202, first.content
    Rollout.objects.update(phase=Phase.SUCCEEDED, finished_at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        answer = start({"version": "2", "replicas": replicas})
    assert answer.status_code == 202, answer.content
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    # The role of somebody who is not a platform admin is one more.
    assert len(asked) <= (12 if is_platform_admin else 13), "\n".join(asked)


def read(client: APIClient, path: str) -> tuple[list[str], int]:
    """Return the statements of a page, and how long it is."""
    client.get(f"/api/v1{path}")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.content
    return [query["sql"] for query in queries.captured_queries], len(answer.content)


def left_for_the_collector(client: APIClient, path: str) -> int:
    """Return how many objects of a page are in circles, which only the collector frees."""
    client.get(f"/api/v1{path}")
    gc.collect()
    gc.disable()
    try:
        # The test client puts its answers in a circle of their own.
        vars(client.get(f"/api/v1{path}")).clear()
        return gc.collect()
    finally:
        gc.enable()


def read_whole(statement: str) -> set[str]:
    """Return the tables that a statement reads from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    plans = found if isinstance(found, list) else json.loads(found)
    return {node["Relation Name"] for node in nodes_of(plans[0]["Plan"]) if is_whole(node)}


def rows_read(client: APIClient, path: str) -> int:
    """Return how many rows a page looks at in what is looked through, by the plans that are kept.

    A statement that was asked often may be planned for any value, and not for those it is given.
    """
    for _ in range(MORE_THAN_CUSTOM_PLANS):
        read(client, path)
    before = rows_fetched()
    read(client, path)
    # It is asked twice.
    return (rows_fetched() - before) // 2


def rows_fetched(tables: Collection[str] = LOOKED_THROUGH) -> int:
    """Return how many rows of some tables this transaction has got, by an index or without."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
            " WHERE relname = ANY(%s)",
            [[*tables]],
        )
        (rows,) = cursor.fetchone()
    return int(rows)


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan and all below it."""
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes_of(child))]


def is_whole(node: dict[str, Any]) -> bool:
    return bool(node["Node Type"] == "Seq Scan")
