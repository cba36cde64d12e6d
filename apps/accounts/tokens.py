"""API tokens: a visible prefix, a secret that is kept as a digest only, and a checksum.

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
from django.utils import timezone

from accounts.models import ApiToken, User
from core.outages import is_read_only

ALPHABET = string.ascii_letters + string.digits
PREFIX = "slp"
ID_LENGTH, SECRET_LENGTH = 8, 36
# Writing the time of every request would be a hot row.
LAST_USED_PRECISION = timedelta(minutes=1)


def issue(
    user: User, *, name: str, expires_at: datetime | None, by: User | None
) -> tuple[ApiToken, str]:
    """Make a token for a user; return it with its secret, which cannot be read again."""
    prefix = f"{PREFIX}_{random_text(ID_LENGTH)}"
    body = f"{prefix}_{random_text(SECRET_LENGTH)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest_of(body),
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
    """Return the token with this secret, also one that is out of use; None where there is none."""
    body, _, given = text.rpartition("_")
    if not body.startswith(f"{PREFIX}_") or given != checksum(body):
        return None
    prefix = body.rpartition("_")[0]
    token = ApiToken.objects.select_related("user").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(bytes(token.digest), digest_of(body)):
        return None
    return token


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember when a token was last used, to the minute; what can be read needs no such note."""
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_PRECISION:
        try:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        except InternalError as error:
            if not is_read_only(error):
                raise


def digest_of(body: str) -> bytes:
    """Return what is stored of a token: keyed, so that a stolen table cannot be tried offline."""
    return hmac.digest(settings.SECRET_KEY.encode(), body.encode(), hashlib.sha256)


def checksum(body: str) -> str:
    """Return the checksum that ends a token."""
    return f"{zlib.crc32(body.encode()):08x}"


def random_text(length: int) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
