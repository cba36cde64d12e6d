"""API tokens: a visible prefix, a secret of which only a digest is kept, and a checksum.

`slp_<id>_<secret>_<checksum>`: scanners find leaked tokens by the prefix and can tell a real one
by its checksum without asking us.
"""

import hashlib
import hmac
import secrets
import string
import zlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InternalError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiToken, User
from core.outages import is_read_only
from core.prepared import prepared

ALPHABET = string.ascii_letters + string.digits
TOKEN_PREFIX = "slp"  # noqa: S105  (what all begin with)
ID_LENGTH, SECRET_LENGTH = 8, 36
# Writing the time of every request would make a hot row.
LAST_USED_PRECISION = timedelta(minutes=1)


def issue(
    user: User, *, name: str, expires_at: datetime | None, by: User | None
) -> tuple[ApiToken, str]:
    """Make a token for a user; return it with its secret, which cannot be read again."""
    prefix = f"{TOKEN_PREFIX}_{random_text(ID_LENGTH)}"
    body = f"{prefix}_{random_text(SECRET_LENGTH)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=token_digest(body),
        expires_at=expires_at,
        created_by=by,
    )
    return token, f"{body}_{checksum(body)}"


def find(text: str) -> ApiToken | None:
    """Return the usable token with this secret, or None."""
    token, now = known(text), timezone.now()
    if token is None or token.ended(now=now):
        return None
    note_use(token, now=now)
    return token


def known(text: str) -> ApiToken | None:
    """Return the token with this secret, usable or not; None if there is none."""
    body, _, given = text.rpartition("_")
    if not body.startswith(f"{TOKEN_PREFIX}_") or given != checksum(body):
        return None
    prefix = body.rpartition("_")[0]
    tokens = tokens_with(prefix)
    return next((t for t in tokens if hmac.compare_digest(t.digest, token_digest(body))), None)


@prepared
def tokens_with(prefix: str) -> QuerySet[ApiToken]:
    """Read the token with this visible prefix, with its user."""
    return ApiToken.objects.select_related("user").filter(prefix=prefix)


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Note when a token was last used, to the minute; a read-only database may skip the note."""
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_PRECISION:
        try:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        except InternalError as error:
            if not is_read_only(error):
                raise


def token_digest(body: str) -> bytes:
    """Return what is stored of a token: keyed, so that a stolen table is no use offline."""
    return hmac.digest(settings.SECRET_KEY.encode(), body.encode(), hashlib.sha256)


def checksum(body: str) -> str:
    """Return the checksum at the end of a token."""
    return f"{zlib.crc32(body.encode()):08x}"


def random_text(length: int) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
