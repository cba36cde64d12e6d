"""The audit as JSON lines: the rows, rights and filters of the list, however many rows."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.actor import SYSTEM
from accounts.models import ApiToken
from audit.record import record
from core.places import EXPORTS
from overview import audit
from projects.models import Membership, Project
from tests.api.world import OUTSIDER, PLATFORM_ADMIN, VIEWER, World, make_world
from tests.factories import make_project, make_user, signed_in
from tests.web import served

AUDIT = "/api/v1/audit-events"
AS_LINES = {"HTTP_ACCEPT": "application/x-ndjson"}


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    for n in range(7):
        for project in Project.objects.order_by("name"):
            record(f"row.{n}", project, by=SYSTEM, project=project)
    return world


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "EXPORTED_AT_ONCE", 3)


def ask(world: World, caller: str, query: str = "") -> Any:
    return world.clients[caller].get(f"{AUDIT}?{query}", **AS_LINES)


def lines(response: Any) -> list[Any]:
    return [orjson.loads(line) for chunk in chunks(response) for line in chunk.splitlines()]


def chunks(response: Any) -> list[bytes]:
    async def read(content: AsyncIterator[bytes]) -> list[bytes]:
        return [chunk async for chunk in content]

    return async_to_sync(read)(response.streaming_content)


def test_so_many_exports_of_one_user_at_once(world: World) -> None:
    open_ones = [ask(world, VIEWER) for _ in range(EXPORTS.most_per_user)]
    assert ask(world, VIEWER).status_code == 429
    assert ask(world, OUTSIDER).status_code == 200
    for response in open_ones:
        assert lines(response)
    assert ask(world, VIEWER).status_code == 200


QUERIES = ("", "action=row.3", "project=rival", "until=2020-01-01T00:00:00Z")


@pytest.mark.parametrize("caller", [OUTSIDER, VIEWER, PLATFORM_ADMIN])
def test_an_export_has_what_the_list_has(world: World, caller: str) -> None:
    for query in QUERIES:
        response = ask(world, caller, query)
        assert response["Content-Type"] == "application/x-ndjson"
        listed: Any = world.clients[caller].get(f"{AUDIT}?{query}")
        assert lines(response) == listed.json()["results"]


def test_few_rows_are_held_at_once(world: World) -> None:
    sizes = [chunk.count(b"\n") for chunk in chunks(ask(world, VIEWER))]
    assert sizes == [3, 3, 1]


def test_an_export_ends_with_the_rights_of_its_reader(world: World) -> None:
    response = ask(world, VIEWER)
    Membership.objects.filter(user=world.users[VIEWER]).delete()
    assert len(lines(response)) == 3, "what was read before that, and no more"


def test_nobody_exports_without_an_account(world: World) -> None:
    response = ask(world, "anonymous")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["limit=5", "cursor=x", "user=1"])
def test_other_questions_are_refused(world: World, query: str) -> None:
    response = ask(world, PLATFORM_ADMIN, query)
    assert response.status_code == 400
    assert response.json()["reason"] == "Invalid"


def test_an_export_ends_with_the_token_of_its_reader(world: World) -> None:
    response = ask(world, VIEWER)
    ApiToken.objects.filter(user=world.users[VIEWER]).update(revoked_at=timezone.now())
    assert len(lines(response)) == 3, "what was read before that, and no more"


def test_an_export_is_whole_over_the_wire(transactional_db: None) -> None:
    admin = signed_in(make_user(is_platform_admin=True))
    for n in range(7):
        record(f"row.{n}", make_project(), by=SYSTEM)
    headers = {
        "Accept": AS_LINES["HTTP_ACCEPT"],
        "Authorization": admin._credentials["HTTP_AUTHORIZATION"],
    }
    with served() as address:
        answer = httpx.get(f"{address}{AUDIT}", headers=headers, trust_env=False)
    assert len([line for line in answer.text.splitlines() if "row." in line]) == 7
