"""The held answers of a process, which wait on its event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import structlog
from django.db import Error

from accounts.waits import Hold
from core.holding import OneEachLoop, aside
from live.changes import Event
from live.hub import Client, hub_of_this_loop
from projects.rights import Rights, watch_of_this_loop

# An announcement may be lost, or Redis be away, so everything is looked at this often.
FLOOR_SECONDS = 1.0
ANSWERED_AT_ONCE = 8
log = structlog.get_logger(__name__)


class Waits:
    """Looks for the end of everything that is waited for, with one look for all who wait."""

    def __init__(self) -> None:
        self.held: dict[Hold, asyncio.Event] = {}
        self.looker: asyncio.Task[None] | None = None
        # Many may wait for the same thing; when it is over, they are answered a few at a time.
        self.turns = asyncio.Semaphore(ANSWERED_AT_ONCE)

    async def until_over(self, hold: Hold) -> None:
        """Wait until a subject is over, time is up, or the caller may no longer know of it."""
        is_over = self.held[hold] = asyncio.Event()
        if self.looker is None or self.looker.done():
            self.looker = asyncio.create_task(self.run())

        def heed(rights: Rights | None) -> None:
            if rights is None or not rights.reach(hold.subject.project):
                is_over.set()

        try:
            with (
                hold.place,
                watch_of_this_loop().over(hold.credential, heed),
                suppress(TimeoutError),
            ):
                await asyncio.wait_for(is_over.wait(), hold.seconds)
        finally:
            del self.held[hold]

    async def run(self) -> None:
        """Look at what was announced right away, and at everything every second."""
        hub, listener = hub_of_this_loop(), Client(Rights(None))
        now, looked_at = asyncio.get_running_loop().time, 0.0
        hub.join(listener)
        try:
            while self.held:
                events: list[Event] = []
                with suppress(TimeoutError):
                    events = await asyncio.wait_for(hub.next_for(listener), FLOOR_SECONDS)
                if now() - looked_at >= FLOOR_SECONDS:
                    looked_at = now()
                    await self.look(list(self.held))
                else:
                    await self.look(self.named_in(events))
        finally:
            hub.leave(listener)

    def named_in(self, events: Iterable[Event]) -> list[Hold]:
        """Return the holds that events are about."""
        changed = {(event.kind, event.object_id) for event in events}
        return [h for h in self.held if (h.subject.kind, str(h.subject.id)) in changed]

    async def look(self, holds: Iterable[Hold]) -> None:
        """Ask the database which subjects are over, and release their answers."""
        asked = defaultdict(list)
        for hold in holds:
            asked[hold.subject.which_are_over].append(hold)
        for which_are_over, of_a_kind in asked.items():
            try:
                over = await aside(which_are_over, {hold.subject.id for hold in of_a_kind})
            except Error as error:
                log.warning("held answers not looked at", error=str(error))
                continue
            for hold in of_a_kind:
                if hold.subject.id in over and hold in self.held:
                    self.held[hold].set()


waits_of_this_loop = OneEachLoop(Waits)
