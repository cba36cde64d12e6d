"""How many requests may wait at once, of one user and in one process."""

from collections import Counter
from dataclasses import dataclass, field
from threading import RLock
from types import TracebackType
from typing import NoReturn

from core.errors import TooMany
from core.messages import Message

RETRY_AFTER_SECONDS = 15


@dataclass(eq=False)
class Places:
    """The places of one kind of waiting in this process."""

    kind: str
    most_per_user: int
    most: int
    refused: int = 0
    taken: Counter[int] = field(default_factory=Counter)
    # Reentrant: a place may be garbage-collected by the very thread that takes another.
    lock: RLock = field(default_factory=RLock)

    def take(self, user_id: int) -> "Place":
        """Take a place for a user.

        Raises:
            TooMany: the user has as many as allowed, or this process has.
        """
        with self.lock:
            if self.taken[user_id] >= self.most_per_user:
                self.refuse(
                    Message(
                        "You already have %(most)s of these open, which is the limit. Close one.",
                        most=self.most_per_user,
                    )
                )
            if self.count >= self.most:
                self.refuse(Message("Too many requests are waiting. Try again in a moment."))
            self.taken[user_id] += 1
        return Place(self, user_id)

    def refuse(self, message: Message) -> NoReturn:
        """Count a refusal and raise it."""
        self.refused += 1
        raise TooMany(message, retry_after_seconds=RETRY_AFTER_SECONDS)

    @property
    def count(self) -> int:
        """How many places are taken."""
        return self.taken.total()

    def give_back(self, user_id: int) -> None:
        """Free one of a user's places."""
        with self.lock:
            self.taken[user_id] -= 1
            if not self.taken[user_id]:
                del self.taken[user_id]


class Place:
    """A place that is taken until its block ends, or until it is garbage-collected before."""

    def __init__(self, places: Places, user_id: int) -> None:
        self.places: Places | None = places
        self.user_id = user_id

    def leave(self) -> None:
        """Give the place back, once."""
        places, self.places = self.places, None
        if places is not None:
            places.give_back(self.user_id)

    def __enter__(self) -> "Place":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()

    def __del__(self) -> None:
        self.leave()


# A browser has one stream for all its tabs. A held answer costs least, a log most: it may be of
# twenty pods, each with a connection.
STREAMS = Places("stream", most_per_user=20, most=5_000)
LOGS = Places("log", most_per_user=10, most=50)
HELD_REQUESTS = Places("wait", most_per_user=200, most=2_000)
EXPORTS = Places("export", most_per_user=3, most=20)
ALL_PLACES = (STREAMS, LOGS, HELD_REQUESTS, EXPORTS)
