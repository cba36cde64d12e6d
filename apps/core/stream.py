"""Announcing changes to browsers: a bounded Redis stream that may be lost at any time."""

from functools import cache, partial

import orjson
import structlog
from django.conf import settings
from django.db import transaction
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

STREAM = "slipway:changes"
# About an hour of a busy fleet; a client further behind than that refetches everything.
KEPT_MESSAGES = 20_000


@cache
def connection() -> "Redis":
    """Return this process's connection pool for publishing."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        # A request does not wait for Redis to come back.
        retry=Retry(NoBackoff(), 0),
    )


def announce(kind: str, object_id: object, *, project: str | None, version: object = "") -> None:
    """Tell listeners, once the transaction is committed, that an object changed.

    Losing Redis loses only the announcement: clients also poll.
    """
    message = change_of(kind, object_id, project=project, version=version)
    transaction.on_commit(partial(publish, message), robust=True)


def change_of(
    kind: str, object_id: object, *, project: str | None, version: object = ""
) -> dict[str, str | None]:
    """Return what listeners are told of a change."""
    return {"object": kind, "id": str(object_id), "project": project, "version": str(version)}


def publish(message: dict[str, str | None]) -> None:
    """Append one message to the stream."""
    fields = {b"message": orjson.dumps(message)}
    try:
        connection().xadd(STREAM, fields, maxlen=KEPT_MESSAGES, approximate=True)  # type: ignore[arg-type]
    except RedisError as error:
        log.warning("change not announced", error=str(error), **message)
