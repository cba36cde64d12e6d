"""The stream of changes, when somebody else writes to it: the hub outlives what it reads."""

import asyncio
from typing import Any

import orjson
import pytest
from django.conf import settings
from redis import Redis

from core import supervision
from core.stream import STREAM
from core.supervision import FAULTS
from notify.changes import RESYNC, message_of
from notify.hub import Client, Hub

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
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:30])
def test_an_entry_that_is_none_only_says_to_look(odd: bytes) -> None:
    assert message_of((b"1-1", {b"message": odd})).frame == RESYNC


def heard_by(client: Client, hub: Hub, entries: list[dict[bytes, bytes]]) -> list[bytes]:
    """Return what a client hears until it hears of the good change."""

    async def listen() -> list[bytes]:
        hub.join(client)
        await asyncio.wait_for(hub.is_reading.wait(), 10)
        with Redis.from_url(settings.REDIS_URL) as redis:
            for entry in entries:
                redis.xadd(STREAM, entry)  # type: ignore[arg-type]
        frames = [await asyncio.wait_for(client.queue.get(), 20)]
        while b"good" not in frames[-1]:
            frames.append(await asyncio.wait_for(client.queue.get(), 20))
        hub.leave(client)
        return frames

    return asyncio.run(listen())


def test_odd_entries_leave_the_hub_alive() -> None:
    entries = [{b"message": odd} for odd in ODD] + [{b"other": b"x"}, {b"\xff": b"\xff"}]
    entries.append({b"message": orjson.dumps(GOOD)})
    frames = heard_by(Client(1, {"fraud"}), Hub(), entries)
    assert set(frames[:-1]) == {RESYNC}


class Fragile(Hub):
    """A hub that meets what nobody foresaw, once."""

    is_whole = False

    def offer(self, message: Any) -> None:
        if not self.is_whole:
            self.is_whole = True
            raise ZeroDivisionError
        super().offer(message)


def test_after_what_nobody_foresaw_the_hub_reads_on_and_has_everything_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("notify.hub.BLOCK_MILLISECONDS", 100)
    hub, client, good = Fragile(), Client(1, None), {b"message": orjson.dumps(GOOD)}

    async def listen() -> list[bytes]:
        hub.join(client)
        await asyncio.wait_for(hub.is_reading.wait(), 10)
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.xadd(STREAM, good)  # type: ignore[arg-type]
            first = await asyncio.wait_for(client.queue.get(), 20)
            redis.xadd(STREAM, good)  # type: ignore[arg-type]
            second = await asyncio.wait_for(client.queue.get(), 20)
        hub.leave(client)
        return [first, second]

    first, second = asyncio.run(listen())
    assert first == RESYNC
    assert b"good" in second
    assert [(fault.loop, fault.count) for fault in FAULTS.take()] == [("hub", 1)]
