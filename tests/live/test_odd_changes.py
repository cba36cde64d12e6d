"""The stream of changes, when somebody else writes to it: the hub outlives what it reads."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from django.conf import settings
from redis import Redis

from core import supervision
from core.stream import STREAM
from core.supervision import FAULTS
from live.changes import RESYNC, Event, event_of
from live.hub import Client, Hub
from projects.rights import Rights

GOOD = {"object": "service", "id": "good", "project": "fraud", "version": ""}
ODD: list[Any] = [
    b"no JSON",
    b"",
    b"5",
    b"null",
    b"[]",
    b"{}",
    b"[" * 100_000,
    *(orjson.dumps({**GOOD, "project": odd}) for odd in (5, [], {}, ["fraud"], True)),
    *(orjson.dumps({**GOOD, name: ["good"]}) for name in ("object", "id")),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:30])
def test_an_entry_that_is_none_only_says_to_look(odd: bytes) -> None:
    assert event_of((b"1-1", {b"message": odd})).frame == RESYNC.frame


async def next_frames(client: Client, hub: Hub) -> list[bytes]:
    messages = await asyncio.wait_for(hub.next_for(client), 20)
    return [message.frame for message in messages]


def heard_by(client: Client, hub: Hub, entries: list[dict[bytes, bytes]]) -> list[bytes]:
    """Return what a client hears until it hears of the good change."""

    async def listen() -> list[bytes]:
        hub.join(client)
        await asyncio.wait_for(hub.is_reading.wait(), 10)
        with Redis.from_url(settings.REDIS_URL) as redis:
            for entry in entries:
                redis.xadd(STREAM, entry)  # type: ignore[arg-type]
        frames = await next_frames(client, hub)
        while b'"id":"good"' not in frames[-1]:
            frames += await next_frames(client, hub)
        hub.leave(client)
        return frames

    return asyncio.run(listen())


@pytest.mark.django_db(transaction=True)
def test_odd_entries_leave_the_hub_alive() -> None:
    entries = [{b"message": odd} for odd in ODD] + [{b"other": b"x"}, {b"\xff": b"\xff"}]
    entries.append({b"message": orjson.dumps(GOOD)})
    frames = heard_by(Client(Rights(frozenset({"fraud"}))), Hub(), entries)
    assert set(frames[:-1]) == {RESYNC.frame}


class Fragile(Hub):
    """A hub that meets what nobody foresaw, once."""

    is_whole = False

    async def publish(self, messages: Sequence[Event]) -> None:
        if not self.is_whole:
            self.is_whole = True
            raise ZeroDivisionError
        await super().publish(messages)


@pytest.mark.django_db(transaction=True)
def test_after_what_nobody_foresaw_the_hub_reads_on_and_has_everything_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("live.hub.BLOCK_MILLISECONDS", 100)
    good = {b"message": orjson.dumps(GOOD)}

    async def listen() -> list[bytes]:
        hub, client = Fragile(), Client(Rights(None))
        hub.join(client)
        await asyncio.wait_for(hub.is_reading.wait(), 10)
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.xadd(STREAM, good)  # type: ignore[arg-type]
            frames = await next_frames(client, hub)
            redis.xadd(STREAM, good)  # type: ignore[arg-type]
            while b"good" not in frames[-1]:
                frames += await next_frames(client, hub)
        hub.leave(client)
        return frames

    assert asyncio.run(listen())[0] == RESYNC.frame
    assert [(fault.loop, fault.count) for fault in FAULTS.take()] == [("hub", 1)]
