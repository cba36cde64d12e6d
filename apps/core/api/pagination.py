"""Pagination of lists, by an opaque cursor."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from operator import attrgetter
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination as FrameworkCursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.database import planned_for_its_values
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
        """Signs cursors, each of which is valid for one ordering of one kind of object."""
        return Signer(salt=f"place of {self.kind} by {','.join(self.terms)}")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows that follow the cursor's, in an order in which no two are equal."""
        self.base_url = request.build_absolute_uri()
        self.kind = queryset.model._meta.label
        self.terms = self.get_ordering(request, queryset, view)
        size, place = self.get_page_size(request), self.place_in(request)
        rows = queryset if place is None else queryset.filter(following(self.terms, place))
        with planned_for_its_values() if is_narrowed(request) else nullcontext():
            found = [*rows.order_by(*self.terms)[: size + 1]]
        self.rows, self.has_next = found[:size], len(found) > size
        return self.rows

    def place_in(self, request: Request) -> list[str] | None:
        """Return what the row before the page is ordered by; None for the first page."""
        signed = request.query_params.get("cursor")
        if signed is None:
            return None
        try:
            place: list[str] = json.loads(self.signer.unsign(signed))
        except BadSignature:
            raise not_ours() from None
        return place

    def get_next_link(self) -> str | None:
        if not self.has_next:
            return None
        place = json.dumps([str(value_of(self.rows[-1], term)) for term in self.terms])
        cursor = self.signer.sign(place)
        return str(replace_query_param(str(self.base_url), "cursor", cursor))

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


def is_narrowed(request: Request) -> bool:
    """Return whether less than a whole list is asked for: its values say how much less."""
    return bool({*request.query_params} - {"limit", "cursor", "ordering"})


def value_of(row: Any, term: str) -> Any:
    """Return what a row is ordered by in a term of an ordering."""
    name = term.lstrip("-")
    return row[name] if isinstance(row, dict) else attrgetter(name.replace("__", "."))(row)


def following(ordering: Sequence[str], place: Sequence[str]) -> Q:
    """Return the condition that a row comes after a place in an ordering."""
    first, *others = zip(ordering, place, strict=True)
    name, later = first[0].lstrip("-"), "lt" if first[0].startswith("-") else "gt"
    after = Q(**{f"{name}__{later}": first[1]})
    if not others:
        return after
    rest = following(*zip(*others, strict=True))
    # The outer condition alone is one that an index can begin with.
    return Q(**{f"{name}__{later}e": first[1]}) & (after | rest)


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
