"""Records sign-ins, failed ones, refusals of access, and changes to accounts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from allauth.account.signals import password_changed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import Error
from django.db.models import Count, Q
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.signals import account_changed
from audit.models import AuditEvent
from audit.record import append, record
from core.api.routes import PASSWORD_CHANGE
from core.reasons import Reason

# A flood of refusals must swamp neither the table nor its readers; the log has all of them.
COUNTED_OVER = timedelta(hours=1)
MOST_FROM_AN_ADDRESS, MOST_IN_ALL = 30, 1000
LOCKED_OUT_SECONDS = 60
log = structlog.get_logger(__name__)


@receiver(account_changed)
def on_account_changed(
    *, action: str, user: User, by: Actor, before: Any, after: Any, **_: Any
) -> None:
    record(action, user, by=by, before=before, after=after)


@receiver(password_changed)
def on_password_changed(*, user: User, **_: Any) -> None:
    record("password.update", user, by=Actor.of(user))


@receiver(user_logged_in)
def on_signed_in(*, user: User, **_: Any) -> None:
    record("session.start", user, by=Actor.of(user))


@receiver(user_logged_out)
def on_signed_out(*, user: User | None, **_: Any) -> None:
    if user is not None:
        record("session.end", user, by=Actor.of(user))


@receiver(user_login_failed)
def on_sign_in_failed(*, credentials: dict[str, Any], **_: Any) -> None:
    record_attempt("session.refuse", str(credentials.get("username", "")))


class RefusalMiddleware:
    """Record refusals: for lack of rights, for an ended token, or after too many attempts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        try:
            record_refusal(request, response)
        except Error as error:
            # The refusal stands all the same.
            log.error("refusal not written down", error=str(error), path=request.path)
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(LOCKED_OUT_SECONDS))
        return response


def record_refusal(request: Any, response: Any) -> None:
    """Record an answer that refuses access."""
    ended: ApiToken | None = getattr(request, "ended_token", None)
    if ended is not None and response.status_code == 401:
        because = {"because": ended.ended(now=timezone.now())}
        by = Actor.of(ended.user, ended)
        if may_write("token.refuse", by):
            record("token.refuse", ended, by=by, after=because)
    elif getattr(request, "is_locked_out", False):
        record_attempt("session.lock", request.signing_in)
    elif response.status_code == 403 and is_for_want_of_rights(response):
        record_forbidden(request)
    elif is_of_a_wrong_password(request, response):
        by = Actor.of(request.user)
        if may_write("password.refuse", by):
            record("password.refuse", request.user, by=by)


def record_attempt(action: str, username: str) -> None:
    """Record that somebody was not let in.

    A name that no account has is left out: it may be a password typed into the wrong field.
    """
    by = Actor.unknown()
    if may_write(action, by):
        known = User.objects.filter(username=username, is_robot=False).first()
        record(action, known or User(), by=by, after=None if known else {"because": "no account"})


def record_forbidden(request: Any) -> None:
    """Record a request that its caller has no right to."""
    token = getattr(request, "auth", None)
    is_known = isinstance(request.user, User)
    by = Actor.of(request.user, token) if is_known else Actor.unknown()
    if may_write("request.refuse", by):
        what = f"{request.method} {request.path}"
        append(
            "request.refuse", "request", "", what, by=by, project=getattr(request, "project", None)
        )


def is_for_want_of_rights(response: Any) -> bool:
    """Return whether access was refused for lack of rights, and not for lack of quota."""
    body = getattr(response, "data", None) or {}
    return bool(body.get("reason", Reason.FORBIDDEN) == Reason.FORBIDDEN)


def is_of_a_wrong_password(request: Any, response: Any) -> bool:
    """Return whether a signed-in user gave a wrong current password when changing it."""
    return (
        response.status_code == 400
        and request.path == PASSWORD_CHANGE
        and isinstance(request.user, User)
        and b"enter_current_password" in response.content
    )


def may_write(action: str, by: Actor) -> bool:
    """Return whether one more refusal fits, from here and in total; log it in any case."""
    log.warning("refused", action=action, actor=by.name)
    recent = AuditEvent.objects.filter(action=action, at__gt=timezone.now() - COUNTED_OVER)
    network = by.origin.network
    here = Q(address__within=network) if network else Q(address=None)
    counts = recent.aggregate(here=Count("pk", filter=here), everywhere=Count("pk"))
    return bool(counts["here"] < MOST_FROM_AN_ADDRESS and counts["everywhere"] < MOST_IN_ALL)
