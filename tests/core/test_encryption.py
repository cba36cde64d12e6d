"""Secrets at rest open with their key, in their place, and nowhere else."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from core import encryption

PLACE = "accounts.IdempotentRequest.body/1"
OTHER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    assert encryption.decrypt(encryption.encrypt(plain, place=PLACE), place=PLACE) == plain


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    assert encryption.encrypt(b"secret", place=PLACE) != encryption.encrypt(b"secret", place=PLACE)


def test_a_copy_in_another_row_does_not_open() -> None:
    sealed = encryption.encrypt(b"secret", place=PLACE)
    with pytest.raises(encryption.Undecryptable):
        encryption.decrypt(sealed, place=PLACE.replace("1", "2"))


def test_another_key_does_not_open() -> None:
    sealed = encryption.encrypt(b"secret", place=PLACE)
    with override_settings(ENCRYPTION_KEY=OTHER_KEY), pytest.raises(encryption.Undecryptable):
        encryption.decrypt(sealed, place=PLACE)


def test_a_key_of_before_opens_what_it_sealed_and_seals_nothing_more() -> None:
    sealed = encryption.encrypt(b"secret", place=PLACE)
    with override_settings(ENCRYPTION_KEY=OTHER_KEY, OLD_ENCRYPTION_KEYS=[settings.ENCRYPTION_KEY]):
        assert encryption.decrypt(sealed, place=PLACE) == b"secret"
        assert not encryption.is_of_present_key(sealed)
        anew = encryption.encrypt(b"secret", place=PLACE)
        assert encryption.is_of_present_key(anew)
    with override_settings(ENCRYPTION_KEY=OTHER_KEY):
        assert encryption.decrypt(anew, place=PLACE) == b"secret"
    with override_settings(OLD_ENCRYPTION_KEYS=[OTHER_KEY]):
        assert encryption.decrypt(anew, place=PLACE) == b"secret", (
            "known before it is the present one"
        )


def test_what_was_sealed_before_keys_had_names_opens_with_any_of_them() -> None:
    nonce, cipher = b"0" * 12, AESGCM(base64.urlsafe_b64decode(settings.ENCRYPTION_KEY))
    sealed = b"\x01" + nonce + cipher.encrypt(nonce, b"secret", PLACE.encode())
    assert encryption.decrypt(sealed, place=PLACE) == b"secret"
    with override_settings(ENCRYPTION_KEY=OTHER_KEY, OLD_ENCRYPTION_KEYS=[settings.ENCRYPTION_KEY]):
        assert encryption.decrypt(sealed, place=PLACE) == b"secret"
        assert not encryption.is_of_present_key(sealed)


@pytest.mark.parametrize(
    "sealed", [b"", b"\x01", b"\x01" + b"0" * 40, b"\x02", b"\x02" + b"0" * 40]
)
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(encryption.Undecryptable):
        encryption.decrypt(sealed, place=PLACE)
