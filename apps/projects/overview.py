"""Projects and environments with what their rows lack, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from clusters.load import pods_below, requested_by_namespace
from clusters.models import Node
from core.api.pages import Page
from core.resources import Resources
from projects.models import Environment, Membership, Project


@dataclass(frozen=True, slots=True)
class EnvironmentInShort(Page):
    """An environment and what its live pods request; None while the mirror is stale."""

    row: Environment
    stale: bool
    requested: Resources | None


@dataclass(frozen=True, slots=True)
class ProjectPage(Page):
    """A project with its reader's role, its environments, and when anything in it last changed.

    A platform admin has every permission, but no role in projects they are not a member of.
    """

    row: Project
    role: str | None
    environments: list[EnvironmentInShort]
    last_change_at: datetime | None


@dataclass(frozen=True, slots=True)
class WithPermissions(Page):
    """A project's page with what its reader may do in it."""

    row: Page
    permissions: list[str]


@dataclass(frozen=True, slots=True)
class EnvironmentPage(Page):
    """An environment with the pods that request less than new ones now have to.

    `absent_gpu_products` are those with a quota that no node has; None while the mirror is stale.
    """

    row: Environment
    below_minimum: list[str]
    absent_gpu_products: list[str] | None


def project_pages(projects: Sequence[Project], user: User, *, now: datetime) -> list[ProjectPage]:
    """Return projects as a caller may see them."""
    roles = dict(
        Membership.objects.filter(project__in=projects, user=user).values_list("project", "role")
    )
    newest = AuditEvent.objects.filter(project_id=OuterRef("pk")).order_by("-id").values("at")[:1]
    changes = dict(
        Project.objects.filter(pk__in=[project.pk for project in projects])
        .annotate(last_change_at=Subquery(newest))
        .values_list("pk", "last_change_at")
    )
    environments = environments_of(projects, now=now)
    return [
        ProjectPage(
            project,
            role=roles.get(project.pk),
            environments=environments[project.pk],
            last_change_at=changes.get(project.pk),
        )
        for project in projects
    ]


def environments_of(
    projects: Sequence[Project], *, now: datetime
) -> dict[int, list[EnvironmentInShort]]:
    """Return the environments of each project, by its id."""
    rows = Environment.objects.select_related("cluster", "quota").order_by("name")
    prefetch_related_objects(list(projects), Prefetch("environments", rows))
    every = {project.pk: list(project.environments.all()) for project in projects}
    places = {(e.cluster_id, e.namespace) for own in every.values() for e in own}
    requested = requested_by_namespace(places)

    def in_short(environment: Environment) -> EnvironmentInShort:
        is_stale = environment.cluster.is_stale(now=now)
        asked = requested[environment.cluster_id, environment.namespace]
        return EnvironmentInShort(environment, is_stale, None if is_stale else asked)

    return {pk: [in_short(environment) for environment in own] for pk, own in every.items()}


def environment_pages(environments: Sequence[Environment]) -> list[EnvironmentPage]:
    """Return environments with what of them and of their quota is not as one may think."""
    least = {(e.cluster_id, e.namespace): e.quota.minimum for e in environments if e.quota.minimum}
    below = pods_below(least) if least else {}
    limited = {e.cluster_id for e in environments if e.quota.gpu_products}
    nodes = Node.objects.filter(cluster__in=limited) if limited else Node.objects.none()
    present = set(nodes.values_list("cluster", "gpu_product").distinct().order_by())
    now = timezone.now()

    def absent_in(environment: Environment) -> list[str] | None:
        if environment.cluster.is_stale(now=now):
            return None
        cluster, limits = environment.cluster_id, environment.quota.gpu_products
        return sorted(name for name in limits if (cluster, name) not in present)

    return [
        EnvironmentPage(e, below.get((e.cluster_id, e.namespace), []), absent_in(e))
        for e in environments
    ]
