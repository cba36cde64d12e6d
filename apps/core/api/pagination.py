"""Lists page by an opaque cursor."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination as FrameworkCursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.words import told

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 500


class CursorPagination(FrameworkCursorPagination):
    """`{"results": [...], "next": url or null}`, `?limit=` and `?cursor=`."""

    page_size = DEFAULT_LIMIT
    max_page_size = LARGEST_LIMIT
    page_size_query_param = "limit"
    ordering = "-created_at"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_LIMIT:
            sentence = told("limit is a number from 1 to %(most)s.", most=LARGEST_LIMIT)
            raise ValidationError({"limit": sentence})
        return int(text)

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound:
            sentence = told("This cursor was not made by this API.")
            raise ValidationError({"cursor": sentence}) from None

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
