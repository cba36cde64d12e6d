"""Signing in to accounts: platform admins create them, and guesses are rate-limited."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_rates, truncate_ip
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from core.api.origin import client_address
from core.api.problem import plain_problem
from core.messages import Message
from core.names import skeleton

NO_ADDRESS = "0.0.0.0"  # noqa: S104  (what asks through a socket file has no address)


class AccountAdapter(DefaultAccountAdapter):
    """allauth without sign-up; somebody who guesses locks themselves out, not the account."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or NO_ADDRESS

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Keyed by account alone, anybody could lock anybody out from anywhere.
        return f"{skeleton(credentials['username'])}@{truncate_ip(self.get_client_ip(request))}"

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        request.signing_in = credentials["username"]
        super().pre_authenticate(request, **credentials)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code == "too_many_login_attempts":
            context.request.is_locked_out = True
            raise ImmediateHttpResponse(locked_out())
        error: ValidationError = super().validation_error(code, *args)
        return error


def locked_out() -> HttpResponse:
    """Refuse further attempts, and say for how long at most."""
    rates = get_rates(app="allauth.account", action="login_failed")
    seconds = int(max(rate.duration for rate in rates))
    sentence = Message(
        "Too many attempts to sign in from here. Try again in %(seconds)s s.", seconds=seconds
    )
    response = plain_problem(429, sentence)
    response["Retry-After"] = str(seconds)
    return response
