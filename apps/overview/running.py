"""Which services run: of projects, of versions, on nodes. Each with one query."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from accounts.models import User
from clusters.fleet import NodePage
from clusters.models import Node, Pod
from clusters.ownership import Address
from core.api.pages import Page
from core.resources import total
from projects.models import Project
from registry.models import ModelVersion
from serving.diagnosis.health import Health
from serving.models import ModelService


def health_counts(projects: Iterable[Project], *, now: datetime) -> dict[int, dict[str, int]]:
    """Return how many services of each project show which health, by project id."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Health.values, 0))
    services = ModelService.objects.with_shown_health(now=now).filter(
        environment__project__in=projects
    )
    rows = services.values_list("environment__project", "shown_health").annotate(Count("pk"))
    for project, health, count in rows.order_by():
        counts[project][health] = count
    return counts


def places_of(versions: Iterable[ModelVersion], user: User) -> dict[int, list[dict[str, Any]]]:
    """Return which services run each version, as far as a caller may see them, by version id.

    A service runs the version that its last successful rollout reached; while the next one is
    under way, that is still the former.
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

    Whose the others are stays unsaid.
    """

    row: NodePage
    services: list[dict[str, Any]]
    service_ids: list[UUID] | None
    other_pods: int


def with_services(pages: Sequence[NodePage], user: User) -> list[WithServices]:
    """Return nodes' pages with the services on them."""
    services = services_of((pod for page in pages for pod in page.live_pods), user)
    return [with_services_of(page, services, user) for page in pages]


def with_services_of(
    page: NodePage, services: Mapping[Address, ModelService], user: User
) -> WithServices:
    """Return one node's page with the services on it."""
    pods: dict[ModelService, list[Any]] = defaultdict(list)
    # A pod of `node_pages` knows the Deployment that owns it.
    own: list[Any] = page.live_pods
    for pod in own:
        if service := services.get((pod.cluster_id, pod.namespace, pod.deployment)):
            pods[service].append(pod)
    rows = [service_on(page.row, service, its) for service, its in pods.items()]
    return WithServices(
        page,
        services=sorted(rows, key=lambda row: (row["project"], row["environment"], row["service"])),
        service_ids=sorted((s.pk for s in pods), key=str) if user.is_superuser else None,
        other_pods=page.pods_total - sum(row["pods"] for row in rows),
    )


def services_of(pods: Iterable[Any], user: User) -> dict[Address, ModelService]:
    """Return the services that a caller may see, by where the Deployments of some pods are."""
    places = {(pod.namespace, pod.deployment) for pod in pods if pod.deployment}
    visible = ModelService.objects.visible_to(user).at(places)
    rows = visible.select_related("environment__project").only(
        "name",
        "environment__name",
        "environment__namespace",
        "environment__cluster",
        "environment__project__name",
    )
    return {(s.environment.cluster_id, s.environment.namespace, s.name): s for s in rows}


def service_on(node: Node, service: ModelService, pods: list[Pod]) -> dict[str, Any]:
    """Return what one service has on a node."""
    return {
        "project": service.project.name,
        "environment": service.environment.name,
        "service": service.name,
        "pods": len(pods),
        "requested": total(pod.requests for pod in pods).only(node.allocatable),
    }
