"""A row with what is shown beside it."""

from typing import Any


class Page:
    """What one look at a row shows: the row, and values that it does not hold itself.

    A page is a frozen dataclass; a serializer finds in the row what the page does not have.
    """

    row: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)
