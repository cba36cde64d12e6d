"""A row with what is shown beside it."""

from collections.abc import Sequence
from typing import Any


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

    def pages_of(self, rows: Sequence[Any]) -> list[Page]:
        """Return rows with what is shown beside them, in a constant number of queries."""
        raise NotImplementedError
