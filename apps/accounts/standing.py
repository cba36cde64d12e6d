"""Whether a caller's credential is still good: checked again while they wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from accounts.models import ApiToken, User


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, or a browser's session."""

    token_id: UUID | None = None
    session_key: str = ""


def credential_of(request: Request) -> Credential:
    """Return the credential of an authenticated caller."""
    if isinstance(request.auth, ApiToken):
        return Credential(token_id=request.auth.pk)
    return Credential(session_key=request.session.session_key or "")


def users_of(credentials: Collection[Credential], *, now: datetime) -> dict[Credential, User]:
    """Return the users behind those credentials that are still good, in at most three queries."""
    tokens = {c.token_id: c for c in credentials if c.token_id}
    rows = ApiToken.objects.filter(pk__in=tokens).select_related("user") if tokens else ()
    found = {tokens[token.pk]: token.user for token in rows if not token.ended(now=now)}
    sessions = {c.session_key: c for c in credentials if c.session_key}
    alive = users_of_sessions(sessions, now=now) if sessions else {}
    return found | {sessions[key]: user for key, user in alive.items()}


def users_of_sessions(keys: Collection[str], *, now: datetime) -> dict[str, User]:
    """Return who is signed in with each session; as everywhere, a new password ends a session."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    said = {row.session_key: row.get_decoded() for row in rows}
    ids = {data[SESSION_KEY] for data in said.values() if SESSION_KEY in data}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    return {
        key: users[data[SESSION_KEY]]
        for key, data in said.items()
        if data.get(SESSION_KEY) in users and is_of(data, users[data[SESSION_KEY]])
    }


def is_of(data: Mapping[str, str], user: User) -> bool:
    """Return whether a session was opened with the password that its user has now."""
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
