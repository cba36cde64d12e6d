"""Audit rows: one for every change, in its transaction, for ever."""

from typing import Any

import orjson
import pytest
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from accounts.actor import SYSTEM, Actor
from audit.models import AuditEvent
from audit.record import record
from core import stream
from projects import actions
from projects.models import Project, Role
from tests.api.matrix import WRITES, Operation
from tests.api.world import PLATFORM_ADMIN, World, make_world
from tests.factories import make_member, make_project, make_user, signed_in

AUDITED = [operation for operation in WRITES if operation.audit]
CHANGES = {
    "update": "UPDATE audit_auditevent SET actor = 'nobody'",
    "delete": "DELETE FROM audit_auditevent",
    "truncate": "TRUNCATE audit_auditevent, audit_auditlink",
    "remove links": "DELETE FROM audit_auditlink",
    "empty links": "TRUNCATE audit_auditlink",
    "change links": "UPDATE audit_auditlink SET position = 7",
    "make links": "INSERT INTO audit_auditlink (event_id, position) VALUES (0, 9)",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.parametrize("operation", AUDITED, ids=lambda operation: operation.name)
def test_every_change_is_written_down(world: World, operation: Operation) -> None:
    response: Any = operation.call(world, PLATFORM_ADMIN, HTTP_X_REQUEST_ID="request-4711")
    assert response.status_code == operation.status
    event = AuditEvent.objects.get(action=operation.audit)
    assert event.actor == world.users[PLATFORM_ADMIN].username
    assert event.user == world.users[PLATFORM_ADMIN]
    assert event.request_id == "request-4711" == response["X-Request-ID"]
    if "{project}" in operation.template and not operation.other:
        assert event.project == world.project.name


def test_every_write_but_that_of_ones_own_language_is_audited() -> None:
    """Those apart that change nothing: refused ones, and what only asks."""
    unaudited = {o.name for o in WRITES if not o.audit and o.status < 400}
    assert unaudited == {"PATCH /me", "POST /projects/{project}/preflight"}


def test_a_row_is_part_of_the_change_it_describes(db: None) -> None:
    by = Actor.of(make_user())
    with transaction.atomic():
        actions.create_project(name="search", details={}, by=by)
        transaction.set_rollback(True)
    assert not Project.objects.exists()
    assert not AuditEvent.objects.exists()


def test_listeners_hear_of_a_row(transactional_db: None) -> None:
    redis = stream.connection()
    redis.delete(stream.STREAM)
    project = make_project("search")
    event = record("project.update", project, by=SYSTEM, project=project)
    (_, fields), *others = redis.xrange(stream.STREAM)
    heard = orjson.loads(fields[b"message"])
    assert (heard["object"], heard["id"], heard["project"]) == (
        "audit_event",
        str(event.pk),
        "search",
    )
    assert not others


def test_a_change_that_cannot_be_written_down_does_not_happen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.clients[PLATFORM_ADMIN]
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_auditevent ADD CONSTRAINT disk_full CHECK (false) NOT VALID"
        )
    assert client.post("/api/v1/projects", {"name": "search"}).status_code == 500
    assert not Project.objects.filter(name="search").exists()


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
@pytest.mark.django_db
def test_the_database_itself_refuses_to_change_history(statement: str) -> None:
    record("project.create", make_project(), by=SYSTEM)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")
    assert AuditEvent.objects.get().actor == "slipway"


@pytest.mark.django_db
def test_a_row_outlives_the_one_who_made_it_and_what_it_is_about() -> None:
    user, project = make_user("ada"), make_project("search")
    record("project.create", project, by=Actor.of(user), project=project)
    project.delete()
    user.delete()
    event = AuditEvent.objects.get()
    assert (event.actor, event.object_name, event.project) == ("ada", "search", "search")


def test_members_read_what_happened_in_their_projects_only(world: World) -> None:
    for project in Project.objects.order_by("name"):
        record("project.update", project, by=SYSTEM, project=project)
    record("cluster.update", Project.objects.first(), by=SYSTEM)
    assert projects_shown(world, "viewer") == ["fraud"]
    assert projects_shown(world, "outsider") == ["rival"]
    assert projects_shown(world, PLATFORM_ADMIN) == [None, "rival", "fraud"]


def projects_shown(world: World, caller: str) -> list[str | None]:
    response: Any = world.clients[caller].get("/api/v1/audit-events")
    return [event["project"] for event in response.json()["results"]]


@pytest.mark.parametrize(
    ("query", "actions_shown"),
    [
        ("actor=ada", ["second"]),
        ("action=first", ["first"]),
        ("project=fraud", ["second", "first"]),
        ("project=rival", []),
        ("object_kind=project", ["second", "first"]),
        ("object_kind=service", []),
        ("since=2020-01-01T00:00:00Z", ["second", "first"]),
        ("until=2020-01-01T00:00:00Z", []),
        ("action=first&actor=ada", []),
        ("limit=1", ["second"]),
    ],
)
def test_rows_are_found_by_what_they_say(
    world: World, query: str, actions_shown: list[str]
) -> None:
    record("first", world.project, by=SYSTEM, project=world.project)
    record("second", world.project, by=Actor("ada"), project=world.project)
    response: Any = world.clients[PLATFORM_ADMIN].get(f"/api/v1/audit-events?{query}")
    assert [event["action"] for event in response.json()["results"]] == actions_shown


@pytest.mark.parametrize("query", ["since=yesterday", "user=1", "before__contains=x", "cursor=x"])
def test_other_questions_are_refused(world: World, query: str) -> None:
    response: Any = world.clients[PLATFORM_ADMIN].get(f"/api/v1/audit-events?{query}")
    assert response.status_code == 400


def test_a_changed_environment_variable_is_written_down_without_its_value(world: World) -> None:
    path = world.path("/projects/{project}/environments/{environment}/services/{service}")
    client = world.clients[PLATFORM_ADMIN]
    for value in ("first-canary", "second-canary"):
        assert client.patch(path, {"env": {"API_KEY": value}}).status_code == 200
    events = AuditEvent.objects.filter(action="service.draft")
    assert len(events) == 2
    assert "canary" not in str([(event.before, event.after) for event in events])


def test_a_project_of_an_old_name_inherits_no_history(world: World) -> None:
    """Neither in the audit nor in the list of projects, and not even for platform admins."""
    client = world.clients[PLATFORM_ADMIN]
    old = make_project("search")
    record("project.update", old, by=SYSTEM, project=old)
    assert found(client, "project=search") == ["project.update"]
    number = old.pk
    old.delete()
    assert found(client, "project=search") == ["project.update"], "nobody has the name now"
    new = make_project("search")
    member = signed_in(make_member(new, Role.ADMIN))
    assert found(member, "") == found(member, "project=search") == []
    assert found(client, "project=search") == []
    assert found(client, f"project_id={number}") == ["project.update"]
    shown: Any = member.get("/api/v1/projects")
    assert [project["last_change_at"] for project in shown.json()["results"]] == [None]


def found(client: APIClient, query: str) -> list[str]:
    response: Any = client.get(f"/api/v1/audit-events?{query}")
    return [event["action"] for event in response.json()["results"]]
