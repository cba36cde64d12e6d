"""Values of environment variables are for those who deploy there; everybody else sees names."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actor import Actor
from projects.models import Role
from serving import actions
from serving.models import ModelService, Revision, Rollout
from tests import factories
from tests.api.matrix import READS, Operation
from tests.api.world import ADMIN, CALLERS, DEPLOYER, PLATFORM_ADMIN, ROBOT_ADMIN, VIEWER, World

CANARY = "value-canary"
READERS = (DEPLOYER, ROBOT_ADMIN, ADMIN, PLATFORM_ADMIN)
CONTAINER = "spec.template.spec.containers"
DRIFT = (
    (f"{CONTAINER}[model].env[KEY].value", "plain", CANARY),
    (f"{CONTAINER}[model].env[MORE]", None, {"name": "MORE", "value": CANARY}),
    (f"{CONTAINER}[model].env", [{"name": "KEY", "value": CANARY}], None),
    (f"{CONTAINER}[agent]", None, {"name": "agent", "env": [{"name": "A", "value": CANARY}]}),
    (f"{CONTAINER}[agent2]", None, f"{{'env': '{CANARY}', {'x' * 500}…"),
    (CONTAINER, None, [{"name": "agent", "env": [{"name": "A", "value": CANARY}]}]),
)


@pytest.fixture
def planted(world: World) -> World:
    """Put a canary into the variables of what runs, of a draft, of a change and of a drift."""
    env = {"KEY": CANARY}
    services = ModelService.objects.filter(environment__project=world.project)
    entry = {"object": "Deployment/scorer", "manager": "kubectl", "since": "2026-11-01T00:00:00Z"}
    drift = [{**entry, "field": f, "wanted": w, "found": seen} for f, w, seen in DRIFT]
    services.update(env=env, draft={"env": env}, drift=drift)
    for revision in Revision.objects.filter(service__in=services):
        revision.spec["env"] = env
        revision.save()
    Rollout.objects.filter(service__in=services).update(settings={"env": env})
    return world


@pytest.mark.parametrize("caller", [c for c in CALLERS if c not in READERS])
@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_no_read_shows_a_value_to_whoever_may_not_deploy(
    planted: World, operation: Operation, caller: str
) -> None:
    assert CANARY not in text_of(operation.call(planted, caller))


SHOWING = [o for o in READS if o.template.endswith(("/services", "/{service}", "/revisions"))]


@pytest.mark.parametrize("caller", READERS)
@pytest.mark.parametrize("operation", SHOWING, ids=lambda operation: operation.name)
def test_whoever_deploys_reads_them(planted: World, operation: Operation, caller: str) -> None:
    response: Any = operation.call(planted, caller)
    assert CANARY in response.content.decode()
    assert set(markers(response.json())) == {False}


@pytest.mark.parametrize("operation", SHOWING, ids=lambda operation: operation.name)
def test_a_token_reads_none_outside_of_its_environments(
    planted: World, operation: Operation
) -> None:
    for name, is_shown in (("staging", False), ("production", True)):
        environment = planted.project.environments.filter(name=name)
        robot = factories.make_robot(planted.project, Role.ADMIN, environment)
        planted.clients["robot"] = factories.signed_in(robot)
        response: Any = operation.call(planted, "robot")
        assert (CANARY in response.content.decode()) is is_shown
        assert set(markers(response.json())) == {not is_shown}


def test_names_stay_and_say_that_they_are_masked(planted: World) -> None:
    path = planted.path("/projects/{project}/environments/{environment}/services/{service}")
    shown = planted.clients[VIEWER].get(path).json()
    assert (shown["env"], shown["env_masked"]) == ({"KEY": "***"}, True)
    assert shown["draft"]["env"] == {"KEY": "***"}
    fields = {(e["field"], json.dumps(e["wanted"]), json.dumps(e["found"])) for e in shown["drift"]}
    assert (f"{CONTAINER}[model].env[KEY].value", '"***"', '"***"') in fields
    added = '{"name": "MORE", "value": "***"}'
    assert (f"{CONTAINER}[model].env[MORE]", "null", added) in fields


def test_the_audit_has_names_only(world: World) -> None:
    service = ModelService.objects.get(name="scorer", environment__project=world.project)
    by = factories.make_member(world.project, Role.DEPLOYER)
    actions.update_service(service=service, changes={"env": {"KEY": CANARY}}, by=Actor.of(by))
    audit: Any = world.clients[PLATFORM_ADMIN].get("/api/v1/audit-events?action=service.draft")
    assert audit.json()["results"][0]["after"]["env"] == ["KEY"]
    assert CANARY not in audit.content.decode()


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return str(content.decode())


def markers(body: Any) -> Iterator[bool]:
    """Yield the markers of all services or revisions of an answer."""
    for one in body.get("results", [body]):
        yield one["env_masked"]
