"""`Idempotency-Key`: a POST that is repeated gets its first answer again."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotentRequest
from core.api.renderers import JSONRenderer
from core.encryption import decrypt, encrypt
from core.errors import IdempotencyKeyReused, Invalid
from core.messages import Message

KEY_LIFETIME = timedelta(hours=24)
LONGEST_KEY = 255
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class Replay(Exception):
    """The request was answered before; carries that answer."""

    def __init__(self, answer: IdempotentRequest) -> None:
        super().__init__()
        self.answer = answer


class AnsweredOnce(Response):
    """An answer with a secret; a repeat gets `kept`, which leaves the secret out."""

    def __init__(self, data: Any, *, kept: Any, **options: Any) -> None:
        super().__init__(data, **options)
        self.kept = kept


def has_key(request: HttpRequest) -> bool:
    """Return whether a request carries a key, and so is carried out only once."""
    return request.method == "POST" and "Idempotency-Key" in request.headers


def begin(request: Request) -> IdempotentRequest | None:
    """Claim the request's key for its caller, if it has one; the caller is already authorised.

    Raises:
        Replay: the same request was answered before.
        IdempotencyKeyReused: the key belongs to a request with other content.
    """
    if not has_key(request._request):
        return None
    key = request.headers["Idempotency-Key"]
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(
            Message("Idempotency-Key is 1 to %(most)s printable characters.", most=LONGEST_KEY)
        )
    fingerprint = fingerprint_of(request)
    return claim_key(request.user, key, fingerprint) or replay(request.user, key, fingerprint)


def claim_key(user: Any, key: str, fingerprint: bytes) -> IdempotentRequest | None:
    """Insert the key; return None if it is known. Waits for one that is just being inserted."""
    too_old = timezone.now() - KEY_LIFETIME
    # A row without an answer dates from before keys and answers were committed together.
    over = Q(created_at__lte=too_old) | Q(status=None)
    IdempotentRequest.objects.filter(over, user=user, key=key).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(user=user, key=key, fingerprint=fingerprint)
    except IntegrityError:
        return None


def replay(user: Any, key: str, fingerprint: bytes) -> IdempotentRequest:
    """Answer as the first request was answered."""
    known = IdempotentRequest.objects.get(user=user, key=key)
    if bytes(known.fingerprint) != fingerprint:
        raise IdempotencyKeyReused(
            Message("This Idempotency-Key was used for a request with other content.")
        )
    raise Replay(known)


def finish(claimed: IdempotentRequest, response: HttpResponseBase) -> None:
    """Keep the answer."""
    claimed.status = response.status_code
    claimed.headers = {n: response[n] for n in KEPT_HEADERS if n in response}
    body = response.content if isinstance(response, HttpResponse) else b""
    if isinstance(response, AnsweredOnce):
        body = JSONRenderer().render(response.kept)
    # The answer says what a project runs; a stolen table must not give that away.
    claimed.body = encrypt(body, place=place_of(claimed))
    claimed.save(update_fields=["status", "headers", "body"])


def replayed(answer: IdempotentRequest) -> HttpResponse:
    """Return a kept answer, byte for byte."""
    headers: Mapping[str, str] = {**answer.headers, "Idempotent-Replayed": "true"}
    body = decrypt(bytes(answer.body or b""), place=place_of(answer))
    return HttpResponse(body, status=answer.status or 200, headers=headers)


def place_of(answer: IdempotentRequest) -> str:
    """Name the table, column and row of a kept answer."""
    return f"accounts.IdempotentRequest.body/{answer.pk}"


def fingerprint_of(request: Request) -> bytes:
    """Return the digest of what was asked: method, path and body."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request._request.body)
    return digest.digest()
