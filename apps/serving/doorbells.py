"""The doorbell of a rollout: carries an id, and may be lost, doubled, late or forged."""

from celery import shared_task

from core.doorbell import enqueue
from serving.worker import advance


@shared_task(name="serving.reconcile_rollout")
def reconcile_rollout(rollout_id: str) -> None:
    if advance.reconcile_rollout(rollout_id):
        enqueue(reconcile_rollout, rollout_id)
