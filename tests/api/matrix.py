"""What every operation needs and does: the table that the URLconf is held against.

A route that is not written here fails `test_routes`, so nothing is served that nobody thought of.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http.response import HttpResponseBase

from tests import factories
from tests.api import world as worlds
from tests.api.world import (
    ADMIN,
    DEPLOYER,
    OUTSIDER,
    PLATFORM_ADMIN,
    ROBOT_ADMIN,
    VIEWER,
    World,
)
from tests.clusters.certificates import certificate_pem

KUBECONFIG = f"""
apiVersion: v1
kind: Config
current-context: main
contexts: [{{name: main, context: {{cluster: main, user: main}}}}]
clusters:
- name: main
  cluster:
    server: https://127.0.0.1:1
    certificate-authority-data: {base64.b64encode(certificate_pem("west").encode()).decode()}
users: [{{name: main, user: {{token: kubeconfig-canary}}}}]
"""
IMAGE = f"models/scorer@sha256:{'a' * 64}"
WISH = {"replicas": 1, "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}


@dataclass(frozen=True)
class Operation:
    """One method of one route.

    `least` is who may do it; everybody above may too. `audit` is the row it writes.
    `other` names URL parameters that differ from the world's, made by a function where the
    operation needs an object of its own.
    """

    name: str
    least: str
    status: int = 200
    body: dict[str, Any] | None = None
    audit: str | None = None
    query: str = ""
    other: dict[str, str | Callable[[World], str]] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.name.split()[0]

    @property
    def template(self) -> str:
        return self.name.split()[1]

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def is_of_a_tenant(self) -> bool:
        """Return whether the route leads to an object that belongs to a project."""
        return "{project}" in self.template or "{rollout}" in self.template

    def call(self, world: World, caller: str, **sent: Any) -> HttpResponseBase:
        """Do it as somebody; `sent` replaces what is sent."""
        other = {k: v(world) if callable(v) else v for k, v in self.other.items()}
        path = world.path(self.template + self.query, **other)
        defaults = {"data": self.body, "format": "json"} if self.is_write else {}
        send = getattr(world.clients[caller], self.method.lower())
        response: HttpResponseBase = send(path, **{**defaults, **sent})
        return response


def spare_cluster(world: World) -> str:
    return factories.make_cluster().name


def spare_secret(world: World) -> str:
    environment = world.project.environments.get(name="production")
    return factories.make_secret(environment, password="spare").name


def spare_credential(world: World) -> str:
    environment = world.project.environments.get(name="production")
    return factories.make_pull_credential(environment).name


PROJECT = "/projects/{project}"
ENVIRONMENT = f"{PROJECT}/environments/{{environment}}"
SERVICE = f"{ENVIRONMENT}/services/{{service}}"
MODEL = f"{PROJECT}/models/{{model}}"
QUOTA = {"limits": {"cpu": "8"}}
ROLLOUT = "/rollouts/{rollout}"
SECRETS, CREDENTIALS = f"{ENVIRONMENT}/secrets", f"{ENVIRONMENT}/pull-credentials"
VALUES = {"values": {"password": "kubeconfig-canary"}}
LOGIN = {
    "server": "r.example.com",
    "username": "kubeconfig-canary",
    "password": "kubeconfig-canary",
}

OPERATIONS = (
    Operation("GET /me", OUTSIDER),
    Operation("PATCH /me", OUTSIDER, body={"language": "en"}),
    Operation("GET /clusters", OUTSIDER),
    Operation(
        "POST /clusters",
        PLATFORM_ADMIN,
        201,
        {"name": "west", "kubeconfig": KUBECONFIG},
        audit="cluster.register",
    ),
    Operation("GET /clusters/{cluster}", OUTSIDER),
    Operation(
        "PATCH /clusters/{cluster}",
        PLATFORM_ADMIN,
        body={"display_name": "East"},
        audit="cluster.update",
    ),
    Operation(
        "DELETE /clusters/{cluster}",
        PLATFORM_ADMIN,
        204,
        audit="cluster.delete",
        other={"cluster": spare_cluster},
    ),
    Operation("GET /attention", OUTSIDER),
    Operation("GET /search", OUTSIDER, query="?q=scorer"),
    Operation("GET /fleet/nodes", OUTSIDER),
    Operation("GET /fleet/summary", OUTSIDER),
    Operation("GET /fleet/unattributed", PLATFORM_ADMIN),
    Operation("GET /projects", OUTSIDER),
    Operation("POST /projects", PLATFORM_ADMIN, 201, {"name": "search"}, audit="project.create"),
    Operation(f"GET {PROJECT}", VIEWER),
    Operation(f"PATCH {PROJECT}", ROBOT_ADMIN, body={"description": "d"}, audit="project.update"),
    Operation(
        f"DELETE {PROJECT}",
        PLATFORM_ADMIN,
        204,
        audit="project.delete",
        other={"project": worlds.empty_project},
    ),
    Operation(f"GET {PROJECT}/environments", VIEWER),
    Operation(
        f"POST {PROJECT}/environments",
        PLATFORM_ADMIN,
        201,
        {"name": "canary", "cluster": "east", "quota": QUOTA},
        audit="environment.create",
    ),
    Operation(f"GET {ENVIRONMENT}", VIEWER),
    Operation(
        f"DELETE {ENVIRONMENT}",
        PLATFORM_ADMIN,
        202,
        audit="environment.delete",
        other={"environment": "staging"},
    ),
    Operation(f"PUT {ENVIRONMENT}/quota", PLATFORM_ADMIN, body=QUOTA, audit="quota.update"),
    Operation(f"PATCH {ENVIRONMENT}", PLATFORM_ADMIN, body={"quota": QUOTA}, audit="quota.update"),
    Operation(f"GET {SECRETS}", VIEWER),
    Operation(f"GET {SECRETS}/{{secret}}", VIEWER),
    Operation(f"PUT {SECRETS}/{{secret}}", DEPLOYER, body=VALUES, audit="secret.update"),
    Operation(f"PATCH {SECRETS}/{{secret}}", DEPLOYER, body=VALUES, audit="secret.update"),
    Operation(
        f"DELETE {SECRETS}/{{secret}}",
        DEPLOYER,
        204,
        audit="secret.delete",
        other={"secret": spare_secret},
    ),
    Operation(f"GET {CREDENTIALS}", VIEWER),
    Operation(f"GET {CREDENTIALS}/{{credential}}", VIEWER),
    Operation(
        f"PUT {CREDENTIALS}/{{credential}}",
        DEPLOYER,
        body=LOGIN,
        audit="pull_credential.update",
    ),
    Operation(
        f"DELETE {CREDENTIALS}/{{credential}}",
        DEPLOYER,
        204,
        audit="pull_credential.delete",
        other={"credential": spare_credential},
    ),
    Operation(f"GET {PROJECT}/members", VIEWER),
    Operation(
        f"POST {PROJECT}/members",
        ADMIN,
        201,
        {"username": "newcomer", "role": "viewer"},
        audit="member.add",
    ),
    Operation(f"GET {PROJECT}/members/{{username}}", VIEWER),
    Operation(
        f"PATCH {PROJECT}/members/{{username}}",
        ADMIN,
        body={"role": "deployer"},
        audit="member.update",
    ),
    Operation(f"DELETE {PROJECT}/members/{{username}}", ADMIN, 204, audit="member.remove"),
    Operation(f"GET {PROJECT}/tokens", ROBOT_ADMIN),
    Operation(
        f"POST {PROJECT}/tokens",
        ADMIN,
        201,
        {"name": "ci", "role": "deployer"},
        audit="token.create",
    ),
    Operation(f"GET {PROJECT}/tokens/{{token}}", ROBOT_ADMIN),
    Operation(f"DELETE {PROJECT}/tokens/{{token}}", ADMIN, 204, audit="token.revoke"),
    Operation(f"GET {PROJECT}/models", VIEWER),
    Operation(f"POST {PROJECT}/models", DEPLOYER, 201, {"name": "spam"}, audit="model.create"),
    Operation(f"GET {MODEL}", VIEWER),
    Operation(f"PATCH {MODEL}", DEPLOYER, body={"description": "d"}, audit="model.update"),
    Operation(
        f"DELETE {MODEL}",
        ROBOT_ADMIN,
        204,
        audit="model.delete",
        other={"model": worlds.unused_model},
    ),
    Operation(f"GET {MODEL}/versions", VIEWER),
    Operation(
        f"POST {MODEL}/versions",
        DEPLOYER,
        201,
        {"version": "3", "image": IMAGE},
        audit="version.register",
    ),
    Operation(f"GET {MODEL}/versions/{{version}}", VIEWER),
    Operation(
        f"POST {PROJECT}/preflight", VIEWER, body={"environment": "production", "replicas": 1}
    ),
    Operation(f"GET {PROJECT}/services", VIEWER),
    Operation(f"GET {PROJECT}/summary", VIEWER, query="?window=1h"),
    Operation(f"GET {PROJECT}/delivery", VIEWER, query="?window=30d"),
    Operation(f"GET {SERVICE}/usage", VIEWER, query="?window=1h"),
    Operation(f"GET {ENVIRONMENT}/services", VIEWER),
    Operation(
        f"POST {ENVIRONMENT}/services",
        DEPLOYER,
        201,
        {"name": "filter", "model": "toxicity", **WISH},
        audit="service.create",
    ),
    Operation(f"GET {SERVICE}", VIEWER),
    Operation(f"PATCH {SERVICE}", DEPLOYER, body={"replicas": 2}, audit="service.draft"),
    Operation(
        f"DELETE {SERVICE}/draft",
        DEPLOYER,
        204,
        audit="service.discard_draft",
        other={"service": worlds.drafted_service},
    ),
    Operation(f"GET {SERVICE}/rollouts", VIEWER),
    Operation(f"POST {SERVICE}/rollouts", DEPLOYER, 202, {"version": "2"}, audit="rollout.start"),
    Operation(f"POST {SERVICE}/rollback", DEPLOYER, 202, {"revision": 1}, audit="rollout.start"),
    Operation(f"POST {SERVICE}/scale", DEPLOYER, 202, {"replicas": 2}, audit="rollout.start"),
    Operation(f"POST {SERVICE}/restart", DEPLOYER, 202, {}, audit="rollout.start"),
    Operation(f"POST {SERVICE}/decommission", DEPLOYER, 202, {}, audit="rollout.start"),
    *(
        Operation(
            f"POST {SERVICE}/{action}",
            DEPLOYER,
            202,
            {},
            audit="rollout.start",
            other={"service": worlds.drifted_service},
        )
        for action in ("restore", "take-over")
    ),
    Operation(f"GET {SERVICE}/revisions", VIEWER),
    Operation(f"GET {SERVICE}/pods", VIEWER),
    Operation(f"GET {SERVICE}/events", VIEWER),
    # The cluster of these tests is away, which is the last thing to be found out.
    Operation(f"GET {SERVICE}/logs", VIEWER, 503, query="?pod={pod}"),
    Operation("GET /rollouts", OUTSIDER),
    Operation(f"GET {ROLLOUT}", VIEWER),
    Operation(f"POST {ROLLOUT}/pause", DEPLOYER, audit="rollout.pause"),
    Operation(f"POST {ROLLOUT}/resume", DEPLOYER, 409),
    Operation(f"POST {ROLLOUT}/promote", DEPLOYER, 409, {"full": False}),
    Operation(f"POST {ROLLOUT}/abort", DEPLOYER, audit="rollout.abort"),
    Operation(f"POST {ROLLOUT}/retry", DEPLOYER, 409, {}),
    Operation("GET /audit-events", OUTSIDER),
    Operation("GET /platform", OUTSIDER),
)
WRITES = tuple(operation for operation in OPERATIONS if operation.is_write)
READS = tuple(operation for operation in OPERATIONS if not operation.is_write)
