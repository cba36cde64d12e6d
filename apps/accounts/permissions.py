"""What needs a platform admin."""

from typing import Any

from accounts.models import User
from core.errors import Forbidden
from core.messages import Message


def require_platform_admin(user: User) -> None:
    """Refuse everybody else.

    Raises:
        Forbidden: says who may.
    """
    if not user.is_superuser:
        raise not_platform_admin()


def not_platform_admin(**facts: Any) -> Forbidden:
    """Return the refusal, which says who may."""
    return Forbidden(Message("This needs a platform admin."), **facts)
