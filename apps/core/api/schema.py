"""OpenAPI: what drf-spectacular cannot see by itself."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema as FrameworkAutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

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
# What each resource is, by the part of a path that leads to it; the last one in a path is its tag.
TAGS = {
    "me": "The caller: account, roles, token.",
    "projects": "Tenants: a team's environments, models, members and tokens.",
    "environments": "A project's presence on a cluster, with its quota and policies.",
    "secrets": "Values that services get as variables or files; they are never shown.",
    "pull-credentials": "Registry logins with which services pull their images.",
    "members": "People and their roles in a project.",
    "tokens": "Keys of a project's API clients, such as CI.",
    "models": "What a team trains.",
    "versions": "Immutable versions of a model.",
    "services": "Models that are served in an environment.",
    "rollouts": "Changes of services, from the request to their end.",
    "clusters": "Kubernetes clusters that Slipway may use.",
    "fleet": "Nodes and cards of all clusters.",
    "attention": "What needs somebody now.",
    "search": "Objects by a part of their names.",
    "audit-events": "Who changed what.",
    "platform": "Slipway itself.",
}
PROBLEMS = {
    "400": "The request is malformed; `errors` points at what.",
    "401": "Nobody is signed in, or the token has ended.",
    "403": "The caller may not do this (`Forbidden`), or there is no room (`QuotaExceeded`).",
    "404": "There is no such object, or the caller may not know of it.",
    "409": "The present state does not allow this; `reason` says why.",
    "412": "The object has changed since the caller read it.",
    "422": "The idempotency key belongs to a request with other content.",
    "429": "Too many requests; `Retry-After` says when to repeat it.",
    "503": "A part that is needed for the answer is away.",
    "default": "Another refusal, or a failure.",
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
MAY_BE_LEFT_OUT = {"Draft", "SecretUse", "Source", "Step", "Strategy"}


class MayReadSchema(IsAuthenticated):
    """Show the document to whoever is signed in, or to everybody where it is public."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return settings.PUBLIC_SCHEMA or super().has_permission(request, view)


class AutoSchema(FrameworkAutoSchema):
    """Describe operations by their docstrings, tags by paths, and headers by kinds of views."""

    def get_summary(self) -> str:
        """Return the first line of the view's method; lists are named by their path."""
        first, _, _ = self.own_docstring().partition("\n")
        what = self.path.rsplit("/", 1)[-1].replace("-", " ")
        return first.removesuffix(".") or f"List {what}"

    def get_description(self) -> str:  # type: ignore[override]
        """Return what follows in that docstring; else what the class says."""
        _, _, more = self.own_docstring().partition("\n")
        return more.strip() or get_doc(type(self.view))

    def own_docstring(self) -> str:
        """Return the docstring of the method that answers, if it is ours."""
        return get_doc(getattr(self.view, self.view.action))  # type: ignore[attr-defined]

    def get_tags(self) -> list[str]:
        """Return the resource that a path leads to."""
        return [[part for part in self.path.split("/") if part in TAGS][-1]]

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
    """Add to every operation which problems it may answer with, and what tags mean."""
    schemas = result["components"]["schemas"]
    schemas["Reason"] = {"type": "string", "enum": sorted(Reason)}
    schemas["Problem"] = PROBLEM
    result["components"]["responses"] = {
        problem_name(status): {
            "description": text,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status, text in PROBLEMS.items()
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"] |= {
                status: {"$ref": f"#/components/responses/{problem_name(status)}"}
                for status in documented_refusals(method, operation)
            }
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    return result


def documented_refusals(method: str, operation: dict[str, Any]) -> Iterator[str]:
    """Yield the statuses of PROBLEMS that an operation may answer with."""
    parameters = operation.get("parameters", [])
    headers = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
    yield from ("400", "401", "429", "503", "default")
    if method != "get":
        yield from ("403", "409")
    if any(parameter["in"] == "path" for parameter in parameters):
        yield "404"
    if "If-Match" in headers:
        yield "412"
    if "Idempotency-Key" in headers:
        yield "422"


def problem_name(status: str) -> str:
    """Return the name of a refusal's description in the document."""
    return f"Refusal{status}" if status.isdigit() else "Refusal"


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
            if {} in prop.get("anyOf", ()):
                # Anything, and null is that too.
                del prop["anyOf"]
    return result
