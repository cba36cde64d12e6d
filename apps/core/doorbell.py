"""Ringing for a worker. A ring may be lost: the row says what there is to do, a sweep finds it."""

from functools import partial
from typing import Any

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: Task, *arguments: Any) -> None:
    """Enqueue a task once the transaction is committed; losing the broker loses only time."""
    transaction.on_commit(partial(enqueue, task, *arguments))


def enqueue(task: Task, *arguments: Any) -> None:
    """Enqueue a task now."""
    try:
        task.delay(*arguments)
    except OperationalError as error:
        log.warning("doorbell not rung", task=task.name, error=str(error))
