"""Which services run: of projects, of versions, on nodes. Each with one query."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from projects.models import Project
from serving.health import Health
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
