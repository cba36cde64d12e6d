"""ETags of single objects: the version of a row, opaque to callers."""

import hashlib
from datetime import datetime
from typing import Any, Protocol

from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import PreconditionFailed
from core.words import told


class Versioned(Protocol):
    """A row that knows when a person last changed it."""

    pk: Any
    updated_at: datetime


def etag_of(row: Versioned) -> str:
    """Return the strong ETag of a row: it changes when somebody changes the row."""
    version = f"{type(row).__name__}:{row.pk}:{row.updated_at.isoformat()}"
    return f'"{hashlib.sha256(version.encode()).hexdigest()[:32]}"'


def check_if_match(request: Request, row: Versioned) -> None:
    """Refuse a change to an object that is no longer what the caller read."""
    wanted = {tag.strip() for tag in request.headers.get("If-Match", "").split(",")} - {""}
    current = etag_of(row)
    if wanted and not wanted & {"*", current}:
        raise PreconditionFailed(
            told("The object changed since you read it. Read it again and repeat the change."),
            details={"etag": current},
        )


def with_etag(response: Response, row: Versioned) -> Response:
    """Add the ETag of a row to the answer that shows it."""
    response["ETag"] = etag_of(row)
    return response
