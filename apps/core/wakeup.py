"""Waking a worker. A wake-up may be lost: the row says what there is to do, a sweep finds it.

Tasks are named as they are registered, so that callers need not import them: in an app, tasks
import everything else. A test looks up every name that is used.
"""

from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def wake_worker(task: str, *arguments: Any) -> None:
    """Enqueue a task once the transaction is committed; losing the broker loses only time."""
    transaction.on_commit(partial(enqueue, task, *arguments))


def enqueue(task: str, *arguments: Any) -> None:
    """Enqueue a task now."""
    try:
        current_app.send_task(task, arguments)
    except OperationalError as error:
        log.warning("wake-up not sent", task=task, error=str(error))
