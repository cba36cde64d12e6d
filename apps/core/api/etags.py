"""ETags of single objects: the version of a row, opaque to callers."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from django.db import transaction
from django.db.models import Model
from rest_framework.request import Request
from rest_framework.response import Response

from core.database import lock
from core.errors import PreconditionFailed
from core.messages import Message


class Versioned(Protocol):
    """A row that knows when a person last changed it."""

    pk: Any
    updated_at: datetime


R = TypeVar("R", bound=Versioned)


def etag_of(row: Versioned) -> str:
    """Return the strong ETag of a row: it changes when somebody changes the row."""
    version = f"{type(row).__name__}:{row.pk}:{row.updated_at.isoformat()}"
    return f'"{hashlib.sha256(version.encode()).hexdigest()[:32]}"'


def check_if_match(request: Request, row: Versioned | None) -> None:
    """Refuse a change to an object that is no longer what the caller read, or that is gone."""
    wanted = {tag.strip() for tag in request.headers.get("If-Match", "").split(",")} - {""}
    current = None if row is None else etag_of(row)
    if wanted and (current is None or not wanted & {"*", current}):
        raise PreconditionFailed(
            Message("The object changed since you read it. Read it again and repeat the change."),
            details={"etag": current},
        )


@contextmanager
def changing(request: Request, row: R) -> Iterator[R]:
    """Lock a row and read it again, check what the caller had read, and hold it to the commit.

    Of two callers who read the same, the second is refused instead of undoing the first.
    """
    held = cast(Model, row)
    with transaction.atomic():
        lock(type(held)._base_manager.filter(pk=row.pk))
        held.refresh_from_db()
        check_if_match(request, row)
        yield row


def with_etag(response: Response, row: Versioned) -> Response:
    """Add the ETag of a row to the answer that shows it."""
    response["ETag"] = etag_of(row)
    return response
