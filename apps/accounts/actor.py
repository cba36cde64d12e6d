"""The one who asked, carried from the edge to the audit row."""

from dataclasses import dataclass

from accounts.models import User
from core.api.request_id import current_request_id


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for timelines and audit rows, the account behind it, and the request it came with."""

    name: str
    user: User | None = None
    request_id: str = ""

    @classmethod
    def of(cls, user: User) -> "Actor":
        """Return an account as an actor."""
        return cls(user.actor_name, user, current_request_id())


SYSTEM = Actor("slipway")
