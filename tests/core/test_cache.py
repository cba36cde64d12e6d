"""The cache keeps values as JSON, and believes nothing that somebody else wrote."""

import pickle
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from redis import Redis

from core.cache import JSONCache


class Bomb:
    """What would run where it is unpickled."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("a pickle was read",)


def write(key: str, value: bytes) -> None:
    """Write as somebody else does who reaches Redis."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.set(cache.make_key(key), value)


@pytest.mark.parametrize("value", [5, True, [1.5, 2.5], {"a": None}, "text", None])
def test_what_is_kept_comes_back(value: Any) -> None:
    cache.set("kept", value)
    assert cache.get("kept") == value


def test_redis_counts_whole_numbers() -> None:
    cache.set("counted", 5)
    assert cache.incr("counted") == 6


@pytest.mark.parametrize("odd", [pickle.dumps(Bomb()), b"", b"{", b"\x80\x04", b"[" * 100_000])
def test_what_somebody_else_wrote_is_as_if_it_were_absent(odd: bytes) -> None:
    write("odd", odd)
    assert cache.get("odd", "absent") == "absent"


def test_redis_wants_a_password() -> None:
    assert isinstance(cache._connections["default"], JSONCache)  # type: ignore[attr-defined]
    port = Redis.from_url(settings.REDIS_URL).get_connection_kwargs()["port"]
    with pytest.raises(Exception, match="authenticated"):
        Redis(port=port).ping()
