"""Which services run: in projects, of versions, on nodes. One query each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from accounts.models import User
from clusters.fleet import LivePod, NodePage
from clusters.models import Node
from clusters.ownership import Address
from core.api.pages import Page
from core.resources import total
from projects.models import Project
from registry.models import ModelVersion
from serving.diagnosis.health import Health
from serving.models import ModelService


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


@dataclass(frozen=True, slots=True)
class WithServices(Page):
    """A node's page with the services that its reader may see there, and how many other pods.

    It does not say whose the other pods are.
    """

    row: NodePage
    services: list[dict[str, Any]]
    service_ids: list[UUID] | None
    other_pods: int


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """Which service it is, by id and by name."""

    service_id: UUID
    project: str
    environment: str
    service: str


def with_services(pages: Sequence[NodePage], user: User) -> list[WithServices]:
    """Return nodes' pages with the services on them."""
    services = services_of((pod for page in pages for pod in page.live_pods), user)
    return [with_services_of(page, services, user) for page in pages]


def with_services_of(
    page: NodePage, services: Mapping[Address, ServicePlace], user: User
) -> WithServices:
    """Return one node's page with the services on it."""
    pods: dict[ServicePlace, list[LivePod]] = defaultdict(list)
    for pod in page.live_pods:
        if service := services.get((page.row.cluster_id, pod.namespace, pod.deployment)):
            pods[service].append(pod)
    rows = [service_on(page.row, service, its) for service, its in pods.items()]
    return WithServices(
        page,
        services=sorted(rows, key=lambda row: (row["project"], row["environment"], row["service"])),
        service_ids=sorted((p.service_id for p in pods), key=str) if user.is_superuser else None,
        other_pods=page.pods_total - sum(row["pods"] for row in rows),
    )


def services_of(pods: Iterable[LivePod], user: User) -> dict[Address, ServicePlace]:
    """Return the services that a caller may see, by the address of some pods' Deployments."""
    places = {(pod.namespace, pod.deployment) for pod in pods if pod.deployment}
    rows = (
        ModelService.objects.visible_to(user)
        .at(places)
        .values_list(
            "environment__cluster_id",
            "environment__namespace",
            "pk",
            "project__name",
            "environment__name",
            "name",
        )
    )
    return {
        (cluster, namespace, name): ServicePlace(pk, project, environment, name)
        for cluster, namespace, pk, project, environment, name in rows
    }


def service_on(node: Node, place: ServicePlace, pods: list[LivePod]) -> dict[str, Any]:
    """Return what one service has on a node."""
    return {
        "project": place.project,
        "environment": place.environment,
        "service": place.service,
        "pods": len(pods),
        "requested": total(pod.requests for pod in pods).only(node.allocatable),
    }
