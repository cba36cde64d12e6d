"""ETags: nobody overwrites what they have not read."""

from typing import Any

import pytest

from tests.api.matrix import OPERATIONS, PLATFORM_ADMIN, Operation
from tests.api.world import World

CHANGES = [o for o in OPERATIONS if o.method in ("PATCH", "PUT") and o.template != "/me"]
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def object_of(change: Operation) -> Operation:
    """Return the GET of what an operation changes."""
    return BY_NAME[f"GET {change.template.removesuffix('/quota')}"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda operation: operation.name)
def test_a_stale_etag_is_412_and_changes_nothing(world: World, change: Operation) -> None:
    read = object_of(change)
    stale = read.call(world, PLATFORM_ADMIN)["ETag"]
    assert change.call(world, PLATFORM_ADMIN).status_code == 200
    changed: Any = read.call(world, PLATFORM_ADMIN)
    assert changed["ETag"] != stale
    response: Any = change.call(world, PLATFORM_ADMIN, HTTP_IF_MATCH=stale)
    assert response.status_code == 412
    assert response.json()["reason"] == "PreconditionFailed"
    assert read.call(world, PLATFORM_ADMIN)["ETag"] == changed["ETag"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda operation: operation.name)
@pytest.mark.parametrize("tags", ["{}", '"another", {}', "*"])
def test_the_present_etag_lets_the_change_through(
    world: World, change: Operation, tags: str
) -> None:
    present = object_of(change).call(world, PLATFORM_ADMIN)["ETag"]
    response = change.call(world, PLATFORM_ADMIN, HTTP_IF_MATCH=tags.format(present))
    assert response.status_code == 200


@pytest.mark.parametrize("change", CHANGES, ids=lambda operation: operation.name)
def test_the_answer_to_a_change_carries_the_new_etag(world: World, change: Operation) -> None:
    answered = change.call(world, PLATFORM_ADMIN)["ETag"]
    assert answered == object_of(change).call(world, PLATFORM_ADMIN)["ETag"]
