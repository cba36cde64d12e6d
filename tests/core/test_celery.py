"""The queue of tasks, when somebody else writes to it: the worker outlives what it reads."""

import base64
import json
import pickle
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.conf import settings
from redis import Redis

from core.waiting import wait_until
from embedded.home import CHECKOUT
from embedded.process import Process, running
from slipway.celery import app

QUEUE = "celery"


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def message(task: str = "serving.end_temporary_scale", **changed: Any) -> dict[str, Any]:
    """Return an entry as kombu writes it."""
    identifier = str(uuid4())
    body = json.dumps([[str(uuid4())], {}, {}]).encode()
    return {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"task": task, "id": identifier, "lang": "py", "argsrepr": "", "root_id": None},
        "properties": {
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_tag": identifier,
            "body_encoding": "base64",
            "correlation_id": identifier,
        },
        **changed,
    }


def without(key: str, inside: str = "") -> dict[str, Any]:
    found = message()
    holder = found[inside] if inside else found
    del holder[key]
    return found


BOMB = base64.b64encode(pickle.dumps([[], {}, {}])).decode()
ODD: list[Any] = [
    b"no JSON",
    b"\xff\xfe",
    b"",
    b"5",
    b"[]",
    b"null",
    b"{}",
    b"[" * 100_000,
    *(without(key) for key in message()),
    *(without(key, "properties") for key in message()["properties"]),
    *(without(key, "headers") for key in ("task", "id")),
    *(message(**{key: odd}) for key in message() for odd in (None, 5, [], {}, "x")),
    message("no.such_task"),
    message("x" * 1_000_000),
    message(body=base64.b64encode(b"[" * 100_000).decode()),
    message(body=base64.b64encode(json.dumps([["x" * 20_000_000], {}, {}]).encode()).decode()),
    message(body=base64.b64encode(b'[["x"], 5, 5]').decode()),
    message(body=base64.b64encode(b'"x"').decode()),
    message(body=BOMB, **{"content-type": "application/x-python-serialize"}),
    message(body=BOMB, **{"content-type": "application/x-python-serialize"}),
    message(headers={**message()["headers"], "compression": "application/x-gzip"}),
    message(headers={**message()["headers"], "eta": 5}),
    message(headers={**message()["headers"], "eta": "x", "expires": []}),
    message(headers={**message()["headers"], "timelimit": "x"}),
]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    tmp_path = tmp_path_factory.mktemp("worker")
    program = str(Path(sys.executable).parent / "celery")
    options = ("--pool=threads", "--concurrency=2", "--without-mingle", "--without-gossip")
    argv = (program, "-A", "slipway", "--workdir", str(CHECKOUT / "platform"), "worker", *options)
    log = tmp_path / "worker.log"
    process = Process(
        "worker",
        (*argv, "--loglevel=info", "--queues=celery,sweep"),
        lambda: log.exists() and b" ready." in log.read_bytes(),
    )
    with running(process, logs=tmp_path) as child:
        yield child, log


def is_received(worker: Any, sent: dict[str, Any]) -> bool:
    """Wait until the worker has taken a task on."""
    child, log = worker

    def look() -> bool | None:
        assert child.poll() is None, log.read_text()[-3000:]
        return sent["headers"]["id"] in log.read_text() or None

    return bool(wait_until(look, timeout_seconds=60))


def test_the_worker_outlives_what_it_reads(redis: Redis, worker: Any) -> None:
    for odd in ODD:
        redis.lpush(QUEUE, odd if isinstance(odd, bytes) else json.dumps(odd))
    good = message()
    redis.lpush(QUEUE, json.dumps(good))
    assert is_received(worker, good)
    assert worker[0].poll() is None


def test_nobody_commands_a_worker_by_redis(redis: Redis, worker: Any) -> None:
    for odd in ("no json", "5", "[]", "null"):
        redis.publish("/0.celery.pidbox", odd)
    app.control.shutdown()
    app.control.cancel_consumer(QUEUE)
    good = message()
    redis.lpush(QUEUE, json.dumps(good))
    assert is_received(worker, good)


def test_what_cannot_be_given_back_keeps_nothing_else_from_it(redis: Redis, worker: Any) -> None:
    good = message()
    kept = {"odd": "[1]", "good": json.dumps([good, "", QUEUE]), "none": "no json"}
    redis.hset("unacked", mapping=kept)
    redis.zadd("unacked_index", {"good": 1, "odd": 2, "none": 3})
    assert is_received(worker, good)
    gone = lambda: redis.hmget("unacked", *kept) == [None] * 3 or None  # noqa: E731
    assert wait_until(gone, timeout_seconds=30)


def test_what_waits_for_prometheus_keeps_no_rollout_waiting(redis: Redis, worker: Any) -> None:
    for _ in range(50):
        app.send_task("usage.collect_cluster", [1])
    app.send_task("serving.end_temporary_scale", [str(uuid4())])
    good = message()
    redis.lpush(QUEUE, json.dumps(good))
    assert is_received(worker, good)
    assert redis.llen("usage") == 50, "they wait for a collector"
    assert "Task usage.collect_cluster" not in worker[1].read_text()


def test_every_task_has_a_queue_and_only_usage_its_own() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    assert "usage.collect_cluster" in ours
    for name in ours:
        queue = app.amqp.router.route({}, name)["queue"].name
        assert (queue == "usage") == name.startswith("usage.")


def test_what_a_sweep_rings_goes_where_the_sweep_went() -> None:
    @app.task(name="wake", shared=False)
    def woken() -> str:
        return str(app.amqp.router.route({}, "serving.reconcile_rollout")["queue"].name)

    assert woken.apply(routing_key="sweep").get() == "sweep"
    assert woken.apply(routing_key="celery").get() == "celery"


def test_a_flood_of_wakeups_holds_up_no_sweep(redis: Redis, worker: Any) -> None:
    flood = [json.dumps(message()) for _ in range(2000)]
    redis.lpush(QUEUE, *flood)
    result = app.send_task("serving.sweep_rollouts")
    wait_until(lambda: result.id in worker[1].read_text() or None, timeout_seconds=60)
    assert redis.llen(QUEUE) > 0
    redis.delete(QUEUE)


def test_every_queue_has_a_worker_and_redis_a_password_where_it_is_deployed() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    commands = " ".join(str(service.get("command")) for service in services.values())
    worked = {
        name for found in re.findall(r"--queues=(\S+)", commands) for name in found.split(",")
    }
    assert worked == {queue.name for queue in app.conf.task_queues}
    assert "--requirepass ${REDIS_PASSWORD:?" in services["redis"]["command"]
