"""Headers that browsers obey."""

from typing import Any

import pytest

from tests.api.matrix import OPERATIONS, Operation
from tests.api.world import ANONYMOUS, VIEWER, World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PATHS = (
    "/",
    "/login",
    "/healthz",
    "/api/v1/me",
    "/api/v1/nothing",
    "/_allauth/browser/v1/config",
    "/api/docs/",
)


@pytest.mark.parametrize("caller", [ANONYMOUS, VIEWER])
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_framed_by_nobody_and_sniffed_by_nobody(
    world: World, path: str, caller: str
) -> None:
    response: Any = world.clients[caller].get(path)
    assert {name: response.get(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_a_policy_that_allows_nothing_by_default(world: World, path: str) -> None:
    response: Any = world.clients[VIEWER].get(path)
    policy = dict(
        part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "'unsafe-inline'" not in policy["script-src"] or path == "/api/docs/"
    assert "'unsafe-eval'" not in policy["script-src"]


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if not o.is_write], ids=lambda o: o.name
)
def test_no_cache_keeps_what_only_this_caller_may_see(world: World, operation: Operation) -> None:
    response: Any = operation.call(world, operation.least)
    assert "no-store" in response["Cache-Control"] or "private" in response["Cache-Control"]


@pytest.mark.parametrize("given", ["abcdef01-2345", "x" * 64])
def test_a_harmless_request_id_is_taken_over(world: World, given: str) -> None:
    response: Any = world.clients[VIEWER].get("/api/v1/me", HTTP_X_REQUEST_ID=given)
    assert response["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a\"b'c<d>e{f}", "line\tbreak12"])
def test_any_other_request_id_is_replaced(world: World, given: str) -> None:
    response: Any = world.clients[VIEWER].get("/api/v1/me", HTTP_X_REQUEST_ID=given)
    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 32
