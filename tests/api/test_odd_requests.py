"""Paths, parameters, headers and sign-ins of any shape are never a failure of ours."""

import json
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from tests import factories
from tests.api.matrix import OPERATIONS, SERVICE, Operation
from tests.api.routes import api_routes
from tests.api.test_bad_input import LARGEST_REFUSAL_BYTES, faults_of
from tests.api.world import PLATFORM_ADMIN, World

LONG = "x" * 5_000
ODD_NAMES = (
    "%00",
    "a%00b",
    "%ff",
    "%ed%a0%80",
    "%E2%80%AE",
    "%f0%9f%9a%a2",
    "x" * 5_000,
    "1" * 5_000,
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_part_of_every_path_and_every_parameter_may_be_odd(
    world: World, operation: Operation
) -> None:
    client = world.clients[PLATFORM_ADMIN]
    client.raise_request_exception = False
    call: Any = getattr(client, operation.method.lower())
    parameters = [part[1:-1] for part in operation.template.split("/") if part.startswith("{")]
    paths = [
        world.path(operation.template, **{name: odd}) for name in parameters for odd in ODD_NAMES
    ]
    base = world.path(operation.template)
    for name in parameters_of(operation):
        paths += [f"{base}?{name}={odd}" for odd in (*ODD_NAMES, "", "[]", "a=b&")]
    paths += [f"{base}?{odd}" for odd in ODD_NAMES]
    faults = []
    for path in paths:
        with transaction.atomic():
            response = call(path, operation.body, format="json") if operation.body else call(path)
            transaction.set_rollback(True)
        faults += faults_of(path[-100:], response, may_be_away=operation.status == 503)
    assert not faults, "\n".join(faults)


def parameters_of(operation: Operation) -> set[str]:
    """Return what a route takes, and what every one does."""
    routes = {f"{m} {r.template}": r for r in api_routes() for m in r.methods}
    view: Any = routes[operation.name].view_class
    filterset = getattr(view, "filterset_class", None)
    return {"ordering", "format", *view.query_parameters, *getattr(filterset, "base_filters", ())}


FLAGS = (
    ("/fleet/nodes", "ready"),
    ("/rollouts", "finished"),
    (f"{SERVICE}/rollouts", "finished"),
    *((f"{SERVICE}/logs", name) for name in ("previous", "follow", "timestamps")),
)


@pytest.mark.parametrize(("template", "name"), FLAGS)
def test_what_is_neither_true_nor_false_is_refused(world: World, template: str, name: str) -> None:
    for word in ("maybe", "yes", "truer", "-1", "None"):
        response: Any = world.clients[PLATFORM_ADMIN].get(world.path(template), {name: word})
        assert response.status_code == 400, (word, response.content)
        assert response.json()["errors"][0]["pointer"] == f"/{name}"


def test_true_and_false_may_be_written_in_any_case(world: World) -> None:
    factories.make_node(world.project.environments.get(name="production").cluster)
    for words in (("true", "True", "1"), ("FALSE", "false", "0")):
        answers: list[Any] = [
            world.clients[PLATFORM_ADMIN].get("/api/v1/fleet/nodes", {"ready": word})
            for word in words
        ]
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["results"] == []


SIGN_INS = {
    "no JSON": b"username=ada",
    "half an object": b'{"username": ',
    "a list": b"[]",
    "null": b"null",
    "not UTF-8": b'{"username": "\xff"}',
    "NUL": b'{"username": "a\\u0000b", "password": "a"}',
    "half a character": b'{"username": "a\\ud800", "password": "a"}',
    "5,000 digits": b'{"username": ' + b"1" * 5_000 + b', "password": "a"}',
    "deep": b'{"username": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "60,000 fields": json.dumps({f"f{n}": 1 for n in range(60_000)}).encode(),
    "a key of 900,000 letters": b'{"' + b"k" * 900_000 + b'": 1}',
    "a name of 900,000 letters": b'{"username": "' + b"x" * 900_000 + b'", "password": "a"}',
}


@pytest.mark.parametrize("document", SIGN_INS.values(), ids=SIGN_INS)
@pytest.mark.parametrize(
    "route", ["auth/login", "auth/password/request", "account/password/change"]
)
def test_bad_input_to_a_sign_in_is_refused(db: None, route: str, document: bytes) -> None:
    client = APIClient(raise_request_exception=False)
    path = f"/_allauth/browser/v1/{route}"
    response: Any = client.post(path, document, content_type="application/json")
    assert 400 <= response.status_code < 500
    assert len(response.content) <= LARGEST_REFUSAL_BYTES


HEADERS = {
    "HTTP_ACCEPT": ("", "application/xml", "*/*;q=x", "a" * 5_000, "text/html;level=\xff"),
    "HTTP_ACCEPT_LANGUAGE": ("", "xx", "zh-" * 1_000, "en;q=" + "9" * 5_000, "\xff"),
    "CONTENT_TYPE": (
        "application/json; charset=base64",
        "application/json; charset=utf-16",
        "application/json; charset=\xff",
        "application/json; charset=idna",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=\xff",
        "; ; =",
    ),
    "HTTP_AUTHORIZATION": (
        "",
        "Bearer",
        "Bearer \xff",
        "Token slp_\xff_a_b",
        "Basic Og==",
        "x" * 5_000,
    ),
    "HTTP_IDEMPOTENCY_KEY": ("", "\xff", "x" * 256, "a\x00b", " "),
    "HTTP_IF_MATCH": ("", "*", ",,,", '"' * 5_000, "\xff"),
    "HTTP_COOKIE": (
        "sessionid=\xff",
        "csrftoken=x",
        "sessionid=" + "x" * 5_000,
        "=;=;",
        "messages=x",
    ),
    "HTTP_HOST": ("", "a b", "[::1", "testserver:99999999", "\xff"),
    "HTTP_X_REQUEST_ID": ("\xff", "x" * 5_000),
    "HTTP_X_FORWARDED_FOR": ("", "1.2.3", "\xff", ",,,"),
    "HTTP_IF_MODIFIED_SINCE": ("", "never", "Mon, 99 Foo 99999 99:99:99 GMT"),
    "HTTP_RANGE": ("bytes=-", "bytes=9-1", "bytes=" + "1" * 5_000 + "-"),
    "HTTP_LAST_EVENT_ID": ("word", "\xff"),
}
PLACES = (
    "/api/v1/projects",
    "/api/v1/me",
    "/api/v1/schema/?lang=%00",
    "/api/v1/schema/?lang=../../x&version=%00",
    "/api/docs/?lang=%00",
    "/_allauth/browser/v1/auth/session",
    "/healthz",
    "/static/%00",
    "/static/%ff",
    "/static/../x",
    "/static/drf_spectacular_sidecar/%00",
    "/assets/%00",
    "/%00",
    "/a%ffb",
)


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_may_be_odd(world: World, name: str) -> None:
    client = world.clients[PLATFORM_ADMIN]
    client.raise_request_exception = False
    for path in PLACES:
        for value in HEADERS[name]:
            for method in ("GET", "POST", "OPTIONS"):
                response: Any = client.generic(method, path, b'{"name": 1}', **{name: value})
                assert response.status_code < 500, (path, value, method, response.content[:200])
