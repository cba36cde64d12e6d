"""Who may do what: every operation against every caller."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Membership, Role
from tests import factories
from tests.api.matrix import OPERATIONS, READS, WRITES, Operation
from tests.api.test_routes import SIGNED_IN
from tests.api.world import ADMIN, ANONYMOUS, CALLERS, OUTSIDER, ROBOT_ADMIN, VIEWER, World

MATRIX = [(operation, caller) for operation in OPERATIONS for caller in CALLERS]
CREDENTIALS = {
    "none": {},
    "an unknown token": {"HTTP_AUTHORIZATION": "Bearer slp_aaaaaaaa_nothing_00000000"},
    "no token": {"HTTP_AUTHORIZATION": "Bearer "},
    "another scheme": {"HTTP_AUTHORIZATION": "Basic YWRtaW46YWRtaW4="},
}


def expected_status(operation: Operation, caller: str) -> int:
    """Return what the contract says: 401, 404 for strangers, 403 for too small a role."""
    if caller == ANONYMOUS:
        return 401
    if caller == OUTSIDER and operation.is_of_a_tenant:
        return 404
    return operation.status if CALLERS.index(caller) >= CALLERS.index(operation.least) else 403


@pytest.mark.parametrize(
    ("operation", "caller"), MATRIX, ids=[f"{o.name} as {caller}" for o, caller in MATRIX]
)
def test_every_operation_answers_every_caller_as_the_matrix_says(
    world: World, operation: Operation, caller: str
) -> None:
    response: Any = operation.call(world, caller)
    assert response.status_code == expected_status(operation, caller), response.content
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code
        assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_bad_credentials_are_told_how_to_sign_in(
    world: World, operation: Operation, credentials: dict[str, str]
) -> None:
    world.clients[ANONYMOUS] = APIClient(**credentials)
    response: Any = operation.call(world, ANONYMOUS)
    assert response.status_code == 401
    assert response.json()["reason"] == "Unauthenticated"
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
@pytest.mark.parametrize("template", sorted(SIGNED_IN - {"/api/docs/"}))
def test_the_schema_and_the_stream_need_somebody_too(template: str) -> None:
    response: Any = APIClient().get(f"/api/v1{template}")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_the_documentation_leads_by_the_sign_in_page() -> None:
    response: Any = APIClient().get("/api/docs/")
    assert (response.status_code, response["Location"]) == (302, "/login?next=/api/docs/")


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if "{project}" in o.template], ids=lambda o: o.name
)
def test_a_strangers_object_looks_as_if_it_did_not_exist(
    world: World, operation: Operation
) -> None:
    foreign: Any = operation.call(world, OUTSIDER)
    world.parameters["project"] = "absent"
    absent: Any = operation.call(world, OUTSIDER)
    assert told(foreign) == told(absent)


def told(response: Any) -> tuple[int, dict[str, Any]]:
    """Return what an answer says, but for its number."""
    return response.status_code, {**response.json(), "request_id": ""}


@pytest.mark.parametrize(
    ("operation", "parameter"),
    [(o, p) for o in OPERATIONS for p in ("token", "username") if f"{{{p}}}" in o.template],
    ids=lambda value: getattr(value, "name", value),
)
def test_an_object_of_another_project_is_not_found_below_ones_own(
    world: World, operation: Operation, parameter: str
) -> None:
    """Ids and names are looked up inside the project of the URL, not anywhere."""
    world.parameters["project"] = "rival"
    response: Any = operation.call(world, OUTSIDER)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "operation", [o for o in READS if not o.is_of_a_tenant], ids=lambda o: o.name
)
def test_shared_reads_show_nothing_of_another_tenant(world: World, operation: Operation) -> None:
    response: Any = operation.call(world, OUTSIDER)
    text = response.content.decode()
    secrets = [
        world.project.name,
        *world.project.memberships.values_list("user__username", flat=True),
    ]
    ids = [
        str(service.pk) for e in world.project.environments.all() for service in e.services.all()
    ]
    assert [secret for secret in [*secrets, *ids] if secret in text] == []


RESTRICTED_TO_STAGING = [
    o for o in WRITES if o.is_of_a_tenant and o.other.get("environment") != "staging"
    and o.least not in (VIEWER, "platform admin") and "/models" not in o.template
]  # fmt: skip


@pytest.mark.parametrize("operation", RESTRICTED_TO_STAGING, ids=lambda o: o.name)
def test_a_role_that_is_restricted_to_one_environment_changes_nothing_else(
    world: World, operation: Operation
) -> None:
    staging = world.project.environments.filter(name="staging")
    robot = factories.make_robot(world.project, Role.ADMIN, staging)
    world.clients["robot"] = factories.signed_in(robot)
    response: Any = operation.call(world, "robot")
    assert response.status_code == 403


@pytest.mark.parametrize(
    "operation",
    [o for o in WRITES if o.least == ADMIN],
    ids=lambda o: o.name,
)
def test_a_token_gives_access_to_nobody_and_is_told_who_can(
    world: World, operation: Operation
) -> None:
    response: Any = operation.call(world, ROBOT_ADMIN)
    assert (response.status_code, response.json()["reason"]) == (403, "Forbidden")
    assert "Sign in as a person" in response.json()["detail"]


def test_nobody_is_shown_a_permission_that_would_be_refused(world: World) -> None:
    path = world.path("/projects/{project}")
    shown = {c: set(world.clients[c].get(path).json()["permissions"]) for c in (ROBOT_ADMIN, ADMIN)}
    assert shown[ADMIN] - shown[ROBOT_ADMIN] == {"member.write", "token.write"}
    assert "token.view" in shown[ROBOT_ADMIN]


def test_a_restriction_outlives_its_environment(world: World) -> None:
    sandbox = factories.make_environment(world.project, "sandbox")
    client = factories.signed_in(factories.make_robot(world.project, Role.ADMIN, [sandbox]))
    sandbox.delete()
    path = world.path("/projects/{project}/environments/staging/services")
    response: Any = client.post(path, {"name": "filter", "model": "toxicity"})
    assert response.status_code == 403


def test_a_restricted_role_changes_its_own_environment(world: World) -> None:
    staging = world.project.environments.get(name="staging")
    robot = factories.make_robot(world.project, Role.DEPLOYER, [staging])
    response: Any = factories.signed_in(robot).post(
        world.path("/projects/{project}/environments/staging/services"),
        {"name": "filter", "model": "toxicity"},
    )
    assert response.status_code == 201


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_a_role_that_was_taken_away_counts_at_once(world: World, operation: Operation) -> None:
    if not operation.is_of_a_tenant:
        User.objects.filter(pk=world.users[ADMIN].pk).update(is_active=False)
    Membership.objects.filter(user=world.users[ADMIN]).delete()
    response: Any = operation.call(world, ADMIN)
    assert response.status_code == (404 if operation.is_of_a_tenant else 401)


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_reading_writes_nothing(world: World, operation: Operation) -> None:
    """A GET is sent by links and prefetching, without CSRF."""
    before: Any = operation.call(world, operation.least)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        with CaptureQueriesContext(connection) as queries:
            after: Any = operation.call(world, operation.least)
        transaction.set_rollback(True)
    # A write that the database refused may have been passed over.
    statements = [query["sql"].split(maxsplit=1)[0] for query in queries]
    assert set(statements) <= {"SELECT", "WITH"}, json.dumps(statements)
    assert after.status_code == before.status_code, after.content
