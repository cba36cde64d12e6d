"""A list costs the same number of queries whatever its length."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from audit.models import AuditEvent
from projects.models import Project, Role
from serving.models import ModelService
from serving.rules.lifecycle import Phase
from tests import factories
from tests.api.matrix import CREDENTIALS, ENVIRONMENT, MODEL, PROJECT, SECRETS, SERVICE
from tests.api.routes import api_routes
from tests.api.world import PLATFORM_ADMIN, World

FEW, MANY = 10, 100


def project_of(world: World) -> Project:
    return world.project


def service_of(world: World) -> ModelService:
    return ModelService.objects.get(name="scorer", environment__project=world.project)


def add_token(world: World) -> None:
    """Add a token whose robot is restricted to an environment."""
    staging = world.project.environments.filter(name="staging")
    robot = factories.make_robot(world.project, Role.DEPLOYER, staging)
    tokens.issue(robot, name="ci", expires_at=None, by=world.users[PLATFORM_ADMIN])


def add_busy_service(world: World) -> None:
    """Add a service that runs one version while another is rolled out."""
    environment = service_of(world).environment
    service = factories.make_deployed_service(environment)
    factories.make_rollout(service, phase=Phase.PROGRESSING, from_revision=service.current_revision)
    factories.make_pod(service)


def add_rolled_out_service(world: World) -> None:
    """Add a service with a change that has succeeded."""
    service = factories.make_service(service_of(world).environment)
    factories.make_rollout(service, phase=Phase.SUCCEEDED)


def add_finished_rollout(world: World) -> None:
    """Add a change from one version to another."""
    service = service_of(world)
    before, after = factories.make_revision(service), factories.make_revision(service)
    revisions = {"from_revision": before, "to_revision": after}
    factories.make_rollout(service, phase=Phase.SUCCEEDED, **revisions)


def add_model(world: World) -> None:
    """Add a model with versions."""
    model = factories.make_model(world.project)
    factories.make_version(model)
    factories.make_version(model)


def add_node(world: World) -> None:
    """Add a node with a pod on it."""
    service = service_of(world)
    node = factories.make_node(service.cluster)
    factories.make_pod(service, node_name=node.name)


def add_gpu_model(world: World) -> None:
    """Add a node with cards of a model that no other has, and a pod on it."""
    service, product = service_of(world), f"GPU-{next(factories.serial)}"
    node = factories.make_node(service.cluster, gpu_product=product)
    factories.make_pod(service, node_name=node.name)


def add_environment(world: World) -> None:
    """Add an environment with a service that runs."""
    number = next(factories.serial)
    environment = factories.make_environment(
        world.project, f"env-{number}", cluster=service_of(world).cluster
    )
    factories.make_deployed_service(environment)


def add_secret(world: World) -> None:
    """Add a secret, and a service that uses it."""
    environment = service_of(world).environment
    secret = factories.make_secret(environment, password="x")
    use = [{"secret": secret.name, "key": "password", "env": "PASSWORD"}]
    factories.make_service(environment, model=service_of(world).model, secrets=use)


def add_project(world: World) -> None:
    """Add a tenant that is present on two clusters and runs something."""
    project = factories.make_project()
    for name in ("staging", "production"):
        factories.make_pod(
            factories.make_deployed_service(factories.make_environment(project, name))
        )


def add_audit_event(world: World) -> None:
    AuditEvent.objects.create(
        actor="ci-bot",
        action="model.create",
        object_kind="model",
        object_id="1",
        object_name="toxicity",
        project=world.project.name,
        project_id=world.project.pk,
    )


# What one more row is, by list.
LISTS: dict[str, Callable[[World], Any]] = {
    "/clusters": lambda world: factories.make_cluster(),
    "/fleet/nodes": add_node,
    "/projects": add_project,
    f"{PROJECT}/environments": add_environment,
    SECRETS: add_secret,
    CREDENTIALS: lambda world: factories.make_pull_credential(service_of(world).environment),
    f"{PROJECT}/members": lambda world: factories.make_member(world.project, Role.VIEWER),
    f"{PROJECT}/tokens": add_token,
    f"{PROJECT}/models": add_model,
    f"{MODEL}/versions": lambda world: factories.make_version(service_of(world).model),
    f"{PROJECT}/services": add_busy_service,
    f"{ENVIRONMENT}/services": add_busy_service,
    f"{SERVICE}/rollouts": add_finished_rollout,
    f"{SERVICE}/revisions": lambda world: factories.make_revision(service_of(world)),
    f"{SERVICE}/pods": lambda world: factories.make_pod(service_of(world)),
    f"{SERVICE}/events": lambda world: factories.make_cluster_event(service_of(world)),
    "/rollouts": add_finished_rollout,
    "/audit-events": add_audit_event,
}
# Single objects that show many rows.
SUMMARIES: dict[str, Callable[[World], Any]] = {
    "/me": lambda world: factories.make_member(
        factories.make_project(), Role.VIEWER, world.users[PLATFORM_ADMIN]
    ),
    "/fleet/summary": add_gpu_model,
    "/fleet/unattributed": lambda world: factories.make_cluster(),
    "/platform": lambda world: factories.make_cluster(),
    f"{PROJECT}/summary": add_environment,
    f"{PROJECT}/delivery?window=7d&limit=500": add_rolled_out_service,
    f"{PROJECT}/summary?window=7d&limit=500": add_busy_service,
}


def test_every_list_is_measured() -> None:
    lists = {route.template for route in api_routes() if route.actions.get("get") == "list"}
    assert lists == set(LISTS)


@pytest.mark.parametrize(("template", "add"), LISTS.items(), ids=LISTS)
def test_a_list_of_100_costs_as_many_queries_as_one_of_10(
    world: World, template: str, add: Callable[[World], Any]
) -> None:
    client, path = world.clients[PLATFORM_ADMIN], world.path(f"{template}?limit=500")
    grow(world, add, FEW)
    few, cost_of_few = measured(client, path)
    grow(world, add, MANY - FEW)
    many, cost_of_many = measured(client, path)
    assert len(many["results"]) - len(few["results"]) == MANY - FEW
    assert cost_of_many == cost_of_few


@pytest.mark.parametrize(("template", "add"), SUMMARIES.items(), ids=SUMMARIES)
def test_a_summary_of_100_costs_as_many_queries_as_one_of_10(
    world: World, template: str, add: Callable[[World], Any]
) -> None:
    client, path = world.clients[PLATFORM_ADMIN], world.path(template)
    grow(world, add, FEW)
    few, cost_of_few = measured(client, path)
    grow(world, add, MANY - FEW)
    many, cost_of_many = measured(client, path)
    assert len(str(many)) > 5 * len(str(few))
    assert cost_of_many == cost_of_few


def grow(world: World, add: Callable[[World], Any], times: int) -> None:
    """Add rows of one kind."""
    for _ in range(times):
        add(world)


def measured(client: Any, path: str) -> tuple[Any, int]:
    """Return an answer and how many queries it took."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json(), len(queries)
