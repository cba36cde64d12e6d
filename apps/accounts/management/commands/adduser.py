"""`manage.py adduser NAME`: an account for a person; the password is read from stdin."""

import sys
from argparse import BooleanOptionalAction
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.actor import SYSTEM
from accounts.models import User
from core.errors import Invalid


class Command(BaseCommand):
    help = (
        "Add an account, or change one: its password, where stdin has one, and whether it is a "
        "platform admin, where that is said. What is not asked for stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--platform-admin", action=BooleanOptionalAction)

    def handle(self, *args: Any, **options: Any) -> None:
        name, is_admin = options["username"], options["platform_admin"]
        password = sys.stdin.readline().rstrip("\n")
        user = User.objects.filter(username=name).first()
        try:
            if password or user is None:
                validate_password(password, user or User(username=name))
            done = changed(user, password, is_admin) if user else [added(name, password, is_admin)]
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except Invalid as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("\n".join(done) or f"{name} exists, and nothing was asked for.")


def added(name: str, password: str, is_admin: bool | None) -> str:
    """Add an account; return a line that says so."""
    actions.add_account(
        username=name, password=password, is_platform_admin=bool(is_admin), by=SYSTEM
    )
    return f"Added {name}{', a platform admin' if is_admin else ''}."


def changed(user: User, password: str, is_admin: bool | None) -> list[str]:
    """Change what was asked for of an account; return a line for each change."""
    if user.is_robot:
        raise CommandError(f"{user.username} belongs to a token.")
    done = []
    if password:
        actions.change_password(user=user, password=password, by=SYSTEM)
        done.append(f"{user.username} has a new password.")
    if is_admin is not None and is_admin != user.is_superuser:
        actions.change_rank(user=user, is_platform_admin=is_admin, by=SYSTEM)
        done.append(f"{user.username} is {'now' if is_admin else 'no longer'} a platform admin.")
    return done
