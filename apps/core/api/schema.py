"""OpenAPI: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as FrameworkAutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.reasons import Reason

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a reason from a closed list and the facts behind it.",
    "required": ["type", "title", "status", "detail", "reason", "errors", "details", "request_id"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": {**TEXT, "description": "A sentence for people."},
        "reason": {"$ref": "#/components/schemas/Reason"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": TEXT, "detail": TEXT},
            },
        },
        "details": {"type": "object", "additionalProperties": True},
        "request_id": TEXT,
    },
}
REFUSAL = {
    "description": "A refusal or a failure.",
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="Repeats of the same request within 24 hours get its first answer, marked with "
    "`Idempotent-Replayed: true`; the key with other content is 422.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the object as it was read; 412 if it has changed since.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="The version of this object, for `If-Match`.",
    response=[200, 201, 202],
)
# Schemas in which an answer leaves out what was not given; in the others every field is present.
MAY_BE_LEFT_OUT = {"Draft", "SecretUse", "Source", "Strategy"}


class AutoSchema(FrameworkAutoSchema):
    """Describe the headers that belong to every view of a kind."""

    def get_override_parameters(self) -> list[Any]:
        """Add the headers of a POST, and those of an object that has an ETag."""
        headers = [IDEMPOTENCY_KEY] if self.method == "POST" else []
        if self.is_of_versioned_object():
            headers += [ETAG] if self.method in ("GET", "POST") else [ETAG, IF_MATCH]
        return headers

    def is_of_versioned_object(self) -> bool:
        """Return whether the answer shows one row that knows when somebody last changed it."""
        shown = self.get_response_serializers()
        is_empty = self.method == "DELETE" and not isinstance(shown, dict)
        if is_empty or self._is_list_view():
            return False
        serializers = shown.values() if isinstance(shown, dict) else [shown]
        models = [getattr(getattr(s, "Meta", None), "model", None) for s in serializers]
        return any(hasattr(model, "updated_at") for model in models)


def describe_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation that it may answer with a problem."""
    schemas = result["components"]["schemas"]
    schemas["Reason"] = {"type": "string", "enum": sorted(Reason)}
    schemas["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = REFUSAL
    return result


def promise_whole_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Require all properties of answers: an answer fills in what the request left out."""
    for name, schema in result["components"]["schemas"].items():
        if not name.endswith("Request") and name not in MAY_BE_LEFT_OUT and "properties" in schema:
            schema["required"] = list(schema["properties"])
    return result


def allow_overlap(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let alternatives overlap: an empty text may be left out by one rule and legal by another."""
    for schema in result["components"]["schemas"].values():
        for prop in schema.get("properties", {}).values():
            if "oneOf" in prop:
                prop["anyOf"] = prop.pop("oneOf")
    return result
