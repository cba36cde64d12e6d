"""Encryption at rest: AES-GCM, bound to the place that a text belongs to.

A sealed text names its key, so that keys can be rotated gradually: format, key, nonce, body.
"""

import base64
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

# A text sealed before keys had names begins otherwise, and any of the keys may open it.
FORMAT = b"\x02"
NAME_BYTES, NONCE_BYTES = 4, 12


class Undecryptable(Exception):
    """A sealed text was made with another key or for another place."""


def encrypt(plain: bytes, *, place: str) -> bytes:
    """Encrypt a text with the present key for one place, such as a table, column and row."""
    name, cipher = next(iter(ciphers().items()))
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + name + nonce + cipher.encrypt(nonce, plain, place.encode())


def decrypt(sealed: bytes, *, place: str) -> bytes:
    """Decrypt a text; one that was copied from another place does not decrypt.

    Raises:
        Undecryptable: another key, another place, or damaged.
    """
    known, body = ciphers(), sealed[len(FORMAT) :]
    if sealed.startswith(FORMAT):
        named = known.get(body[:NAME_BYTES])
        fitting, body = [named] if named else [], body[NAME_BYTES:]
    else:
        fitting = list(known.values())
    for cipher in fitting:
        try:
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            continue
    raise Undecryptable(place)


def is_of_present_key(sealed: bytes) -> bool:
    """Return whether a text can still be decrypted when the old keys are gone."""
    return sealed.startswith(FORMAT + next(iter(ciphers())))


def ciphers() -> dict[bytes, AESGCM]:
    """Return the configured keys by name, the present one first."""
    keys = map(base64.urlsafe_b64decode, [settings.ENCRYPTION_KEY, *settings.OLD_ENCRYPTION_KEYS])
    return {sha256(key).digest()[:NAME_BYTES]: AESGCM(key) for key in keys}
