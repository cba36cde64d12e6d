"""Ringing for a worker. A ring may be lost: the row says what there is to do, a sweep finds it.

A task is named as it is registered, so that who rings need not know who answers: tasks stand above
everything else in an app. A test finds every name that is rung.
"""

from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: str, *arguments: Any) -> None:
    """Enqueue a task once the transaction is committed; losing the broker loses only time."""
    transaction.on_commit(partial(enqueue, task, *arguments))


def enqueue(task: str, *arguments: Any) -> None:
    """Enqueue a task now."""
    try:
        current_app.send_task(task, arguments)
    except OperationalError as error:
        log.warning("doorbell not rung", task=task, error=str(error))
