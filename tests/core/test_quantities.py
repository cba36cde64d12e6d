"""Quantities: any legal spelling in, one spelling out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quantities import format_bytes, format_millicores, parse_quantity
from core.resources import Resources, parse_amount, parse_text


@pytest.mark.parametrize(
    ("name", "text", "amount"),
    [
        ("cpu", "4", 4000),
        ("cpu", "500m", 500),
        ("cpu", 0.5, 500),
        ("cpu", "1e3m", None),
        ("cpu", "1u", 1),
        ("memory", "8Gi", 8 << 30),
        ("memory", "1.5Gi", 3 << 29),
        ("memory", "512M", 512_000_000),
        ("memory", "1e9", 10**9),
        ("memory", "100m", 1),
        ("nvidia.com/gpu", "2", 2),
        ("nvidia.com/gpu", 1, 1),
        ("nvidia.com/gpu", "1500m", None),
        ("nvidia.com/gpu", "0.5", None),
        ("nvidia.com/mig-1g.10gb", "3", 3),
        ("cpu", "-1", None),
        ("cpu", "", None),
        ("cpu", "1 ", None),
        ("cpu", "NaN", None),
        ("cpu", "1Kii", None),
        ("cpu", True, None),
        ("cpu", None, None),
        ("cpu", ["1"], None),
        ("cpu", "٣", None),
        ("memory", "9999999999999999999Ei", None),
        ("memory", "1e99", None),
        ("ram", "1Gi", None),
        ("gpu", "1", None),
    ],
)
def test_resource_list_is_parsed_or_refused(name, text, amount):
    if amount is None:
        with pytest.raises(ValueError):
            Resources.parse({name: text})
    else:
        assert Resources.parse({name: text}) == {name: amount}


@given(st.integers(0, 2**63 - 1))
def test_bytes_survive_a_round_trip(amount):
    assert parse_quantity(format_bytes(amount)) == amount


@given(st.integers(0, 10**12))
def test_millicores_survive_a_round_trip(millicores):
    assert Resources.parse({"cpu": format_millicores(millicores)})["cpu"] == millicores


@pytest.mark.parametrize(
    ("resource_list", "canonical"),
    [
        ({"cpu": "4000m"}, {"cpu": "4"}),
        ({"cpu": "0.25"}, {"cpu": "250m"}),
        ({"memory": "8192Mi"}, {"memory": "8Gi"}),
        ({"memory": "1000Mi"}, {"memory": "1000Mi"}),
        ({"memory": "512M"}, {"memory": "512M"}),
        ({"memory": 0}, {"memory": "0"}),
        ({"nvidia.com/gpu": 1}, {"nvidia.com/gpu": "1"}),
    ],
)
def test_one_spelling_is_returned(resource_list, canonical):
    assert Resources.parse(resource_list).canonical() == canonical


def test_negative_headroom_keeps_its_sign():
    headroom = Resources({"cpu": 1000, "memory": 1 << 30}) - Resources({"cpu": 1500, "memory": 0})
    assert headroom.canonical() == {"cpu": "-500m", "memory": "1Gi"}


def test_the_text_of_an_amount_is_parsed_once() -> None:
    before = parse_text.cache_info().misses
    assert [parse_amount("cpu", "1234567m") for _ in range(3)] == [1_234_567] * 3
    assert parse_text.cache_info().misses == before + 1
    assert parse_amount("nvidia.com/gpu", 1) == parse_amount("nvidia.com/gpu", "1") == 1
    with pytest.raises(ValueError):
        parse_amount("nvidia.com/gpu", True)
