"""The doorbell of Secrets that are to go."""

from celery import shared_task

from serving.secrets import reconcile


@shared_task(name="serving.remove_secrets")
def remove_secrets(environment_id: int) -> None:
    reconcile.remove_released(environment_id)
