"""API tokens: a visible prefix, a checksum, a digest at rest, an end."""

import re
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import tokens
from accounts.models import ApiToken, User
from tests.factories import make_user

SHAPE = re.compile(r"slp_[A-Za-z0-9]{8}_[A-Za-z0-9]{36}_[0-9a-f]{8}")


@pytest.fixture
def user(db: None) -> User:
    return make_user()


def issue(user: User, *, lives: timedelta | None = None) -> tuple[ApiToken, str]:
    expires_at = timezone.now() + lives if lives is not None else None
    return tokens.issue(user, name="ci", expires_at=expires_at, by=None)


def test_an_issued_token_is_found_again(user: User) -> None:
    token, secret = issue(user)
    assert SHAPE.fullmatch(secret)
    assert secret.startswith(f"{token.prefix}_")
    assert tokens.find(secret) == token


def test_the_database_holds_a_keyed_digest_and_not_the_secret(user: User) -> None:
    token, secret = issue(user)
    token.refresh_from_db()
    kept = [str(value) for value in vars(token).values()] + [bytes(token.digest).hex()]
    assert not any(secret.rsplit("_", 2)[1] in text for text in kept)
    with override_settings(SECRET_KEY="another key, as a thief of the table would have to guess"):
        assert tokens.find(secret) is None


@given(st.text(max_size=80))
def test_no_other_text_is_a_token(text: str) -> None:
    """Malformed tokens end at the checksum, without a look into the database."""
    assert tokens.find(text) is None


@pytest.mark.parametrize("part", [1, 2, 3], ids=["id", "secret", "checksum"])
def test_a_changed_token_is_not_found(user: User, part: int) -> None:
    _, secret = issue(user)
    parts = secret.split("_")
    parts[part] = parts[part][::-1].swapcase() + "0"
    body = "_".join(parts[:3])
    assert tokens.find("_".join(parts)) is None
    assert part == 3 or tokens.find(f"{body}_{tokens.checksum(body)}") is None


@pytest.mark.parametrize("lives", [timedelta(0), timedelta(seconds=-1)])
def test_an_expired_token_is_not_found(user: User, lives: timedelta) -> None:
    assert tokens.find(issue(user, lives=lives)[1]) is None


def test_a_revoked_token_is_not_found(user: User) -> None:
    token, secret = issue(user)
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    assert tokens.find(secret) is None


def test_a_token_of_somebody_who_may_not_sign_in_is_not_found(user: User) -> None:
    _, secret = issue(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert tokens.find(secret) is None


@pytest.mark.parametrize(
    ("since", "is_written"), [(timedelta(seconds=59), False), (timedelta(seconds=61), True)]
)
def test_the_last_use_is_written_once_a_minute(
    user: User, since: timedelta, is_written: bool
) -> None:
    token, _ = issue(user)
    now = timezone.now()
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=now - since)
    token.refresh_from_db()
    tokens.note_use(token, now=now)
    token.refresh_from_db()
    assert (token.last_used_at == now) is is_written


def test_the_first_use_is_written(user: User) -> None:
    token, secret = issue(user)
    tokens.find(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None
