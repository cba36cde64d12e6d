"""OpenAPI: what drf-spectacular cannot see by itself."""

from typing import Any

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


def describe_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation that it may answer with a problem."""
    schemas = result["components"]["schemas"]
    schemas["Reason"] = {"type": "string", "enum": sorted(Reason)}
    schemas["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = REFUSAL
    return result
