"""Requests to sign in are read by allauth, but first as strictly as all others."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.api.documents import read_document
from core.api.problem import plain_problem
from core.api.routes import PASSWORD_CHANGE, ROUTES, SIGN_IN
from core.errors import Invalid
from core.messages import Message

ASKED = {
    f"{ROUTES}/config",
    f"{ROUTES}/auth/session",
    f"{ROUTES}/auth/login",
    f"{ROUTES}/auth/reauthenticate",
    PASSWORD_CHANGE,
}


class SignInMiddleware:
    """Answer 400 to what our own parser would refuse, and 404 to routes that nobody needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(SIGN_IN):
            return self.get_response(request)
        if request.path not in ASKED:
            return plain_problem(404, Message("There is nothing at %(path)s.", path=request.path))
        if request.body:
            try:
                read_document(request.body)
            except Invalid as refusal:
                return plain_problem(400, refusal.message)
        return self.get_response(request)
