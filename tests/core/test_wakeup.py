"""Waking by name: the task is there, and takes the arguments that it is sent."""

import ast
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from redis import Redis

from core.wakeup import enqueue, wake_worker
from embedded.home import CHECKOUT
from slipway.celery import app

APPS = CHECKOUT / "apps"
WAKERS = {"wake_worker", "enqueue"}


@pytest.fixture(scope="module", autouse=True)
def registered() -> None:
    """Know every task, as a worker does."""
    app.loader.import_default_modules()


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def wakeups() -> list[tuple[str, ast.Call]]:
    """Return every call that wakes a worker, with the place where it is."""
    return [
        (f"{path.relative_to(APPS)}:{node.lineno}", node)
        for path in sorted(APPS.rglob("*.py"))
        if path != APPS / "core" / "wakeup.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and called(node.func) in WAKERS
    ]


def called(function: ast.expr) -> str:
    """Return the last name of what is called, however it was imported."""
    return getattr(function, "attr", "") or getattr(function, "id", "")


@pytest.mark.parametrize(("place", "call"), [pytest.param(p, c, id=p) for p, c in wakeups()])
def test_every_task_that_is_woken_is_registered_and_takes_its_arguments(
    place: str, call: ast.Call
) -> None:
    name, *arguments = call.args
    assert isinstance(name, ast.Constant), "only a name that is written out can be looked up"
    assert name.value in app.tasks, f"nobody answers to {name.value}"
    assert not call.keywords
    inspect.signature(app.tasks[name.value].run).bind(*arguments)


def test_whatever_beat_starts_is_registered() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_no_place_that_wakes_is_overlooked() -> None:
    """Whoever imports one of the two calls it by the name that the search above knows."""
    importing = {
        str(path.relative_to(APPS))
        for path in APPS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module == "core.wakeup" or "wakeup" in {name.name for name in node.names})
    }
    assert importing == {place.partition(":")[0] for place, _ in wakeups()}


def test_nobody_imports_tasks() -> None:
    """Only the worker does, by their place."""
    for path in APPS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(one.name for one in node.names)]
                assert not any(name.split(".")[-1] == "tasks" for name in names), path


@pytest.mark.parametrize(
    ("name", "queue"),
    [("serving.reconcile_rollout", "celery"), ("usage.collect_cluster", "usage")],
)
def test_a_task_woken_by_name_is_sent_to_its_queue(redis: Redis, name: str, queue: str) -> None:
    enqueue(name, 5)
    assert [one["headers"]["task"] for one in messages_of(redis, queue)] == [name]


def test_a_task_keeps_its_options_when_it_is_woken_by_name(redis: Redis) -> None:
    enqueue("usage.collect_cluster", 5)
    [message] = messages_of(redis, "usage")
    assert message["headers"]["expires"], "what waited too long would only be one too many"


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_is_not_committed(redis: Redis) -> None:
    with transaction.atomic():
        wake_worker("serving.reconcile_rollout", "5")
        assert messages_of(redis, "celery") == []
    assert len(messages_of(redis, "celery")) == 1
    with transaction.atomic():
        wake_worker("serving.reconcile_rollout", "5")
        transaction.set_rollback(True)
    assert len(messages_of(redis, "celery")) == 1


def messages_of(redis: Redis, queue: str) -> list[dict[str, Any]]:
    """Return the messages of a queue, and leave them there."""
    return [json.loads(message) for message in redis.lrange(queue, 0, -1)]
