"""The cache, which never unpickles: whoever can write to Redis must not run code here."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import structlog
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = structlog.get_logger(__name__)


class JSONSerializer:
    """Values as JSON; whole numbers as they are, so that Redis can count with them."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else orjson.dumps(value)

    def loads(self, text: bytes) -> Any:
        return orjson.loads(text)


class JSONCache(RedisCache):
    """Django's cache in Redis; an entry that is not JSON counts as absent."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {"serializer": JSONSerializer}})

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except orjson.JSONDecodeError:
            log.warning("cache entry left out", key=key)
            return default


def remember(entries: Mapping[str, Any], *, lifetime: timedelta) -> None:
    """Keep values that may be lost: a cache that is away keeps none."""
    try:
        cache.set_many(dict(entries), timeout=lifetime.total_seconds())
    except RedisError as error:
        log.warning("not remembered", error=str(error))


def remembered(key: str) -> Any:
    """Return a value that may have been lost; None if it was, or if the cache is away."""
    try:
        return cache.get(key)
    except RedisError as error:
        log.warning("not recalled", error=str(error))
        return None
