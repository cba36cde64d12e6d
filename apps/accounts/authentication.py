"""Authentication of callers: a bearer token, or a browser's session."""

from typing import Any

import structlog
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User
from core.messages import Message

HEADER_SCHEMES = {"bearer", "token"}
log = structlog.get_logger(__name__)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`, or `Token <token>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        token = tokens.find(secret.strip()) if scheme.lower() in HEADER_SCHEMES else None
        if token is None:
            # Anything that is not one of our tokens may be somebody's password.
            is_ours = secret.strip().startswith(f"{tokens.TOKEN_PREFIX}_")
            ours = secret.strip()[:12] if is_ours else ""
            log.warning("token refused", prefix=ours)
            # The audit records whose it was.
            request._request.ended_token = tokens.known(secret.strip())  # type: ignore[attr-defined]
            raise exceptions.AuthenticationFailed(
                str(Message("This token is unknown, expired or revoked."))
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="slipway"'


class SessionAuthentication(authentication.SessionAuthentication):
    """A browser's session, with CSRF; never reached when a token was sent."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="slipway"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes tokens."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token (slp_…)."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes sessions."""

    target_class = "accounts.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
