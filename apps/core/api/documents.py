"""JSON documents that clients send: read strictly, and limited in all that costs later."""

from collections.abc import Iterator
from typing import Any

import orjson

from core.errors import Invalid
from core.messages import Message

MOST_VALUES, LONGEST_KEY, DEEPEST = 10_000, 512, 20
# The one character that PostgreSQL cannot keep in a text.
NUL = "\x00"


def read_document(body: bytes) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        Invalid: it is not one, is too large or too deep, or has unacceptable names or texts.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(Message("The body is not JSON: %(error)s", error=error)) from error
    if not isinstance(document, dict):
        raise Invalid(Message("The body must be a JSON object."))
    for count, (pointer, name, value) in enumerate(values_in(document)):
        if count >= MOST_VALUES:
            raise Invalid(Message("The body has more than %(most)s values.", most=MOST_VALUES))
        if pointer.count("/") > DEEPEST:
            raise Invalid(Message("The body has more than %(most)s levels.", most=DEEPEST))
        if len(name) > LONGEST_KEY:
            longest = Message("A name is longer than %(most)s characters.", most=LONGEST_KEY)
            raise Invalid(longest, pointer=pointer)
        if NUL in name or (isinstance(value, str) and NUL in value):
            raise Invalid(Message("Null characters are not allowed."), pointer=pointer)
    return document


def values_in(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield every value with its JSON pointer and its name; items of a list have no name."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            for name, part in value.items():
                own = f"{pointer}/{escape(name[:LONGEST_KEY])}"
                yield own, name, part
                waiting.append((own, part))
        elif isinstance(value, list):
            for index, part in enumerate(value):
                yield f"{pointer}/{index}", "", part
                waiting.append((f"{pointer}/{index}", part))


def escape(name: str) -> str:
    """Escape one part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
