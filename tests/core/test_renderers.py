"""JSON as programs and people read it."""

import pytest

from core.api.renderers import JSONRenderer


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("application/json", b'{"a":1}'),
        (None, b'{"a":1}'),
        ("application/json; indent=2", b'{\n  "a": 1\n}\n'),
    ],
)
def test_lines_are_for_who_asks_for_them(accepted: str | None, expected: bytes) -> None:
    assert JSONRenderer().render({"a": 1}, accepted) == expected
