"""Wake-ups: each carries at most an id, and may be lost, duplicated, late or forged."""

from celery import shared_task

from core.wakeup import enqueue
from serving import expiry
from serving.diagnosis import judging
from serving.secrets import reconcile
from serving.worker import advance
from serving.worker.claim import due_rollouts


@shared_task(name="serving.reconcile_rollout")
def reconcile_rollout(rollout_id: str) -> None:
    if advance.reconcile_rollout(rollout_id):
        enqueue("serving.reconcile_rollout", rollout_id)


@shared_task(name="serving.sweep_rollouts")
def sweep_rollouts() -> None:
    for rollout_id in due_rollouts():
        enqueue("serving.reconcile_rollout", str(rollout_id))


@shared_task(name="serving.remove_secrets")
def remove_secrets(environment_id: int) -> None:
    reconcile.remove_released(environment_id)


@shared_task(name="serving.sweep_secrets")
def sweep_secrets() -> None:
    for environment_id in reconcile.released_in():
        enqueue("serving.remove_secrets", environment_id)


@shared_task(name="serving.judge_again")
def judge_again() -> None:
    judging.judge_each(judging.unsynced_services())


@shared_task(name="serving.end_temporary_scale")
def end_temporary_scale(service_id: str) -> None:
    expiry.end_temporary_scale(service_id)


@shared_task(name="serving.sweep_temporary_scales")
def sweep_temporary_scales() -> None:
    for service_id in expiry.due_services():
        enqueue("serving.end_temporary_scale", str(service_id))
