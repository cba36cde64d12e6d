"""What is sent to sign in is read by allauth, and before that as strictly as all else."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.api.documents import read_document
from core.api.problem import plain_problem
from core.errors import Invalid

SIGN_IN = "/_allauth/"


class SignInMiddleware:
    """Answer 400 to what our own parser would not read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(SIGN_IN) and request.body:
            try:
                read_document(request.body)
            except Invalid as refusal:
                return plain_problem(400, refusal.message)
        return self.get_response(request)
