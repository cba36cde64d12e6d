"""Pagination of lists, by an opaque cursor."""

from operator import attrgetter
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.core.signing import BadSignature, Signer
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor
from rest_framework.pagination import CursorPagination as FrameworkCursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.messages import Message

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 500
RANKED = Signer(salt="cursor by rank")


class CursorPagination(FrameworkCursorPagination):
    """`{"results": [...], "next": url or null}`, `?limit=` and `?cursor=`."""

    page_size = DEFAULT_LIMIT
    max_page_size = LARGEST_LIMIT
    page_size_query_param = "limit"
    ordering = "-created_at"

    def get_page_size(self, request: Request) -> int:
        return limit_of(request, default=DEFAULT_LIMIT)

    @property
    def signer(self) -> Signer:
        """Signs cursors, each of which is valid for one ordering only."""
        return Signer(salt=f"cursor by {','.join(self.ordering)}")

    def decode_cursor(self, request: Request) -> Cursor | None:
        signed = request.query_params.get("cursor")
        if signed is None:
            return None
        try:
            place = parse_qs(self.signer.unsign(signed), keep_blank_values=True)
        except BadSignature:
            raise not_ours() from None
        position: Any = place.get("position", [None])[0]
        return Cursor(int(place["offset"][0]), False, position)

    def encode_cursor(self, cursor: Cursor) -> str:
        position = {} if cursor.position is None else {"position": cursor.position}
        place = urlencode({"offset": cursor.offset, **position})
        signed = self.signer.sign(place)
        return str(replace_query_param(str(self.base_url), "cursor", signed))

    def _get_position_from_instance(self, instance: Any, ordering: Any) -> str:
        name = ordering[0].lstrip("-")
        if isinstance(instance, dict):
            return str(instance[name])
        return str(attrgetter(name.replace("__", "."))(instance))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.get_next_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
            },
        }


def limit_of(request: Request, *, default: int) -> int:
    """Return how long a page the caller wants."""
    text = request.query_params.get("limit", str(default))
    limit = whole_number(text, most=LARGEST_LIMIT)
    if limit is None:
        sentence = str(Message("limit is a number from 1 to %(most)s.", most=LARGEST_LIMIT))
        raise ValidationError({"limit": sentence})
    return limit


def not_ours() -> ValidationError:
    """Refuse a cursor that somebody else made, or that is of another list."""
    return ValidationError({"cursor": str(Message("This cursor was not made by this API."))})


def piece_of(request: Request, *, default: int) -> slice:
    """Return the piece of a ranked list that the caller wants.

    What ranks may change between two pages, so a cursor is a number of rows here and no place.
    """
    signed = request.query_params.get("cursor")
    try:
        start = 0 if signed is None else int(RANKED.unsign(signed))
    except BadSignature:
        raise not_ours() from None
    return slice(start, start + limit_of(request, default=default))


def link_after(request: Request, piece: slice, *, total: int) -> str | None:
    """Return the address of the next piece of a ranked list; None if there is no more."""
    if piece.stop >= total:
        return None
    cursor = RANKED.sign(str(piece.stop))
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))


def whole_number(text: str, *, most: int) -> int | None:
    """Return a number from 1 to `most`, as people write it; None for anything else."""
    is_short = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return int(text) if is_short and 1 <= int(text) <= most else None
