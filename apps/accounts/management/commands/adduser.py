"""`manage.py adduser NAME`: an account for a person; the password is read from stdin."""

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Add an account, or give it a new password, which is read from stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--platform-admin", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n")
        user, is_new = User.objects.get_or_create(username=options["username"])
        try:
            validate_password(password, user)
        except ValidationError as error:
            if is_new:
                user.delete()
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.is_superuser = options["platform_admin"]
        user.save()
        self.stdout.write(f"{'Added' if is_new else 'Updated'} {user.username}.")
