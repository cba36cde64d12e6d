"""A repeat is answered as before only to whoever may still ask for it."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ApiToken, User
from audit.models import AuditEvent
from projects.models import Membership, Role
from tests.api.matrix import WRITES, Operation
from tests.api.world import ADMIN, OUTSIDER, PLATFORM_ADMIN, ROBOT_ADMIN, VIEWER, World

POSTS = [o for o in WRITES if o.method == "POST"]
DELETES = [o for o in WRITES if o.method == "DELETE"]
OF_PROJECTS = [o for o in POSTS if o.is_of_a_tenant and o.least not in (VIEWER, PLATFORM_ADMIN)]
TOKENS = next(o for o in POSTS if o.name == "POST /projects/{project}/tokens")


def ask(operation: Operation, world: World, caller: str) -> Any:
    return operation.call(world, caller, HTTP_IDEMPOTENCY_KEY="once")


def repeatable(operation: Operation, world: World) -> Operation:
    """Return the operation with one object for both calls."""
    other = {name: v(world) if callable(v) else v for name, v in operation.other.items()}
    return Operation(**{**vars_of(operation), "other": other})


def vars_of(operation: Operation) -> dict[str, Any]:
    return {name: getattr(operation, name) for name in operation.__dataclass_fields__}


@pytest.mark.parametrize("operation", POSTS, ids=lambda operation: operation.name)
def test_every_post_is_carried_out_once(world: World, operation: Operation) -> None:
    one = repeatable(operation, world)
    first, second = ask(one, world, PLATFORM_ADMIN), ask(one, world, PLATFORM_ADMIN)
    assert first.status_code == second.status_code == operation.status
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("operation", DELETES, ids=lambda operation: operation.name)
def test_what_is_gone_does_not_go_again(world: World, operation: Operation) -> None:
    one = repeatable(operation, world)
    assert one.call(world, PLATFORM_ADMIN).status_code == operation.status
    one.call(world, PLATFORM_ADMIN)
    assert AuditEvent.objects.filter(action=operation.audit).count() == 1


@pytest.mark.parametrize("operation", OF_PROJECTS, ids=lambda operation: operation.name)
def test_who_was_demoted_gets_no_answer_again(world: World, operation: Operation) -> None:
    one = repeatable(operation, world)
    assert ask(one, world, ADMIN).status_code == operation.status
    Membership.objects.filter(user=world.users[ADMIN]).update(role=Role.VIEWER)
    assert ask(one, world, ADMIN).status_code == 403
    Membership.objects.filter(user=world.users[ADMIN]).delete()
    assert ask(one, world, ADMIN).status_code == 404


@pytest.mark.parametrize(
    "operation", [o for o in POSTS if o.least == PLATFORM_ADMIN], ids=lambda o: o.name
)
def test_who_runs_the_platform_no_longer_gets_no_answer_again(
    world: World, operation: Operation
) -> None:
    assert ask(operation, world, PLATFORM_ADMIN).status_code == operation.status
    User.objects.filter(pk=world.users[PLATFORM_ADMIN].pk).update(is_superuser=False)
    assert ask(operation, world, PLATFORM_ADMIN).status_code in (403, 404)


def test_a_token_that_was_revoked_or_restricted_gets_no_answer_again(world: World) -> None:
    scale = next(o for o in POSTS if o.template.endswith("/scale"))
    assert ask(scale, world, ROBOT_ADMIN).status_code == 202
    robot = Membership.objects.get(user=world.users[ROBOT_ADMIN])
    robot.is_restricted = True
    robot.save()
    assert ask(scale, world, ROBOT_ADMIN).status_code == 403
    ApiToken.objects.filter(user=robot.user).update(revoked_at=timezone.now())
    assert ask(scale, world, ROBOT_ADMIN).status_code == 401


@pytest.mark.parametrize("caller", [VIEWER, OUTSIDER])
def test_a_refusal_for_want_of_rights_is_not_kept(world: World, caller: str) -> None:
    """Whoever is given the role meanwhile repeats the request and is heard."""
    assert ask(TOKENS, world, caller).status_code in (403, 404)
    Membership.objects.update_or_create(
        project=world.project, user=world.users[caller], defaults={"role": Role.ADMIN}
    )
    assert ask(TOKENS, world, caller).status_code == 201


def test_a_repeat_has_no_secret_and_says_so(world: World) -> None:
    first, second = (ask(TOKENS, world, ADMIN).json() for _ in range(2))
    assert first["secret"].startswith(first["prefix"])
    assert first["secret_message"] == ""
    assert second["secret"] is None
    assert "not stored" in second["secret_message"]
    same = {"secret": None, "secret_message": None}
    assert {**first, **same} == {**second, **same}
    assert ApiToken.objects.filter(prefix=first["prefix"]).count() == 1
