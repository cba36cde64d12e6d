"""JSON out, fast."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """Render with orjson; times are written as RFC 3339 in UTC."""

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
        return orjson.dumps(data, default=reduce, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class LinesRenderer(JSONRenderer):
    """One JSON document per line, however many there are."""

    media_type = "application/x-ndjson"
    format = "ndjson"


def reduce(value: object) -> Any:
    """Reduce what orjson does not know: lazy strings, mappings."""
    return dict(value) if hasattr(value, "keys") else str(value)  # type: ignore[call-overload]
