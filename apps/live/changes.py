"""Reading the Redis stream of changes."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from redis import RedisError
from redis.asyncio import Redis

from core.stream import STREAM, change_of

BATCH = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One change, encoded once for all clients."""

    id: str
    project: str | None
    frame: bytes
    kind: str = ""
    object_id: str = ""


def event_about(kind: str, object_id: object) -> Event:
    """Return a change of no project that this process found itself; none resumes from it."""
    change = orjson.dumps(change_of(kind, object_id, project=None))
    return Event("", None, b"data: %s\n\n" % change, kind, str(object_id))


# Says: something changed, fetch everything.
RESYNC = Event("", None, b"event: resync\ndata: {}\n\n")


async def newest_id(redis: "Redis") -> str:
    """Return the id after which everything is new."""
    newest: Any = await redis.xrevrange(STREAM, count=1)
    return newest[0][0].decode() if newest else "0-0"


async def read_after(redis: "Redis", last: str, *, block: int | None) -> list[Event]:
    """Read at most a batch of what came after an id, waiting up to `block` milliseconds."""
    answer: Any = await redis.xread({STREAM: last}, count=BATCH, block=block)
    streams = answer.items() if isinstance(answer, dict) else answer
    return [event_of(entry) for _, batches in streams or [] for entry in flattened(batches)]


async def read_missed(redis: "Redis", last: str) -> list[Event] | None:
    """Read everything since an id, or return None if that is too long ago to be known."""
    try:
        oldest: Any = await redis.xrange(STREAM, count=1)
        if not oldest or position_of(oldest[0][0].decode()) > position_of(last):
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
    """Encode one entry of the stream as an event; one that is not ours becomes a resync."""
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


def position_of(identifier: str) -> tuple[int, int]:
    """Return a stream id in a form that can be compared."""
    time, _, sequence = identifier.partition("-")
    return int(time), int(sequence or 0)
