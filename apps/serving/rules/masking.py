"""Environment variables as shown to those who may not read values: names without values. Pure.

Who may read them is decided by `projects.permissions.reads_values`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clusters.differences import LONGEST_VALUE, Entry

MASK = "***"
IN_VARIABLES = re.compile(r"ontainers\[[^]]*\]\.env(\[|$)")


def of_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings, a draft or a spec with the values of variables masked."""
    masked = {"env": dict.fromkeys(settings["env"], MASK)} if "env" in settings else {}
    return {**settings, **masked}


def of_drift(entries: Iterable[Entry]) -> list[Entry]:
    """Return differences with the values of variables masked, in any container."""
    return [
        {**entry, **{side: of_side(entry["field"], entry[side]) for side in ("wanted", "found")}}
        for entry in entries
    ]


def of_side(field: str, value: Any) -> Any:
    """Return one side of a difference, masked: a variable, or an object that may hold some."""
    is_variable = IN_VARIABLES.search(field) is not None
    if isinstance(value, str):
        # Of a large object only the beginning of its text is kept, which cannot be masked in part.
        return MASK if is_variable or len(value) > LONGEST_VALUE else value
    return of_variable(value) if is_variable else of_object(value)


def of_object(value: Any) -> Any:
    """Return a part of an object, with the values masked below every `env` in it."""
    if isinstance(value, Mapping):
        # A label may be called `env` too.
        return {
            k: of_variable(v) if k == "env" and isinstance(v, list) else of_object(v)
            for k, v in value.items()
        }
    return [of_object(item) for item in value] if isinstance(value, list) else value


def of_variable(value: Any) -> Any:
    """Return variables with their values masked; where a value comes from stays."""
    if isinstance(value, Mapping):
        return {k: MASK if k == "value" else v for k, v in value.items()}
    if isinstance(value, list):
        return [of_variable(item) for item in value]
    return value if value is None else MASK
