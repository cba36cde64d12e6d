"""Lists, and rows with what is shown beside them."""

from collections.abc import Sequence
from typing import Any

from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response


class ListMixin(mixins.ListModelMixin):
    """A view with a list that is gone once it was sent.

    The framework's own keeps its rows and what it wrote in circles, until somebody looks for them.
    """

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        view: Any = self
        rows = view.paginate_queryset(view.filter_queryset(view.get_queryset()))
        write = view.get_serializer().to_representation
        response: Response = view.get_paginated_response([write(row) for row in rows])
        return response


def break_circles(response: Any) -> None:
    """Let a view and its request end with the answer that was written: each holds the others."""
    context = response.renderer_context
    vars(context["view"]).clear()
    context["request"].parser_context.clear()
    context.clear()


class Page:
    """What is shown of a row: the row itself, and values that it does not hold.

    A page is a frozen dataclass; what it lacks, a serializer finds in the row.
    """

    row: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


class PagesMixin:
    """A view whose lists show pages."""

    def paginate_queryset(self, queryset: Any) -> Any:
        return self.pages_of(super().paginate_queryset(queryset) or [])

    def pages_of(self, rows: Sequence[Any]) -> list[Any]:
        """Return rows with what is shown beside them, in a constant number of queries."""
        raise NotImplementedError
