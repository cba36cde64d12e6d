"""Changes to accounts: one transaction each."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from accounts.signals import account_changed
from core.errors import Invalid
from core.messages import Message, quoted
from core.names import is_drawn, pretends, skeleton


@transaction.atomic
def add_account(*, username: str, password: str | None, is_platform_admin: bool, by: Actor) -> User:
    """Create an account for a person; without a password nobody can sign in to it.

    Raises:
        Invalid: the name is malformed, or would be taken for somebody else's.
    """
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise Invalid(quoted(" ".join(error.messages))) from error
    refuse_pretence(username, is_of_rank=is_platform_admin)
    user = User(username=username, is_superuser=is_platform_admin)
    user.set_password(password)
    user.save()
    after = {"platform_admin": is_platform_admin}
    account_changed.send(User, action="account.add", user=user, by=by, before=None, after=after)
    return user


@transaction.atomic
def change_password(*, user: User, password: str, by: Actor) -> None:
    """Give an account a new password; every session of the account ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    account_changed.send(User, action="password.update", user=user, by=by, before=None, after=None)


@transaction.atomic
def change_rank(*, user: User, is_platform_admin: bool, by: Actor) -> None:
    """Make somebody a platform admin, or take that away."""
    said: dict[str, Any] = {
        "before": {"platform_admin": user.is_superuser},
        "after": {"platform_admin": is_platform_admin},
    }
    user.is_superuser = is_platform_admin
    user.save(update_fields=["is_superuser"])
    account_changed.send(User, action="account.update", user=user, by=by, **said)


def refuse_pretence(name: str, *, is_of_rank: bool = False, pointer: str = "") -> None:
    """Refuse a name that reads as somebody else's: the system's, one of rank, or a person's.

    Raises:
        Invalid: names whom it would be taken for.
    """
    if not is_drawn(name):
        raise Invalid(Message("The name has invisible characters."), pointer=pointer)
    if pretends(name, is_of_rank=is_of_rank):
        raise Invalid(
            Message("The name %(name)s pretends to be more than it is. Use another.", name=name),
            pointer=pointer,
        )
    looks = skeleton(name)
    people = User.objects.filter(is_robot=False).values_list("username", flat=True)
    other = next((person for person in people.iterator() if skeleton(person) == looks), None)
    if other is not None:
        raise Invalid(
            Message(
                "The name %(name)s would be taken for the person %(other)s.", name=name, other=other
            ),
            pointer=pointer,
        )
