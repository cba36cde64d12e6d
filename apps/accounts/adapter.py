"""How accounts come to be: a platform admin makes them, nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth, without sign-up."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
