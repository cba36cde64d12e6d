"""Every route of the URLconf, as the closed world that the tests of this package walk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
BASE = "/api/v1"


@dataclass(frozen=True, slots=True)
class Route:
    """A path template such as `/projects/{project}`, below the API's base, and its view."""

    template: str
    view: Any

    @property
    def actions(self) -> dict[str, str]:
        """What a view set does by HTTP method; empty for any other view."""
        return dict(getattr(self.view, "actions", None) or {})

    @property
    def methods(self) -> set[str]:
        return {method.upper() for method in self.actions} - {"HEAD"}

    @property
    def view_class(self) -> type | None:
        return getattr(self.view, "cls", None)


def all_routes() -> list[Route]:
    """Return the routes of the API, and those outside of it with their whole path."""
    return [Route(template_of(path), view) for path, view in walk(get_resolver().url_patterns)]


def api_routes() -> list[Route]:
    """Return the routes that are view sets."""
    return [route for route in all_routes() if route.actions]


def other_routes() -> list[Route]:
    """Return every other route: probes, documentation, sign-in, the event stream."""
    return [route for route in all_routes() if not route.actions]


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Yield each path with its view."""
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, path)
        else:
            yield path, entry.callback


def template_of(path: str) -> str:
    """Write a path as the contract does."""
    return PARAMETER.sub(r"{\1}", path).removeprefix(BASE)
