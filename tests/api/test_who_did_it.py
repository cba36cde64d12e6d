"""A name is shown with what bears it, wherever somebody is said to have done something."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.actor import SYSTEM
from accounts.models import ApiToken, User
from projects.models import Role
from serving.models import Rollout
from serving.timeline import add_entry
from tests.api.matrix import IMAGE
from tests.api.world import World
from tests.factories import make_member, make_robot, make_user, signed_in

VERSIONS = "/projects/{project}/models/{model}/versions"
SERVICE = "/projects/{project}/environments/{environment}/services/{service}"


def by_session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture(params=["user", "token", "robot"])
def caller(world: World, request: pytest.FixtureRequest) -> tuple[str, str, APIClient]:
    """Somebody called ci-bot: a person, a person's token, or the project's own."""
    kind = request.param
    if kind == "robot":
        return kind, "test", signed_in(make_robot(world.project, Role.ADMIN))
    person = make_member(world.project, Role.ADMIN, make_user("ci-bot"))
    client = by_session(person) if kind == "user" else signed_in(person)
    return kind, "test" if kind == "token" else "", client


def test_a_change_says_what_made_it(world: World, caller: tuple[str, str, APIClient]) -> None:
    kind, token, client = caller
    version: Any = client.post(world.path(VERSIONS), {"version": "fresh", "image": IMAGE})
    started: Any = client.post(world.path(f"{SERVICE}/rollouts"), {"version": "fresh"})
    rollout = started.json()
    who = ("ci-bot", kind, token)
    assert said(rollout, "started_by") == who
    assert said(rollout["timeline"][0], "actor") == who
    assert said(version.json(), "created_by") == who
    assert said(first(client, world.path(f"{SERVICE}/revisions")), "created_by") == who
    assert said(first(client, world.path("/audit-events")), "actor") == who


def test_what_slipway_does_by_itself_is_told_from_whoever_is_named_so(world: World) -> None:
    rollout = Rollout.objects.get(pk=world.parameters["rollout"])
    add_entry(rollout, rollout.reason, "", by=SYSTEM)
    shown: Any = world.clients["viewer"].get(world.path("/rollouts/{rollout}"))
    assert said(shown.json()["timeline"][-1], "actor") == ("slipway", "system", "")


def test_two_tokens_of_one_name_are_told_apart_in_the_audit(world: World) -> None:
    for _ in range(2):
        client = signed_in(make_robot(world.project, Role.ADMIN))
        client.patch(world.path("/projects/{project}"), {"description": "d"})
    rows: Any = world.clients["viewer"].get(world.path("/audit-events?action=project.update"))
    prefixes = {row["token_prefix"] for row in rows.json()["results"]}
    assert prefixes == set(
        ApiToken.objects.filter(user__is_robot=True, name="test")
        .values_list("prefix", flat=True)
        .order_by("-created_at")[:2]
    )


def said(shown: dict[str, Any], field: str) -> tuple[str, str, str]:
    return shown[field], shown[f"{field}_kind"], shown[f"{field}_token"]


def first(client: APIClient, path: str) -> dict[str, Any]:
    response: Any = client.get(path)
    row: dict[str, Any] = response.json()["results"][0]
    return row
