"""Encryption at rest: AES-GCM, bound to the place that a text belongs to."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

# The first byte says which key and format follow, so that keys can be rotated.
FORMAT = b"\x01"
NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed text was made with another key or for another place."""


def seal(plain: bytes, *, place: str) -> bytes:
    """Encrypt a text for one place, such as a table, column and row."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + cipher().encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes, *, place: str) -> bytes:
    """Decrypt a text; one that was copied from another place does not open.

    Raises:
        Unreadable: another key, another place, or damaged.
    """
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return cipher().decrypt(nonce, body, place.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable(place) from error


def cipher() -> AESGCM:
    """Return the cipher of the configured key."""
    return AESGCM(base64.urlsafe_b64decode(settings.ENCRYPTION_KEY))
