"""The base of every view: authentication, idempotency, strict parameters."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import idempotency
from accounts.actor import Actor
from accounts.models import ApiToken, IdempotentRequest, User
from accounts.permissions import require_platform_admin
from accounts.standing import credential_of
from accounts.waits import Hold, Subject
from core.api.filters import refuse_nul, refuse_unknown_parameters
from core.api.pages import break_circles
from core.api.parsers import PayloadTooLarge
from core.holding import AskFirst, begun_anew
from core.places import HELD_REQUESTS


class ApiViewSet(GenericViewSet):
    """A view set that refuses parameters it does not declare and repeats POSTs safely.

    `query_parameters` names what single-object routes accept; lists declare filters instead.
    """

    query_parameters: frozenset[str] = frozenset()
    claimed: IdempotentRequest | None = None

    @property
    def user(self) -> User:
        """The account of the caller."""
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101  (the view requires authentication)
        return user

    @property
    def actor(self) -> Actor:
        """The caller, for actions."""
        auth = self.request.auth
        return Actor.of(self.user, auth if isinstance(auth, ApiToken) else None)

    def held(self, response: Response, subject: Subject, wait: timedelta) -> Response:
        """Have an answer held until its subject is over or time is up; then it is made afresh.

        Raises:
            TooMany: as many answers are held already as may be.
        """
        place = HELD_REQUESTS.take(self.user.pk)
        credential = credential_of(self.request)
        response.hold = Hold(subject, wait.total_seconds(), credential, place)  # type: ignore[attr-defined]
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # The body can be fingerprinted only while nothing has read its stream.
        try:
            request._request.body  # noqa: B018
        except RequestDataTooBig as error:
            raise PayloadTooLarge from error
        super().initial(request, *args, **kwargs)
        refuse_nul(request, kwargs)
        if self.action != "list":
            refuse_unknown_parameters(request, set(self.query_parameters))

    def require_platform_admin(self) -> None:
        """Refuse everybody else, including former platform admins who repeat an old request."""
        require_platform_admin(self.user)
        self.authorised()

    def authorised(self) -> None:
        """Claim the request's key, or repeat its answer; call it once the caller is authorised."""
        self.claimed = self.claimed or idempotency.begin(self.request)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        # What one caller may see must not be kept for another.
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AskFirst):
            raise exc
        if isinstance(exc, idempotency.Replay):
            return idempotency.replayed(exc.answer)  # type: ignore[return-value]
        return super().handle_exception(exc)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not idempotency.has_key(request):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.add_post_render_callback(break_circles)
            return response
        # The key, the change and its answer are committed together: all or, after a
        # crash, nothing. An error of ours leaves nothing behind, so that a repeat tries again.
        try:
            return begun_anew(partial(self.answer_once, request, *args, **kwargs))
        except IntegrityError as error:
            # Foreign keys are checked last of all: an object named here may be gone by then.
            refusal = self.handle_exception(error)
            return self.finalize_response(self.request, refusal, *args, **kwargs)

    def answer_once(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in a transaction, and keep the answer under the request's key."""
        self.claimed = None
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        elif self.claimed:
            if isinstance(response, Response):
                response.render()
            idempotency.finish(self.claimed, response)
        return response
