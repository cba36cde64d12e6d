"""What those who wait may see, checked again for all of them at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.db import Error
from django.utils import timezone

from accounts.models import User
from accounts.standing import Credential, users_of
from core.holding import OneEachLoop, aside
from projects.models import Membership

# Together less than the 15 s within which a wait must end when the right to it ends.
LOOK_SECONDS, PATIENCE_SECONDS = 5.0, 9.5
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rights:
    """The names of the projects that somebody may know of; None means all projects."""

    projects: frozenset[str] | None

    def reach(self, project: str | None) -> bool:
        """Return whether something of a project, or of none, may be seen."""
        return self.projects is None or project is None or project in self.projects


# Called with somebody's present rights; None means none at all.
Heed = Callable[[Rights | None], None]


def rights_of_user(user: User) -> Rights:
    """Return what one user may know of."""
    return rights_of_users([user])[user.pk]


def rights_of_users(users: Collection[User]) -> dict[int, Rights]:
    """Return what each user may know of, in one query."""
    people = {user.pk for user in users if not user.is_superuser}
    names = defaultdict(set)
    rows = Membership.objects.filter(user__in=people)
    for user_id, name in rows.values_list("user_id", "project__name"):
        names[user_id].add(name)
    return {
        user.pk: Rights(None if user.is_superuser else frozenset(names[user.pk])) for user in users
    }


def rights_of(credentials: Collection[Credential]) -> dict[Credential, Rights]:
    """Return the present rights of each credential; one that is no longer good is left out."""
    users = users_of(credentials, now=timezone.now())
    rights = rights_of_users({user.pk: user for user in users.values()}.values())
    return {credential: rights[user.pk] for credential, user in users.items()}


class Watch:
    """Checks the rights of all who wait on one event loop, with one look for all."""

    def __init__(self) -> None:
        self.heeding: dict[Credential, set[Heed]] = defaultdict(set)
        self.looker: asyncio.Task[None] | None = None

    @contextmanager
    def over(self, credential: Credential, heed: Heed) -> Iterator[None]:
        """Tell somebody who waits what their rights are, every few seconds during a block."""
        self.heeding[credential].add(heed)
        if self.looker is None or self.looker.done():
            self.looker = asyncio.create_task(self.run())
        try:
            yield
        finally:
            self.heeding[credential].discard(heed)
            if not self.heeding[credential]:
                del self.heeding[credential]

    async def run(self) -> None:
        """Look every few seconds, as long as anybody waits."""
        while self.heeding:
            await asyncio.sleep(LOOK_SECONDS)
            asked = list(self.heeding)
            found = await self.look(asked)
            for credential in asked:
                for heed in list(self.heeding.get(credential, ())):
                    heed(found.get(credential))

    async def look(self, credentials: Collection[Credential]) -> dict[Credential, Rights]:
        """Return the rights that are found; if that takes too long, nobody has any."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self.look_until_answered(credentials)
        except TimeoutError:
            log.error("rights of who waits cannot be looked at", credentials=len(credentials))
            return {}

    async def look_until_answered(
        self, credentials: Collection[Credential]
    ) -> dict[Credential, Rights]:
        """Ask the database until it answers."""
        while True:
            try:
                return await aside(rights_of, credentials)
            except Error as error:
                log.warning("rights of who waits not looked at", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)


watch_of_this_loop = OneEachLoop(Watch)
