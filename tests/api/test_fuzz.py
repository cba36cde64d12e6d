"""Whatever the schema allows, and what it does not, is answered as it documents; never by a fault.

`make fuzz` tries many more cases than this does in passing.
"""

import io
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.world import PLATFORM_ADMIN, World

CASES = int(os.environ.get("FUZZ_CASES", "640"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# It never ends; what it does with odd requests is in `test_odd_requests`.
LEFT_OUT = {"/api/v1/stream"}
# The cluster of these tests is away, and whoever asks for a log is told so.
AWAY = "/logs"
QUIET = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Let requests leave the connection open that our transaction is on."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    """Yield every operation of the schema as it is served."""
    out = io.StringIO()
    call_command("spectacular", stdout=out, format="openapi-json")
    schema = schemathesis.openapi.from_dict(json.loads(out.getvalue()))
    schema.app = get_wsgi_application()
    for result in schema.get_all_operations():
        operation: Any = result.ok()
        if operation.path not in LEFT_OUT:
            yield operation


def cases_of(operation: Any, world: World) -> st.SearchStrategy[Any]:
    """Return requests that follow the schema and some that do not, many of them to what exists."""
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    def aimed(case: Any, is_real: bool) -> Any:
        if is_real:
            real = {name: str(world.parameters[name]) for name in case.path_parameters or {}}
            case.path_parameters = real
        return case

    return st.builds(aimed, cases, st.integers(0, 4).map(bool))


def test_no_request_is_a_fault_and_every_answer_is_as_documented(
    world: World, one_connection: None
) -> None:
    authorization = world.clients[PLATFORM_ADMIN]._credentials["HTTP_AUTHORIZATION"]
    every = list(operations())
    tried = 0
    for operation in every:

        @settings(QUIET, max_examples=-(-CASES // len(every)))
        @given(case=cases_of(operation, world))
        def is_answered(case: Any) -> None:
            nonlocal tried
            tried += 1
            with transaction.atomic():
                response = case.call(headers={"Authorization": authorization})
                transaction.set_rollback(True)
            if not (case.path.endswith(AWAY) and response.status_code == 503):
                case.validate_response(response, checks=CHECKS)

        is_answered()
    assert tried >= CASES / 2
    print(f"\n{tried} cases, {len(every)} operations")  # noqa: T201
