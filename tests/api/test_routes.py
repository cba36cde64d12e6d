"""The URLconf is a closed world: every route is known, and built on the one base."""

import pytest

from accounts.api import ApiViewSet
from tests.api.matrix import OPERATIONS
from tests.api.routes import all_routes, api_routes, other_routes

# Routes that are not view sets; whoever adds one decides here who may call it.
PUBLIC = {"/healthz", "/readyz", "/metrics"}
SIGNED_IN = {"/schema/", "/api/docs/", "/stream"}
SIGN_IN = "/_allauth/"
DASHBOARD = "/^(?!api/|_allauth/|static/|assets/)(?P{path}.*)$"


def test_every_operation_has_its_row_in_the_matrix() -> None:
    served = {f"{method} {route.template}" for route in api_routes() for method in route.methods}
    assert served == {operation.name for operation in OPERATIONS}


def test_every_other_route_is_known() -> None:
    others = {route.template for route in other_routes()}
    own = {template for template in others if not template.startswith(SIGN_IN)}
    assert own == PUBLIC | SIGNED_IN | {DASHBOARD}


@pytest.mark.parametrize("route", api_routes(), ids=lambda route: route.template)
def test_every_view_stands_on_the_one_base(route) -> None:
    assert route.view_class is not None
    assert issubclass(route.view_class, ApiViewSet)


def test_no_path_is_served_twice() -> None:
    templates = [route.template for route in all_routes()]
    assert len(templates) == len(set(templates))
