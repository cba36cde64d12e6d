"""The caller, carried from the edge to the audit row."""

from dataclasses import dataclass, field

from accounts.models import ActorKind, ApiToken, User
from core.api import origin
from core.api.origin import NOWHERE, Origin
from core.api.request_id import current_request_id


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for timelines and audit rows, what bears the name, and the request it came with."""

    name: str
    user: User | None = None
    kind: ActorKind = ActorKind.SYSTEM
    token: ApiToken | None = None
    request_id: str = ""
    origin: Origin = field(default=NOWHERE)

    @classmethod
    def of(cls, user: User, token: ApiToken | None = None) -> "Actor":
        """Return an account as an actor, with the token it came with."""
        kind = ActorKind.TOKEN if token else ActorKind.USER
        if user.is_robot:
            kind = ActorKind.ROBOT
        return cls(user.actor_name, user, kind, token, current_request_id(), origin.current.get())

    @classmethod
    def unknown(cls) -> "Actor":
        """Return a caller that has not said who it is, or could not prove it."""
        kind, here = ActorKind.ANONYMOUS, origin.current.get()
        return cls("", kind=kind, request_id=current_request_id(), origin=here)

    def signed(self, column: str) -> dict[str, str]:
        """Return the columns that say who acted: the name, its kind, and the token."""
        token = self.token.name if self.token else ""
        return {column: self.name, f"{column}_kind": self.kind, f"{column}_token": token}


SYSTEM = Actor("slipway")
