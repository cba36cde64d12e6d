"""The Celery application. A task is a wake-up: the database says what there is to do."""

import atexit
import os
import sys
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "apps"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.settings")  # noqa: TID251

from celery import Celery, current_task
from celery.signals import (
    after_task_publish,
    beat_init,
    heartbeat_sent,
    task_failure,
    worker_ready,
    worker_shutdown,
)
from django.conf import settings
from kombu import Queue

from core.garbage import freeze
from core.outages import is_outage
from core.supervision import record_fault

if TYPE_CHECKING:
    from clusters.heartbeat import Pulse

# The part that a queue's worker is. Collecting usage waits for each cluster's Prometheus, and would
# hold up rollouts in the same threads. Sweeps overtake a flood of wake-ups.
PARTS = {"celery": "worker", "sweep": "worker", "usage": "collector"}
# The heartbeats of this process, by part.
pulses: "dict[str, Pulse]" = {}


def route(name: str, *_: Any, **__: Any) -> dict[str, str]:
    """Return the queue of a task; what a sweep wakes goes where the sweep itself went."""
    if name.startswith("usage."):
        return {"queue": "usage"}
    by_beat = any(name == entry["task"] for entry in app.conf.beat_schedule.values())
    came_by = (current_task and current_task.request.delivery_info) or {}
    return {"queue": "sweep" if by_beat or came_by.get("routing_key") == "sweep" else "celery"}


app = Celery("slipway", broker=settings.REDIS_URL)
app.conf.update(
    broker_transport="core.broker:Transport",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    # A worker that is not given its queues works for all of them.
    task_queues=[Queue(name, routing_key=name) for name in PARTS],
    task_create_missing_queues=False,
    task_routes=(route,),
    worker_hijack_root_logger=False,
    # Otherwise whoever can write to Redis could end a worker, or have it consume nothing.
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    # A wake-up that cannot be sent is left to the sweep instead of holding up a request.
    task_publish_retry=False,
    broker_transport_options={
        "visibility_timeout": 300,
        # kombu looks for lost messages every 1 x 5 s instead of every 100 s.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 5,
        # A publisher gives up at once; without a limit it would wait for the broker for ever.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 20,
    },
    beat_schedule={
        "sweep rollouts": {"task": "serving.sweep_rollouts", "schedule": 5.0},
        "judge services again": {"task": "serving.judge_again", "schedule": 5.0},
        "end temporary scales": {"task": "serving.sweep_temporary_scales", "schedule": 5.0},
        "sweep secrets": {"task": "serving.sweep_secrets", "schedule": 15.0},
        "sweep environments": {"task": "projects.sweep_environments", "schedule": 15.0},
        "probe clusters": {"task": "clusters.probe_clusters", "schedule": 15.0},
        "collect usage": {"task": "usage.collect_usage", "schedule": 30.0},
        "remove expired rows": {"task": "ops.remove_expired_rows", "schedule": 600.0},
        "remove old windows": {"task": "usage.remove_old_windows", "schedule": 600.0},
    },
)
app.autodiscover_tasks()


@worker_ready.connect
def on_worker_ready(**_: Any) -> None:
    freeze()


def pulse_of(part: str, instance: str) -> "Pulse":
    """Return this process's heartbeat; models cannot be imported before Django is set up."""
    from clusters.heartbeat import Pulse
    from clusters.models import Heartbeat

    return pulses.setdefault(part, Pulse(Heartbeat.Part(part), instance))


def give_back_connection() -> None:
    """Give the main thread's connection back to the pool; nothing else there needs one."""
    from django.db import connection

    connection.close()


@heartbeat_sent.connect
def on_worker_heartbeat(sender: Any, **_: Any) -> None:
    """Beat for each part that this worker's queues make it: its loop runs and has its broker."""
    for part in {PARTS[queue] for queue in app.amqp.queues.consume_from}:
        pulse_of(part, sender.eventer.hostname).beat()
    give_back_connection()


@worker_shutdown.connect
def on_worker_shutdown(**_: Any) -> None:
    for part in set(PARTS.values()) & set(pulses):
        pulses[part].end()


@task_failure.connect
def on_task_failure(sender: Any, exception: Exception, args: Any, **_: Any) -> None:
    """Record a task that failed, unless an outage did it, which ends many and is no news."""
    if not is_outage(exception):
        record_fault(exception, loop=sender.name, about=", ".join(map(str, args or ())))


@beat_init.connect
def on_beat_init(**_: Any) -> None:
    """Take what this process sends as its sign of life: from here on it is beat."""
    after_task_publish.connect(on_beat_sent, weak=False)
    atexit.register(lambda: pulse_of("beat", gethostname()).end())


def on_beat_sent(**_: Any) -> None:
    """Beat: a due task has reached the broker, and one is due every 5 s."""
    pulse_of("beat", gethostname()).beat()
    give_back_connection()
