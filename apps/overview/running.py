"""Which services run: in projects, of versions, on nodes. One query each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Count

from accounts.models import User
from clusters.pods import OVER
from core.api.pages import Page
from core.resources import Resources, total
from projects.models import Project
from projects.rights import Rights, rights_of_user
from registry.models import ModelVersion
from serving.diagnosis.health import Health
from serving.models import ROLLED_OUT, ModelService


def health_counts(projects: Iterable[Project], *, now: datetime) -> dict[int, dict[str, int]]:
    """Return how many services of each project show which health, by project id."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(map(str, Health), 0))
    services = ModelService.objects.with_shown_health(now=now).filter(project__in=projects)
    rows = services.values_list("project", "shown_health").annotate(Count("pk"))
    for project, health, count in rows.order_by():
        counts[project][health] = count
    return counts


def services_running(
    versions: Iterable[ModelVersion], user: User
) -> dict[int, list[dict[str, Any]]]:
    """Return which services run each version, as far as a caller may see them, by version id.

    A service runs the version that its last successful rollout reached; that does not change before
    the next one succeeds.
    """
    services = (
        ModelService.objects.visible_to(user)
        .filter(current_revision__version__in=versions)
        .order_by("environment__name", "name")
    )
    places: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("current_revision__version", "environment__name", "name", "desired_replicas")
    for version, environment, service, replicas in services.values_list(*columns):
        row = {"environment": environment, "service": service, "replicas": replicas}
        places[version].append(row)
    return places


@dataclass(frozen=True, slots=True)
class WithHealth(Page):
    """A project's page with how many of its services show which health."""

    row: Page
    services_by_health: dict[str, int]


@dataclass(frozen=True, slots=True)
class VersionPage(Page):
    """A version with the services that run it."""

    row: ModelVersion
    runs_in: list[dict[str, Any]]


class PodsOfNode(NamedTuple):
    """Live pods of one node that are alike, and whose they are as far as a reader may know."""

    pods: int
    # What one of them requests, as PostgreSQL writes it.
    requests: str
    service_id: UUID
    # None where the reader may not see the service, or there is none.
    project: str | None
    environment: str
    service: str


def with_services(nodes: Sequence[dict[str, Any]], user: User) -> list[dict[str, Any]]:
    """Return nodes with their live pods: how many, and of which services that a reader may see.

    It does not say whose the other pods are.
    """
    pods = pods_on([node["id"] for node in nodes], rights_of_user(user))
    return [{**node, **shown_pods(pods[node["id"]], node["allocatable"], user)} for node in nodes]


def shown_pods(pods: Sequence[PodsOfNode], allocatable: Resources, user: User) -> dict[str, Any]:
    """Return what is shown of one node's pods."""
    services: dict[UUID, list[PodsOfNode]] = defaultdict(list)
    for alike in pods:
        if alike.project is not None:
            services[alike.service_id].append(alike)
    total_pods = sum(alike.pods for alike in pods)
    rows = [service_on(own, allocatable) for own in services.values()]
    return {
        "pods_total": total_pods,
        "services": rows,
        "service_ids": sorted(services, key=str) if user.is_superuser else None,
        "other_pods": total_pods - sum(row["pods"] for row in rows),
    }


def service_on(pods: Sequence[PodsOfNode], allocatable: Resources) -> dict[str, Any]:
    """Return what one service has on a node."""
    shapes = tuple((alike.requests, alike.pods) for alike in pods)
    return {
        "project": pods[0].project,
        "environment": pods[0].environment,
        "service": pods[0].service,
        "pods": sum(alike.pods for alike in pods),
        "requested": written_sum(shapes, tuple(allocatable)),
    }


@lru_cache(maxsize=4096)
def written_sum(shapes: tuple[tuple[str, int], ...], names: tuple[str, ...]) -> dict[str, str]:
    """Write what some pods request together of some resources; the same few do so on every node.

    Whoever gets it shares it with others, and does not change it.
    """
    requested = total(Resources(orjson.loads(one)) * number for one, number in shapes)
    return requested.only(names).canonical()


def pods_on(nodes: Collection[int], rights: Rights) -> dict[int, list[PodsOfNode]]:
    """Return the live pods of nodes, by the node's id and in the order of their services."""
    statement = """
        SELECT node.id, count(*), pod.requests,
               service.id, project.name, environment.name, service.name
        FROM clusters_node node
        JOIN clusters_pod pod
          ON pod.cluster_id = node.cluster_id AND pod.node_name = node.name
         AND pod.phase != ALL(%(over)s)
        LEFT JOIN clusters_workload replica_set
          ON replica_set.cluster_id = pod.cluster_id AND replica_set.uid = pod.owner_uid
         AND replica_set.namespace = pod.namespace
        LEFT JOIN clusters_workload deployment
          ON deployment.cluster_id = pod.cluster_id AND deployment.uid = replica_set.owner_uid
         AND deployment.namespace = pod.namespace AND deployment.kind = 'Deployment'
        LEFT JOIN projects_environment environment
          ON environment.cluster_id = pod.cluster_id AND environment.namespace = pod.namespace
        LEFT JOIN serving_modelservice service
          ON service.environment_id = environment.id AND service.name = deployment.goes_with
         AND {rolled_out}
        LEFT JOIN projects_project project
          ON project.id = service.project_id
         AND (%(projects)s::text[] IS NULL OR project.name = ANY(%(projects)s))
        WHERE node.id = ANY(%(nodes)s)
        GROUP BY node.id, pod.requests, service.id, project.id, environment.id
        ORDER BY project.name COLLATE "C", environment.name COLLATE "C", service.name COLLATE "C"
    """
    projects = None if rights.projects is None else list(rights.projects)
    values = {"over": [*OVER], "projects": projects, "nodes": list(nodes)}
    pods: dict[int, list[PodsOfNode]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rolled_out=ROLLED_OUT), values)
        for node, number, requests, *whose in cursor.fetchall():
            pods[node].append(PodsOfNode(number, requests, *whose))
    return pods
