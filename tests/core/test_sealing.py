"""Secrets at rest open with their key, in their place, and nowhere else."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from core import sealing

PLACE = "accounts.IdempotentRequest.body/1"
OTHER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    assert sealing.unseal(sealing.seal(plain, place=PLACE), place=PLACE) == plain


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    assert sealing.seal(b"secret", place=PLACE) != sealing.seal(b"secret", place=PLACE)


def test_a_copy_in_another_row_does_not_open() -> None:
    sealed = sealing.seal(b"secret", place=PLACE)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, place=PLACE.replace("1", "2"))


def test_another_key_does_not_open() -> None:
    sealed = sealing.seal(b"secret", place=PLACE)
    with override_settings(ENCRYPTION_KEY=OTHER_KEY), pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, place=PLACE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"0" * 40])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, place=PLACE)
