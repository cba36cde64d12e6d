"""The one who asked, carried from the edge to the audit row."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User
from core.api.request_id import current_request_id


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for timelines and audit rows, the account behind it, and the request it came with."""

    name: str
    user: User | None = None
    request_id: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        """Return the caller of an authenticated request."""
        user = request.user
        assert isinstance(user, User)  # noqa: S101  (views require authentication)
        return cls.named(user)

    @classmethod
    def named(cls, user: User) -> "Actor":
        """Return an account as an actor."""
        return cls(user.actor_name, user, current_request_id())


SYSTEM = Actor("slipway")
