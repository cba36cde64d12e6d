"""Wake-up tasks: each carries an id, and may be lost, repeated or late."""

from celery import shared_task

from core.wakeup import enqueue
from projects import reconcile


@shared_task(name="projects.reconcile_environment")
def reconcile_environment(environment_id: int) -> None:
    if reconcile.reconcile_environment(environment_id):
        enqueue("projects.reconcile_environment", environment_id)


@shared_task(name="projects.sweep_environments")
def sweep_environments() -> None:
    for environment_id in reconcile.due_environments():
        enqueue("projects.reconcile_environment", environment_id)
    reconcile.remove_projects()
