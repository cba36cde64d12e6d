"""Lists page by page: nothing twice, nothing left out, and only by cursors of our own."""

from base64 import b64encode
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from clusters.models import Pod
from projects.models import Role
from serving.rules.lifecycle import Phase
from tests import factories
from tests.api.matrix import ENVIRONMENT, PROJECT, READS, SERVICE, Operation
from tests.api.routes import Route, api_routes
from tests.api.world import PLATFORM_ADMIN, World


def route_of(operation: Operation) -> Route:
    return {f"{m} {route.template}": route for route in api_routes() for m in route.methods}[
        operation.name
    ]


def is_list(operation: Operation) -> bool:
    """Return whether a route answers pages."""
    return route_of(operation).actions["get"] == "list"


LISTS = tuple(operation for operation in READS if is_list(operation))
CURSORS = {
    "nothing": "",
    "a word": "word",
    "base64 of a word": b64encode(b"p=word").decode(),
    "base64 of no text": b64encode(b"\xff\xfe").decode(),
    "an offset that is none": b64encode(b"o=word").decode(),
    "an offset beyond all": b64encode(b"o=999999999999999999999").decode(),
    "NUL": "a\x00b",
    "letters beyond ASCII": "游标",
    "half a signature": "offset=1:",
    "a signature of somebody else": f"offset=1&position=word:{'A' * 43}",
    "5,000 digits": "1" * 5_000,
}
LIMITS = ("0", "-1", "501", "1.5", "1e3", "", " 1", "²", "１", "1" * 5_000, "\x00")


def fetch(world: World, path: str, **query: str) -> Any:
    return world.clients[PLATFORM_ADMIN].get(path, query)


def fill(world: World) -> None:
    """Let every list have some rows, those of one moment too."""
    project = world.project
    for role in Role:
        factories.make_member(project, role)
        factories.make_user()
    environment = project.environments.get(name="production")
    service = environment.services.get(name="scorer")
    for _ in range(4):
        factories.make_environment(factories.make_project())
        factories.make_node(service.cluster)
        factories.make_pod(service, created_at=service.created_at)
        factories.make_cluster_event(service, last_seen_at=service.created_at)
        factories.make_revision(service)
        factories.make_rollout(service, phase=Phase.SUCCEEDED)
        factories.make_version(service.model)
        factories.make_service(environment)
        factories.make_secret(environment)
        factories.make_pull_credential(environment)
        world.clients[PLATFORM_ADMIN].patch("/api/v1/projects/fraud", {"description": token_hex()})


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_every_list_one_by_one_is_the_list(world: World, operation: Operation) -> None:
    fill(world)
    path = world.path(operation.template)
    whole = fetch(world, path).json()["results"]
    rows, following = [], f"{path}?limit=1"
    while following:
        page: Any = world.clients[PLATFORM_ADMIN].get(following)
        assert page.status_code == 200, page.content
        rows += page.json()["results"]
        following = page.json()["next"]
    assert len(whole) > 1
    assert rows == whole


ORDERED = tuple(
    pytest.param(operation, field, id=f"{operation.name} by {field}")
    for operation in LISTS
    for field in getattr(route_of(operation).view_class, "ordering_fields", None) or ()
)


@pytest.mark.parametrize(("operation", "field"), ORDERED)
def test_every_order_has_pages_and_can_be_turned_round(
    world: World, operation: Operation, field: str
) -> None:
    fill(world)
    path = world.path(operation.template)
    whole = {
        term: fetch(world, path, ordering=term).json()["results"] for term in (field, f"-{field}")
    }
    for term, expected in whole.items():
        rows, following = [], f"{path}?limit=3&ordering={term}"
        while following:
            page: Any = world.clients[PLATFORM_ADMIN].get(following).json()
            rows += page["results"]
            following = page["next"]
        assert rows == expected
    assert len(whole[field]) > 1
    if field in whole[field][0]:
        values = [row[field] for row in whole[field]]
        assert values == sorted(values)
        assert [row[field] for row in whole[f"-{field}"]] == values[::-1]


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_a_list_has_no_order_but_those_it_declares(world: World, operation: Operation) -> None:
    world.clients[PLATFORM_ADMIN].raise_request_exception = False
    path = world.path(operation.template)
    declared = getattr(route_of(operation).view_class, "ordering_fields", None) or ()
    shown = {"name", "id", *(fetch(world, path).json()["results"] or [{}])[0]}
    for field in shown - {*declared}:
        response = fetch(world, path, ordering=field)
        assert response.status_code == 400, (field, response.content)


@pytest.mark.parametrize(
    "template",
    [f"{PROJECT}/services", f"{ENVIRONMENT}/services", f"{SERVICE}/rollouts", "/rollouts"],
)
def test_one_row_of_a_list_is_what_the_list_shows_of_it(world: World, template: str) -> None:
    fill(world)
    path = world.path(template)
    for row in fetch(world, path).json()["results"]:
        assert fetch(world, path, id=row["id"]).json()["results"] == [row]
    assert fetch(world, path, id=str(uuid4())).json()["results"] == []
    assert fetch(world, path, id="word").status_code == 400


def test_a_thousand_rows_of_one_moment_have_pages_too(world: World) -> None:
    service = world.project.environments.get(name="production").services.get(name="scorer")
    pod = Pod.objects.get(name=world.parameters["pod"])
    columns = {"cluster": pod.cluster, "namespace": pod.namespace, "owner_uid": pod.owner_uid}
    Pod.objects.bulk_create(
        Pod(
            **columns,
            uid=str(n),
            name=f"pod-{n}",
            resource_version=n,
            created_at=pod.created_at,
            phase="Running",
            requests=service.requests,
        )
        for n in range(1_200)
    )
    names, following = [], world.path(f"{SERVICE}/pods?limit=400")
    while following and len(names) < 2_000:
        page: Any = world.clients[PLATFORM_ADMIN].get(following).json()
        names += [row["name"] for row in page["results"]]
        following = page["next"]
    assert len(names) == len(set(names)) == 1_201


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_a_cursor_that_is_not_ours_and_a_limit_that_is_none_are_refused(
    world: World, operation: Operation
) -> None:
    world.clients[PLATFORM_ADMIN].raise_request_exception = False
    path = world.path(operation.template)
    wrong = [{"cursor": cursor} for cursor in CURSORS.values()]
    wrong += [{"limit": limit} for limit in LIMITS]
    for query in wrong:
        response = fetch(world, path, **query)
        assert response.status_code == 400, (query, response.status_code)
        assert response.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


def test_a_cursor_of_another_order_is_refused(world: World) -> None:
    fill(world)
    page = fetch(world, "/api/v1/projects", limit="1", ordering="name").json()
    cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
    response = fetch(world, "/api/v1/projects", ordering="created_at", cursor=cursor)
    assert response.status_code == 400
