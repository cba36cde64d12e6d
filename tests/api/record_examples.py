"""Records the examples of the API's documentation: what the matrix sends, and what is answered.

`make examples` runs it; what differs from run to run is replaced, so that it can be compared.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from slipway.examples import FILE
from tests.api.matrix import KUBECONFIG, OPERATIONS, PROJECT, Operation
from tests.api.test_etags import BY_NAME
from tests.api.world import PLATFORM_ADMIN, World

STEADY = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)"), "2026-11-30T12:00:00Z"),
    (
        re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        "01996d8e-4b1a-7c3e-9f20-5d7c1a2b3c4d",
    ),
    (re.compile(r"\brobot-[\w-]+"), "robot-fraud-x2k9"),
    (re.compile(r"\bperson-\d+"), "ada"),
    (re.compile(r"\b(service|secret|credential|project|cluster|node|pod)-\d+[\w-]*"), r"\1-1"),
    (re.compile(r"kubeconfig-canary|secret-canary"), "a-value"),
    (re.compile(r"slp_\w{8}(_\w+)?"), "slp_x2k9"),
    (re.compile(r'(?<=version": ")\d{2,}'), "1"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "0" * 32),
)
SHORT_KUBECONFIG = "apiVersion: v1\nkind: Config\n…"
# What the world of the tests cannot answer.
LOG = "2026-11-30T12:00:00Z model loaded\n"
SAME_ANSWER = {
    "rollouts_resume_create": "rollouts_pause_create",
    "rollouts_promote_create": "rollouts_pause_create",
    "rollouts_retry_create": "projects_environments_services_restart_create",
}


@pytest.fixture(scope="module")
def recorded(operations: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Collect what is recorded, beside what was before, and write it at the end."""
    names = {operation["operationId"] for operation in operations.values()}
    kept = json.loads(FILE.read_text())
    found = {name: example for name, example in kept.items() if name in names}
    yield found
    for name, other in SAME_ANSWER.items():
        asked = {"request": found[name]["request"]} if "request" in found[name] else {}
        found[name] = {**found[other], **asked}
    # The one that was deleted had nothing that would have to be deleted first.
    leaving = {**found["projects_retrieve"]["200"], "deletion_requested_at": STEADY[0][1]}
    found["projects_destroy"] = {"202": leaving}
    logs = "projects_environments_services_logs_retrieve"
    found[logs] = {"200": LOG}
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_record(
    world: World, operations: dict[str, Any], operation: Operation, recorded: dict[str, Any]
) -> None:
    # So that the audit has a row.
    BY_NAME[f"PATCH {PROJECT}"].call(world, PLATFORM_ADMIN)
    response: Any = operation.call(world, PLATFORM_ADMIN)
    example = {"request": operation.body} if operation.body is not None else {}
    if response.status_code < 300 and response.content:
        example[str(response.status_code)] = short(response.json())
    recorded[operations[operation.name]["operationId"]] = steady(example)


def short(answer: Any) -> Any:
    """Keep one of whatever there are many of."""
    if isinstance(answer, dict):
        return {name: short(part) for name, part in answer.items()}
    return [short(answer[0])] if answer and isinstance(answer, list) else answer


def steady(value: Any) -> Any:
    """Replace what differs from run to run."""
    text = json.dumps(value).replace(json.dumps(KUBECONFIG), json.dumps(SHORT_KUBECONFIG))
    for pattern, constant in STEADY:
        text = pattern.sub(constant, text)
    return json.loads(text)
