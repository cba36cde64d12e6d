"""The summary's rules: unknown is never zero, and every number has its unit."""

import pytest

from core.errors import Invalid
from usage.summary import Freshness, Line, quantity, shown_line
from usage.views import parse_window

FRESH = Freshness(None, is_stale=False)


@pytest.mark.parametrize(
    ("requested", "used", "idle"),
    [
        pytest.param(4.0, 1.0, 3.0, id="the rest is idle"),
        pytest.param(1.0, 4.0, 0.0, id="bursting beyond the request is not negative"),
        pytest.param(None, 1.0, None, id="unknown request"),
        pytest.param(4.0, None, None, id="unknown use is not idle"),
        pytest.param(0.0, 0.0, 0.0, id="nothing asked for, nothing idle"),
    ],
)
def test_idle_is_known_only_where_both_sides_are(requested, used, idle):
    assert Line("cpu", requested=requested, used=used).idle == idle


@pytest.mark.parametrize(
    ("resource", "value", "text"),
    [
        ("cpu", 1500.4, "1500m"),
        ("cpu", 4000.0, "4"),
        ("memory", float(8 << 30), "8Gi"),
        ("memory", 1024.6, "1025"),
        ("nvidia.com/gpu", 2.0, "2"),
        ("nvidia.com/gpu", 0.37, "370m"),
        ("nvidia.com/gpu.memory", float(1 << 30), "1Gi"),
        ("cpu", 0.0, "0"),
        ("cpu", None, None),
    ],
)
def test_numbers_leave_as_kubernetes_writes_them(resource, value, text):
    assert quantity(resource, value) == text


def test_what_is_not_known_leaves_as_null():
    shown = shown_line(Line("cpu", quota=4000.0), FRESH)
    assert (shown["quota"], shown["used"], shown["idle"]) == ("4", None, None)
    assert shown["amounts"]["used"] is None


@pytest.mark.parametrize(("text", "minutes"), [("5m", 5), ("1h", 60), ("7d", 10_080)])
def test_a_window_is_read(text, minutes):
    assert parse_window(text).total_seconds() == minutes * 60


@pytest.mark.parametrize(
    "text", ["", "1", "h", "0m", "4m", "91d", "-1h", "1w", "1h ", "١h", "99999d"]
)
def test_what_is_no_window_is_refused(text):
    with pytest.raises(Invalid):
        parse_window(text)
