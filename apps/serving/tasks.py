"""What beat starts, and the doorbells that only it rings."""

from celery import shared_task

from core.doorbell import enqueue
from serving import expiry
from serving.diagnosis import judging
from serving.doorbells import reconcile_rollout
from serving.secrets.doorbells import remove_secrets
from serving.secrets.reconcile import released_in
from serving.worker.claim import due_rollouts


@shared_task(name="serving.sweep_rollouts")
def sweep_rollouts() -> None:
    for rollout_id in due_rollouts():
        enqueue(reconcile_rollout, str(rollout_id))


@shared_task(name="serving.sweep_secrets")
def sweep_secrets() -> None:
    for environment_id in released_in():
        enqueue(remove_secrets, environment_id)


@shared_task(name="serving.judge_again")
def judge_again() -> None:
    judging.judge_each(judging.unheard_services())


@shared_task(name="serving.sweep_temporary_scales")
def sweep_temporary_scales() -> None:
    for service_id in expiry.due_services():
        enqueue(end_temporary_scale, str(service_id))


@shared_task(name="serving.end_temporary_scale")
def end_temporary_scale(service_id: str) -> None:
    expiry.end_temporary_scale(service_id)
