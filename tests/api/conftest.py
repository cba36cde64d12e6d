"""The tenants that most tests of the API look at, and the document that describes it."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from tests.api.routes import BASE
from tests.api.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


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
