from typing import Any

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from clusters.signals import history_went_back, objects_observed

        objects_observed.connect(on_objects_observed, dispatch_uid="projects")
        history_went_back.connect(on_history_went_back, dispatch_uid="projects")


def on_objects_observed(cluster_id: int, places: set[tuple[str, str]] | None, **_: Any) -> None:
    """Compare the environments whose setup may have changed, after the informer saw something."""
    from projects.observe import record_drift

    if places is None:
        record_drift(cluster_id, None)
    elif namespaces := {namespace for namespace, goes_with in places if not goes_with}:
        record_drift(cluster_id, namespaces)


def on_history_went_back(cluster_id: int, **_: Any) -> None:
    """Forget how far the cluster was: all that is seen of it from now on is new."""
    from core.database import lock
    from projects.models import Environment

    rows = Environment.objects.filter(cluster=cluster_id)
    lock(rows)
    rows.update(seen_version=0)
