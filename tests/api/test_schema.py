"""The OpenAPI document: complete, valid, and true."""

from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema
import pytest
from rest_framework.test import APIClient

from accounts import tokens
from tests.api.matrix import ENVIRONMENT, OPERATIONS, PROJECT, Operation
from tests.api.test_etags import CHANGES
from tests.api.world import ANONYMOUS, PLATFORM_ADMIN, VIEWER, World


def test_it_is_openapi_3_1(schema: Any) -> None:
    assert schema["openapi"].startswith("3.1")


def test_every_operation_is_documented(operations: dict[str, Any]) -> None:
    expected = {operation.name for operation in OPERATIONS}
    assert expected <= set(operations)
    assert set(operations) - expected <= {"GET /stream"}


def test_operations_have_names_of_their_own(operations: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))


def test_every_operation_says_what_it_does(operations: dict[str, Any]) -> None:
    bare = [
        name
        for name, operation in operations.items()
        if not (operation["summary"] and operation["description"])
    ]
    assert bare == []


def test_every_operation_is_found_under_a_resource(schema: Any, operations: dict[str, Any]) -> None:
    known = {tag["name"] for tag in schema["tags"]}
    assert {tag for operation in operations.values() for tag in operation["tags"]} == known
    assert {len(operation["tags"]) for operation in operations.values()} == {1}


def examples_of(bodies: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the schema and the example of each body."""
    for body in bodies:
        for form in [*body.get("content", {}).values()][:1]:
            yield form["schema"], form.get("example")


def test_every_operation_has_examples_that_its_schema_allows(
    schema: Any, operations: dict[str, Any]
) -> None:
    """If one is missing or no longer true, `make examples` records them anew.

    Of several answers that are no refusals, one is enough.
    """

    def is_valid(told: dict[str, Any], example: Any) -> bool:
        whole = {**told, "components": schema["components"]}
        return bool(jsonschema.Draft202012Validator(whole).is_valid(example))

    wrong = []
    for name, operation in operations.items():
        sent = [*examples_of([operation.get("requestBody", {})])]
        answers = [said for status, said in operation["responses"].items() if status < "3"]
        answered = [*examples_of(answers)]
        shown = [one for one in answered if one[1] is not None] or answered
        if not all(is_valid(*one) for one in sent + shown):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_refusals_that_are_known_are_documented(
    world: World, schema: Any, operations: dict[str, Any], operation: Operation
) -> None:
    documented = operations[operation.name]["responses"]
    known = {"400", "401", "default"}
    known |= {"403"} if operation.is_write else set()
    known |= {"404"} if "{" in operation.template else set()
    assert known <= set(documented)
    for status in known:
        name = documented[status]["$ref"].rpartition("/")[2]
        assert "application/problem+json" in schema["components"]["responses"][name]["content"]
    unsigned = operation.call(world, ANONYMOUS)
    unknown = operation.call(world, PLATFORM_ADMIN, QUERY_STRING="unheard=of")
    assert {str(unsigned.status_code), str(unknown.status_code)} <= set(documented)


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


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(world: World) -> None:
    client = world.clients[ANONYMOUS]
    page: Any = client.get("/api/docs/")
    assert (page.status_code, page["Location"]) == (302, "/login?next=/api/docs/")
    document: Any = client.get("/api/v1/schema/")
    assert (document.status_code, document.json()["reason"]) == (401, "Unauthenticated")


def test_it_is_read_with_a_token(world: World) -> None:
    _, secret = tokens.issue(world.users[VIEWER], name="ci", expires_at=None, by=None)
    document: Any = APIClient(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/schema/")
    assert document.json()["openapi"]


def test_where_the_setting_says_so_it_is_public(world: World, settings: Any) -> None:
    settings.PUBLIC_SCHEMA = True
    for path in ("/api/v1/schema/", "/api/docs/"):
        response: Any = world.clients[ANONYMOUS].get(path)
        assert response.status_code == 200
