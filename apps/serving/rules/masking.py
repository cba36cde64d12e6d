"""What whoever may not read values is shown of environment variables: names, and no values. Pure.

Who may is decided by `projects.permissions.reads_values`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clusters.differences import LONGEST_VALUE, Entry

MASK = "***"
IN_VARIABLES = re.compile(r"ontainers\[[^]]*\]\.env(\[|$)")


def of_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings, a draft or a spec without the values of its variables."""
    masked = {"env": dict.fromkeys(settings["env"], MASK)} if "env" in settings else {}
    return {**settings, **masked}


def of_drift(entries: Iterable[Entry]) -> list[Entry]:
    """Return differences without the values of variables, whichever container has them."""
    return [
        {**entry, **{side: of_side(entry["field"], entry[side]) for side in ("wanted", "found")}}
        for entry in entries
    ]


def of_side(field: str, value: Any) -> Any:
    """Return one side of a difference: a variable, or an object that may hold some."""
    is_variable = IN_VARIABLES.search(field) is not None
    if isinstance(value, str):
        # What is kept of a large object is the beginning of its text.
        return MASK if is_variable or len(value) > LONGEST_VALUE else value
    return of_variable(value) if is_variable else of_object(value)


def of_object(value: Any) -> Any:
    """Return a part of an object, with the values masked below every `env` in it."""
    if isinstance(value, Mapping):
        # A label may be called so too.
        return {
            k: of_variable(v) if k == "env" and isinstance(v, list) else of_object(v)
            for k, v in value.items()
        }
    return [of_object(item) for item in value] if isinstance(value, list) else value


def of_variable(value: Any) -> Any:
    """Return variables by name: where a value comes from stays, what it is does not."""
    if isinstance(value, Mapping):
        return {k: MASK if k == "value" else v for k, v in value.items()}
    if isinstance(value, list):
        return [of_variable(item) for item in value]
    return value if value is None else MASK
