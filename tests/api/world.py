"""Two tenants, one of each object, and somebody in every role."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from projects.models import Membership, Project, Role
from serving.rules.lifecycle import Phase
from tests import factories
from tests.api.routes import BASE

ANONYMOUS, OUTSIDER, PLATFORM_ADMIN = "anonymous", "outsider", "platform admin"
VIEWER, DEPLOYER, ADMIN = (role.value for role in Role)
ROBOT_ADMIN = "robot admin"
# From the least to the most; an outsider is an admin, but of another project. A robot admin is a
# token with the role admin, which gives access to nobody.
CALLERS = (ANONYMOUS, OUTSIDER, VIEWER, DEPLOYER, ROBOT_ADMIN, ADMIN, PLATFORM_ADMIN)


@dataclass
class World:
    """The project `fraud`, and what fills the parameters of a URL."""

    project: Project
    clients: dict[str, APIClient]
    users: dict[str, User]
    parameters: dict[str, Any] = field(default_factory=dict)

    def path(self, template: str, **other: Any) -> str:
        """Fill a template with the project's objects, or with others."""
        return BASE + template.format(**{**self.parameters, **other})


def make_world() -> World:
    """Make both tenants."""
    project, rival = factories.make_project("fraud"), factories.make_project("rival")
    users = {
        OUTSIDER: factories.make_member(rival, Role.ADMIN),
        **{role.value: factories.make_member(project, role) for role in Role},
        ROBOT_ADMIN: factories.make_robot(project, Role.ADMIN),
        PLATFORM_ADMIN: factories.make_user(is_platform_admin=True),
    }
    clients = {name: factories.signed_in(user) for name, user in users.items()}
    world = World(project, {ANONYMOUS: APIClient(), **clients}, users)
    fill(world, rival)
    return world


def fill(world: World, rival: Project) -> None:
    """Give the project one of everything, and the rival objects of the same names."""
    cluster = factories.make_cluster("east")
    environment = factories.make_environment(world.project, cluster=cluster)
    factories.make_environment(world.project, "staging", cluster=cluster)
    factories.make_environment(rival, cluster=cluster)
    model = factories.make_model(world.project, "toxicity")
    version = factories.make_version(model, "2")
    service = factories.make_deployed_service(environment, "scorer", model=model)
    changing = factories.make_deployed_service(environment, "ranker", model=model)
    rollout = factories.make_rollout(
        changing, phase=Phase.PROGRESSING, to_revision=factories.make_revision(changing)
    )
    node = factories.make_node(cluster)
    pod = factories.make_pod(service, node_name=node.name)
    factories.make_cluster_event(service)
    token, _ = tokens.issue(
        factories.make_robot(world.project, Role.DEPLOYER), name="ci", expires_at=None, by=None
    )
    factories.make_user("newcomer")
    secret = factories.make_secret(environment, "database", password="secret-canary")
    credential = factories.make_pull_credential(environment, "registry")
    world.parameters |= {
        "cluster": cluster.name,
        "project": world.project.name,
        "environment": environment.name,
        "username": world.users[VIEWER].username,
        "token": token.pk,
        "model": model.name,
        "version": version.version,
        "service": service.name,
        "rollout": rollout.pk,
        "pod": pod.name,
        "secret": secret.name,
        "credential": credential.name,
    }


def empty_project(world: World) -> str:
    """Make a project that holds nothing, with the same members."""
    project = factories.make_project()
    callers = world.users.values()
    for membership in Membership.objects.filter(project=world.project, user__in=callers):
        factories.make_member(project, Role(membership.role), membership.user)
    return project.name


def unused_model(world: World) -> str:
    """Make a model with a version that no service names."""
    return factories.make_version(factories.make_model(world.project)).model.name


def drifted_service(world: World) -> str:
    """Make a service of which somebody else has changed the number of pods."""
    environment = world.project.environments.get(name="production")
    return factories.make_drifted_service(environment).name


def drafted_service(world: World) -> str:
    """Make a service with settings that wait for its next rollout."""
    environment = world.project.environments.get(name="production")
    service = factories.make_deployed_service(environment)
    service.draft = {"replicas": 2}
    service.save()
    return service.name
