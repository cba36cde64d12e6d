"""JSON out, fast."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
FOR_READERS = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


class JSONRenderer(BaseRenderer):
    """Render with orjson; times are written as RFC 3339 in UTC.

    Whoever reads it by eye asks for lines with `Accept: application/json; indent=2`.
    """

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Any = None,
    ) -> bytes:
        if data is None:
            return b""
        is_read = "indent=" in (accepted_media_type or "")
        option = OPTIONS | FOR_READERS if is_read else OPTIONS
        return orjson.dumps(data, default=reduce, option=option)


class LinesRenderer(JSONRenderer):
    """One JSON document per line, however many there are."""

    media_type = "application/x-ndjson"
    format = "ndjson"


def reduce(value: object) -> Any:
    """Reduce what orjson does not know: lazy strings, mappings."""
    return dict(value) if hasattr(value, "keys") else str(value)  # type: ignore[call-overload]
