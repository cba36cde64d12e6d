"""The OpenAPI document: complete, valid, and true."""

import io
import json
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command

from tests.api.matrix import ENVIRONMENT, OPERATIONS, PROJECT
from tests.api.routes import BASE
from tests.api.test_etags import CHANGES
from tests.api.world import PLATFORM_ADMIN, VIEWER, World


@pytest.fixture(scope="module")
def schema() -> Any:
    """Generate the document as CI does: a warning fails."""
    out = io.StringIO()
    options = {"format": "openapi-json", "validate": True, "fail_on_warn": True}
    call_command("spectacular", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def operations(schema: Any) -> dict[str, Any]:
    """Return each documented operation by method and path."""
    return {
        f"{method.upper()} {path.removeprefix(BASE)}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_openapi_3_1(schema: Any) -> None:
    assert schema["openapi"].startswith("3.1")


def test_every_operation_is_documented(operations: dict[str, Any]) -> None:
    expected = {operation.name for operation in OPERATIONS}
    assert expected <= set(operations)
    assert set(operations) - expected <= {"GET /stream"}


def test_operations_have_names_of_their_own(operations: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))


def test_every_operation_documents_its_problems(operations: dict[str, Any]) -> None:
    bare = [
        name
        for name, operation in operations.items()
        if not any(
            "application/problem+json" in response.get("content", {})
            for response in operation["responses"].values()
        )
    ]
    assert bare == []


def test_every_operation_says_how_to_sign_in(schema: Any, operations: dict[str, Any]) -> None:
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}
    open_to_all = [name for name, operation in operations.items() if not operation.get("security")]
    assert open_to_all == []


def test_enumerations_have_stable_names(schema: Any) -> None:
    """The generator's own names carry a digest of the values, which changes with them."""
    names = [name for name, body in schema["components"]["schemas"].items() if "enum" in body]
    assert [name for name in names if any(map(str.isdigit, name))] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_status_that_is_answered_is_documented(
    world: World, operations: dict[str, Any], operation: Any
) -> None:
    response = operation.call(world, PLATFORM_ADMIN)
    documented = operations[operation.name]["responses"]
    assert str(response.status_code) in documented or (
        response.status_code >= 400 and "default" in documented
    )


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.status < 400], ids=lambda operation: operation.name
)
def test_what_is_answered_is_what_is_documented(
    world: World, schema: Any, operations: dict[str, Any], operation: Any
) -> None:
    response = operation.call(world, PLATFORM_ADMIN)
    documented = operations[operation.name]["responses"][str(response.status_code)]
    content = documented.get("content", {}).get("application/json")
    if content:
        told = {**content["schema"], "components": schema["components"]}
        jsonschema.Draft202012Validator(told).validate(response.json())


def headers_of(operation: dict[str, Any]) -> set[str]:
    """Return the request headers that an operation documents."""
    parameters = operation.get("parameters", [])
    return {p["name"] for p in parameters if p["in"] == "header"}


def test_every_post_documents_its_idempotency_key(operations: dict[str, Any]) -> None:
    documented = {n for n, o in operations.items() if "Idempotency-Key" in headers_of(o)}
    assert documented == {name for name in operations if name.startswith("POST ")}


def test_every_change_of_an_object_with_an_etag_documents_if_match(
    operations: dict[str, Any],
) -> None:
    documented = {n for n, o in operations.items() if "If-Match" in headers_of(o)}
    assert documented == {operation.name for operation in CHANGES} | {
        f"DELETE {ENVIRONMENT}",
        f"DELETE {PROJECT}",
    }


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.status < 400], ids=lambda operation: operation.name
)
def test_an_etag_is_documented_where_one_is_sent(
    world: World, operations: dict[str, Any], operation: Any
) -> None:
    response = operation.call(world, PLATFORM_ADMIN)
    documented = operations[operation.name]["responses"][str(response.status_code)]
    assert ("ETag" in response) == ("ETag" in documented.get("headers", {}))


def test_it_is_served_with_pages_that_need_no_network(world: World) -> None:
    client = world.clients[VIEWER]
    served: Any = client.get("/api/v1/schema/")
    assert served.status_code == 200
    docs: Any = client.get("/api/docs/")
    assert docs.status_code == 200
    page = docs.content.decode()
    assert "//cdn" not in page
    assert "/static/drf_spectacular_sidecar/" in page
