"""Reading the Redis stream of changes."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from redis import RedisError
from redis.asyncio import Redis

from core.stream import STREAM

BATCH = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One change, encoded once for all clients."""

    id: str
    project: str | None
    frame: bytes
    kind: str = ""
    object_id: str = ""


# Says: something changed, fetch everything.
RESYNC = Event("", None, b"event: resync\ndata: {}\n\n")


async def newest_id(redis: "Redis") -> str:
    """Return the id after which the future begins."""
    newest: Any = await redis.xrevrange(STREAM, count=1)
    return newest[0][0].decode() if newest else "0-0"


async def read_after(redis: "Redis", last: str, *, block: int | None) -> list[Event]:
    """Read at most a batch of what came after an id, waiting up to `block` milliseconds."""
    answer: Any = await redis.xread({STREAM: last}, count=BATCH, block=block)
    streams = answer.items() if isinstance(answer, dict) else answer
    return [event_of(entry) for _, batches in streams or [] for entry in flattened(batches)]


async def read_missed(redis: "Redis", last: str) -> list[Event] | None:
    """Read everything since an id, or None when that is too long ago to be told."""
    try:
        oldest: Any = await redis.xrange(STREAM, count=1)
        if not oldest or order(oldest[0][0].decode()) > order(last):
            return None
        events = await read_after(redis, last, block=None)
    except (RedisError, ValueError):
        return None
    return events if len(events) < BATCH else None


def flattened(batches: Any) -> Any:
    """Return the entries of one stream; RESP3 wraps them in one more list than RESP2."""
    if batches and isinstance(batches[0], list):
        return [entry for batch in batches for entry in batch]
    return batches


def event_of(entry: Any) -> Event:
    """Encode one entry of the stream as an event; one that is not ours only says to look."""
    identifier, fields = entry[0].decode(), entry[1]
    try:
        change = orjson.loads(fields[b"message"])
        kind, object_id, project = change["object"], change["id"], change["project"]
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return replace(RESYNC, id=identifier)
    is_ours = isinstance(kind, str) and isinstance(object_id, str)
    if not is_ours or not isinstance(project, str | None):
        return replace(RESYNC, id=identifier)
    frame = b"id: %s\ndata: %s\n\n" % (entry[0], orjson.dumps(change))
    return Event(identifier, project, frame, kind, object_id)


def order(identifier: str) -> tuple[int, int]:
    """Return a stream id as something that can be compared."""
    time, _, sequence = identifier.partition("-")
    return int(time), int(sequence or 0)
