"""What the API does not understand is refused clearly, whatever the route."""

from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import override

from audit.models import AuditEvent
from core.api.problem import refusal_from_constraint
from core.errors import Conflict
from projects.models import Membership
from tests.api.matrix import KUBECONFIG, OPERATIONS, WRITES, Operation
from tests.api.routes import api_routes
from tests.api.world import PLATFORM_ADMIN, World
from tests.factories import make_project, make_user

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY = tuple(operation for operation in WRITES if operation.body is not None)
UNSUPPORTED = [
    (route.template, method)
    for route in api_routes()
    for method in METHODS
    if method not in route.methods
]
MALFORMED = {
    "half an object": b'{"name": ',
    "no JSON": b"name=search",
    "not UTF-8": b'{"name": "\xff"}',
    "NaN": b'{"name": NaN}',
    "a list": b"[]",
    "a text": b'"search"',
    "null": b"null",
}


@pytest.mark.parametrize(("template", "method"), UNSUPPORTED)
def test_other_methods_are_405(world: World, template: str, method: str) -> None:
    call = getattr(world.clients[PLATFORM_ADMIN], method.lower())
    response: Any = call(world.path(template))
    assert response.status_code == 405
    assert response.json()["reason"] == "MethodNotAllowed"
    assert method not in response["Allow"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_unknown_parameter_is_refused_by_name(world: World, operation: Operation) -> None:
    query = f"{operation.query}&" if operation.query else "?"
    odd = Operation(operation.name, operation.least, body=operation.body, query=f"{query}odd=1")
    response: Any = odd.call(world, PLATFORM_ADMIN)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/odd"
    assert_unchanged()


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_an_unknown_field_is_refused_by_name(world: World, operation: Operation) -> None:
    response: Any = operation.call(world, PLATFORM_ADMIN, data={**operation.body, "odd": 1})
    assert response.status_code == 400
    assert {"pointer": "/odd", "detail": "Unknown field."} in response.json()["errors"]
    assert_unchanged()


def test_a_taken_cluster_name_is_refused_at_its_field(world: World) -> None:
    body = {"name": world.parameters["cluster"], "kubeconfig": KUBECONFIG}
    response: Any = world.clients[PLATFORM_ADMIN].post("/api/v1/clusters", body)
    assert response.status_code == 409, response.content
    assert [error["pointer"] for error in response.json()["errors"]] == ["/name"]


@pytest.mark.parametrize("document", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_a_malformed_body_is_refused(world: World, operation: Operation, document: bytes) -> None:
    response: Any = operation.call(
        world, PLATFORM_ADMIN, data=document, format=None, content_type="application/json"
    )
    assert response.status_code == 400
    assert response.json()["reason"] == "Invalid"
    assert_unchanged()


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_a_body_that_is_not_json_is_415(world: World, operation: Operation) -> None:
    response: Any = operation.call(
        world, PLATFORM_ADMIN, data=b"a=1", format=None, content_type="text/plain"
    )
    assert response.status_code == 415
    assert response.json()["reason"] == "UnsupportedMediaType"


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_a_body_that_is_too_large_is_413(world: World, operation: Operation) -> None:
    body = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    response: Any = operation.call(
        world, PLATFORM_ADMIN, data=body, format=None, content_type="application/json"
    )
    assert response.status_code == 413
    assert response.json()["reason"] == "PayloadTooLarge"
    assert_unchanged()


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/v1/nothing", "/api/v1/projects/fraud/", "/api/%00"]
)
def test_an_unknown_path_is_a_problem_too(world: World, path: str) -> None:
    response: Any = world.clients[PLATFORM_ADMIN].get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_forged_host_is_refused(world: World) -> None:
    response: Any = world.clients[PLATFORM_ADMIN].get("/api/v1/projects", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("nul", ["\x00", "a\x00b"])
def test_a_nul_character_is_refused_before_the_database_sees_it(world: World, nul: str) -> None:
    client = world.clients[PLATFORM_ADMIN]
    in_body: Any = client.post("/api/v1/projects", {"name": "search", "description": nul})
    in_query: Any = client.get("/api/v1/audit-events", {"actor": nul})
    assert (in_body.status_code, in_query.status_code) == (400, 400)


def test_a_race_that_a_constraint_decided_is_refused_in_our_own_words(db: None) -> None:
    kept = Membership.objects.create(project=make_project(), user=make_user())
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Membership.objects.create(project=kept.project, user=kept.user)
    with override("zh-hans"):
        refusal = refusal_from_constraint(error.value)
        assert isinstance(refusal, Conflict)
        assert str(refusal.message) == "该用户已是项目成员。"
    assert str(refusal.message) == "This user is already a member of the project."


def test_a_failure_of_ours_is_a_problem_that_tells_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.clients[PLATFORM_ADMIN]
    client.raise_request_exception = False
    monkeypatch.setattr("projects.views.ProjectCreateSerializer", None)
    response: Any = client.post("/api/v1/projects", {"name": "search"})
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert "ProjectCreateSerializer" not in response.content.decode()


def assert_unchanged() -> None:
    """Every change writes an audit row, so no row is no change."""
    assert not AuditEvent.objects.exists()
