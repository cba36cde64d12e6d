"""Durations are read in one way, whoever asks."""

from datetime import timedelta

import pytest

from core.durations import parse_duration

SPELLED = {
    "0s": timedelta(0),
    "45s": timedelta(seconds=45),
    "90s": timedelta(seconds=90),
    "30m": timedelta(minutes=30),
    "2h": timedelta(hours=2),
    "1h30m": timedelta(hours=1, minutes=30),
    "7d": timedelta(days=7),
    "1d2h3m4s": timedelta(days=1, hours=2, minutes=3, seconds=4),
}
REFUSED = ["", " ", "30", "m", "30 m", "-5m", "+5m", "1.5h", "30M", "1m1h", "1h1h", "PT1H", "٣m"]


@pytest.mark.parametrize(("text", "duration"), SPELLED.items(), ids=SPELLED)
def test_a_duration_is_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", [*REFUSED, "999999s", "1h\n", 30, None, ["1h"]], ids=repr)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)
