"""What the rows of projects and environments do not hold, with constant numbers of queries."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects

from accounts.models import User
from audit.models import AuditEvent
from clusters.load import pods_below, requested_by_namespace
from projects.models import Environment, Membership, Project


def attach_overview(projects: list[Project], user: User, *, now: datetime) -> None:
    """Attach `role`, `shown_environments` and `last_change_at`, with a constant number of queries.

    A platform admin has every permission and yet no role where they are no member.
    """
    roles = dict(
        Membership.objects.filter(project__in=projects, user=user).values_list("project", "role")
    )
    newest = AuditEvent.objects.filter(project_id=OuterRef("pk")).order_by("-id").values("at")[:1]
    changes = dict(
        Project.objects.filter(pk__in=[project.pk for project in projects])
        .annotate(last_change_at=Subquery(newest))
        .values_list("pk", "last_change_at")
    )
    attach_environments(projects, now=now)
    for project in projects:
        shown: Any = project
        shown.role = roles.get(project.pk)
        shown.last_change_at = changes.get(project.pk)


def attach_environments(projects: list[Project], *, now: datetime) -> None:
    """Attach each project's environments, with what their live pods ask for.

    What a silent mirror last saw is not the present: `requested` is None then.
    """
    rows = Environment.objects.select_related("cluster", "quota").order_by("name")
    prefetch_related_objects(projects, Prefetch("environments", rows, "shown_environments"))
    environments: list[Any] = [
        environment
        for project in projects
        for environment in project.shown_environments  # type: ignore[attr-defined]
    ]
    requested = requested_by_namespace({(e.cluster_id, e.namespace) for e in environments})
    for environment in environments:
        environment.stale = environment.cluster.is_stale(now=now)
        asked = requested[environment.cluster_id, environment.namespace]
        environment.requested = None if environment.stale else asked


def attach_what_is_below(environments: list[Environment]) -> None:
    """Attach `below_minimum`, the pods that request less than is asked of new ones by now."""
    found = pods_below({(e.cluster_id, e.namespace): e.quota.minimum for e in environments})
    for environment in environments:
        shown: Any = environment
        shown.below_minimum = found.get((environment.cluster_id, environment.namespace), [])
