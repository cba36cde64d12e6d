"""`Idempotency-Key`: a POST that is repeated gets its first answer again."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import IdempotentRequest
from core.api.problem import refusal_from_constraint
from core.errors import IdempotencyKeyReused, Invalid
from core.sealing import seal, unseal
from core.words import told

KEPT = timedelta(hours=24)
# No web process works on one request for so long: whoever claimed the key has died.
LONGEST_REQUEST = timedelta(minutes=2)
LONGEST_KEY = 255
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class Replay(Exception):
    """The request was answered before; carries that answer."""

    def __init__(self, answer: IdempotentRequest) -> None:
        super().__init__()
        self.answer = answer


def begin(request: Request) -> IdempotentRequest | None:
    """Claim the request's key for its caller, if it has one.

    Raises:
        Replay: the same request was answered before.
        IdempotencyKeyReused: the key belongs to a request with other content.
        Conflict: the first request is still running.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(
            told("Idempotency-Key is 1 to %(most)s printable characters.", most=LONGEST_KEY)
        )
    fingerprint = fingerprint_of(request)
    known = IdempotentRequest.objects.filter(
        user=request.user, key=key, created_at__gt=timezone.now() - KEPT
    ).first()
    if known is None:
        return claim(request.user, key, fingerprint)
    if bytes(known.fingerprint) != fingerprint:
        raise IdempotencyKeyReused(
            told("This Idempotency-Key was used for a request with other content.")
        )
    if known.status is None:
        return claim(request.user, key, fingerprint)
    raise Replay(known)


def claim(user: Any, key: str, fingerprint: bytes) -> IdempotentRequest:
    """Insert the key; a second request with it loses the race in the database."""
    now = timezone.now()
    is_over = Q(created_at__lte=now - KEPT)
    is_abandoned = Q(status=None, created_at__lte=now - LONGEST_REQUEST)
    IdempotentRequest.objects.filter(is_over | is_abandoned, user=user, key=key).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(user=user, key=key, fingerprint=fingerprint)
    except IntegrityError as error:
        raise refusal_from_constraint(error) from error


def finish(claimed: IdempotentRequest, response: HttpResponseBase) -> None:
    """Keep the answer; a failure of ours is not kept, so that a repeat tries again."""
    if response.status_code >= 500:
        claimed.delete()
        return
    claimed.status = response.status_code
    claimed.headers = {n: response[n] for n in KEPT_HEADERS if n in response}
    # An answer may hold a secret that is shown once, so it is kept as secrets are.
    body = response.content if isinstance(response, HttpResponse) else b""
    claimed.body = seal(body, place=place_of(claimed))
    claimed.save(update_fields=["status", "headers", "body"])


def replayed(answer: IdempotentRequest) -> HttpResponse:
    """Return a kept answer, byte for byte."""
    headers: Mapping[str, str] = {**answer.headers, "Idempotent-Replayed": "true"}
    body = unseal(bytes(answer.body or b""), place=place_of(answer))
    return HttpResponse(body, status=answer.status or 200, headers=headers)


def place_of(answer: IdempotentRequest) -> str:
    """Name the table, column and row of a kept answer."""
    return f"accounts.IdempotentRequest.body/{answer.pk}"


def fingerprint_of(request: Request) -> bytes:
    """Return the digest of what was asked: method, path and body."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request._request.body)
    return digest.digest()
