"""Whose the figures of cards are: a card counts once, and what cannot be is no number."""

import math
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.resources import Resources
from prometheus.queries import MEBIBYTE, MEMORY_TOTAL, MEMORY_USED, PERCENT, RATIO
from usage.cards import GPU, GPU_MEMORY, Amount, Attribution, attribute, parts_of

MIG = "nvidia.com/mig-1g.5gb"
Sample = tuple[Mapping[str, str], float]


def card(metric: str, value: float, *, uuid: str = "GPU-1", pod: str = "", **labels: str) -> Sample:
    """One series of a card; without a pod, nobody holds it."""
    holder = {"namespace": "ns", "pod": pod} if pod else {}
    return {"metric": metric, "gpu": "0", "UUID": uuid, **holder, **labels}, value


def attributed(samples: Iterable[Sample], **held: dict[str, int]) -> Attribution:
    pods = {("ns", pod): Resources(resources) for pod, resources in held.items()}
    return attribute(parts_of(samples), pods)


def amount(found: Attribution, pod: str, resource: str = GPU) -> Amount | None:
    return found.amounts.get((("ns", pod), resource))


def test_a_card_that_pods_share_counts_once_and_is_said_to_be_shared():
    pods = ["a", "b", "c", "d"]
    samples = [card(MEMORY_USED, 10_000, pod=pod) for pod in pods]
    found = attributed(samples, **{pod: {GPU: 1} for pod in pods})
    parts = [amount(found, pod, GPU_MEMORY) for pod in pods]
    assert parts == [Amount(2500.0 * MEBIBYTE, is_shared=True)] * 4


def test_a_card_that_is_shared_with_strangers_is_ours_for_our_part():
    samples = [card(RATIO, 0.8, pod=pod) for pod in ("a", "stranger")]
    found = attributed(samples, a={GPU: 1})
    assert amount(found, "a") == Amount(0.4, is_shared=True)
    assert found.unattributed is not None
    assert (found.unattributed[GPU].cards, found.unattributed[GPU].duty) == (0.5, 0.4)


@given(st.integers(1, 20), st.floats(0, 1))
def test_parts_add_up_to_the_card(holders: int, duty: float):
    parts = parts_of([card(RATIO, duty, pod=f"p{n}") for n in range(holders)])
    assert math.fsum(part.duty or 0.0 for part in parts) == pytest.approx(duty)
    assert math.fsum(1 / part.of_pods for part in parts) == pytest.approx(1)


def test_a_scrape_that_names_nobody_takes_nothing_from_the_holder():
    found = attributed([card(RATIO, 0.8, pod="a"), card(RATIO, 0.8)], a={GPU: 1})
    assert amount(found, "a") == Amount(0.8)
    assert found.unattributed == {}


def test_the_pod_that_the_exporter_names_goes_before_the_exporters_own():
    named = {"exported_namespace": "ns", "exported_pod": "a"}
    twice = [card(RATIO, 0.8, pod="dcgm", **named), card(RATIO, 0.8, pod="a")]
    found = attributed(twice, a={GPU: 1}, dcgm={"cpu": 100})
    assert amount(found, "a") == Amount(0.8)
    assert amount(found, "dcgm") is None


@pytest.mark.parametrize(
    ("held", "profile", "booked"),
    [
        pytest.param({MIG: 1}, "1g.5gb", MIG, id="its own profile"),
        pytest.param({"nvidia.com/mig-1g.10gb.me": 1}, "1g.10gb+me", "nvidia.com/mig-1g.10gb.me"),
        pytest.param({f"{MIG}.shared": 1}, "1g.5gb", f"{MIG}.shared", id="slices of a slice"),
        pytest.param({GPU: 1}, "1g.5gb", GPU, id="all slices alike, named as cards"),
        pytest.param({GPU: 1, MIG: 1}, "1g.5gb", MIG, id="a card and a slice: the slice"),
        pytest.param({GPU: 1, MIG: 1}, "", GPU, id="a card and a slice: the card"),
        pytest.param({MIG: 1}, "2g.10gb", None, id="another profile"),
        pytest.param({MIG: 1}, "", None, id="the number of a whole card is not a slice's"),
        pytest.param({"nvidia.com/gpu.shared": 1}, "", "nvidia.com/gpu.shared", id="a time slice"),
        pytest.param({GPU: 1, "nvidia.com/gpumem": 3000}, "", GPU, id="an amount beside it"),
        pytest.param({"nvidia.com/gpumem": 3000}, "", None, id="an amount alone"),
        pytest.param({"amd.com/gpu": 1}, "", None, id="a card of another maker"),
        pytest.param({"deviceclass.resource.kubernetes.io/gpu.nvidia.com": 1}, "", ...),
        pytest.param({GPU: 0}, "", None, id="none of it"),
        pytest.param({"cpu": 1000}, "", None, id="no card"),
    ],
)
def test_use_is_booked_under_the_resource_that_holds_it(held, profile, booked):
    expected = next(iter(held)) if booked is ... else booked
    labels = {"GPU_I_ID": "7", "GPU_I_PROFILE": profile} if profile else {}
    found = attributed([card(RATIO, 0.5, pod="a", **labels)], a=held)
    names = {name for _, name in found.amounts if name != GPU_MEMORY}
    assert names == ({expected} if expected else set())
    assert bool(found.unattributed) == (expected is None)


def test_a_card_in_slices_is_told_of_by_its_slices():
    slices = [
        card(RATIO, 1.0, pod=pod, GPU_I_ID=instance, GPU_I_PROFILE="1g.5gb")
        for pod, instance in (("a", "7"), ("b", "8"))
    ]
    found = attributed([card(PERCENT, 90, pod="a"), *slices], a={MIG: 1}, b={MIG: 1})
    assert (amount(found, "a", MIG), amount(found, "b", MIG)) == (Amount(1.0), Amount(1.0))
    assert amount(found, "a") is None
    assert found.unattributed == {}


IMPOSSIBLE = [
    pytest.param(9223372036854775794.0, id="blank of 64 bits"),
    pytest.param(9223372036854775792.0, id="blank of 64 bits, not found"),
    pytest.param(2147483632.0, id="blank of 32 bits"),
    pytest.param(2147483635.0, id="blank of 32 bits, no permission"),
    pytest.param(140737488355328.0, id="blank of a float"),
    pytest.param(140737488355331.0, id="blank of a float, no permission"),
    pytest.param(-1.0, id="negative"),
    pytest.param(math.nan, id="NaN"),
    pytest.param(math.inf, id="infinite"),
    pytest.param(-math.inf, id="less than infinite"),
]


@pytest.mark.parametrize("value", [*IMPOSSIBLE, pytest.param(1.2, id="more than all")])
def test_a_ratio_that_no_card_can_have_is_unknown(value):
    assert amount(attributed([card(RATIO, value, pod="a")], a={GPU: 1}), "a") == Amount(None)


@pytest.mark.parametrize("value", [*IMPOSSIBLE, pytest.param(180.0, id="more than all")])
def test_a_percentage_that_no_card_can_have_is_unknown(value):
    assert amount(attributed([card(PERCENT, value, pod="a")], a={GPU: 1}), "a") == Amount(None)


@pytest.mark.parametrize("value", [*IMPOSSIBLE, pytest.param(30_000.0, id="more than it has")])
def test_memory_that_no_card_can_have_is_unknown(value):
    samples = [card(MEMORY_USED, value, pod="a"), card(MEMORY_TOTAL, 23_028, pod="a")]
    assert amount(attributed(samples, a={GPU: 1}), "a", GPU_MEMORY) == Amount(None)


def test_a_blank_total_bounds_nothing():
    samples = [card(MEMORY_USED, 100, pod="a"), card(MEMORY_TOTAL, 2147483632, pod="a")]
    assert amount(attributed(samples, a={GPU: 1}), "a", GPU_MEMORY) == Amount(100.0 * MEBIBYTE)


@pytest.mark.parametrize(("metric", "value"), [(RATIO, 1.02), (PERCENT, 102)])
def test_a_busy_card_that_shows_a_little_more_is_all_at_work(metric, value):
    assert amount(attributed([card(metric, value, pod="a")], a={GPU: 1}), "a") == Amount(1.0)


def test_a_blank_ratio_leaves_the_percentage():
    samples = [card(RATIO, 2147483632, pod="a"), card(PERCENT, 40, pod="a")]
    assert amount(attributed(samples, a={GPU: 1}), "a") == Amount(0.4)


def test_one_card_without_a_number_makes_the_holders_sum_unknown():
    samples = [card(RATIO, 0.5, pod="a"), card(RATIO, math.nan, uuid="GPU-2", pod="a")]
    assert amount(attributed(samples, a={GPU: 2}), "a") == Amount(None)
    missing = [card(RATIO, 0.5, pod="a"), card(MEMORY_USED, 5, uuid="GPU-2", pod="a")]
    assert amount(attributed(missing, a={GPU: 2}), "a") == Amount(None)


@pytest.mark.parametrize(
    ("held", "pods", "is_known"),
    [
        pytest.param({GPU: 1}, ["a"], True, id="all of its cards"),
        pytest.param({GPU: 2}, ["a"], False, id="one of two"),
        pytest.param({GPU: 2}, ["a", "b"], True, id="two shares of one card"),
        pytest.param({"nvidia.com/gpu.shared": 2}, ["a"], True, id="two renamed shares of one"),
    ],
)
def test_a_card_that_nobody_tells_of_makes_the_holders_sum_unknown(held, pods, is_known):
    samples = [card(metric, 0.5, pod=pod) for pod in pods for metric in (RATIO, MEMORY_USED)]
    found = attributed(samples, a=held, b={GPU: 1})
    for resource in (*held, GPU_MEMORY):
        its = amount(found, "a", resource)
        assert its is not None
        assert (its.value is not None) == is_known


def test_figures_that_name_no_card_are_of_all_that_the_pod_holds():
    labels = {"metric": RATIO, "namespace": "ns", "pod": "a"}
    found = attributed([(labels, 0.5), ({**labels, "pod": "b"}, 0.0)], a={GPU: 4})
    assert amount(found, "a") == Amount(0.5)
    assert found.unattributed == {}


def test_a_number_goes_before_a_blank_of_the_same_card():
    samples = [card(RATIO, 9223372036854775794, pod="a"), card(RATIO, 0.5, pod="a")]
    for order in (samples, samples[::-1]):
        assert amount(attributed(order, a={GPU: 1}), "a") == Amount(0.5)


def test_cards_without_a_uuid_of_two_nodes_are_two_cards():
    samples = [
        ({"metric": RATIO, "gpu": "0", "namespace": "ns", "pod": pod}, 0.5) for pod in ("a", "b")
    ]
    free: list[Sample] = [
        ({"metric": RATIO, "gpu": "0", "Hostname": node}, 0.0) for node in ("n1", "n2")
    ]
    found = attributed([*samples, *free], a={GPU: 1}, b={GPU: 1})
    assert (amount(found, "a"), amount(found, "b")) == (Amount(0.5), Amount(0.5))
    assert found.unattributed is not None
    assert found.unattributed[GPU].cards == 2


def test_no_series_of_a_card_is_not_no_unattributed_card():
    assert attributed([]).unattributed is None
    assert attributed([card(RATIO, 0.5, pod="a")], a={GPU: 1}).unattributed == {}


def test_what_an_unattributed_card_does_is_not_known_where_one_has_no_number():
    found = attributed([card(RATIO, 0.5), card(RATIO, math.nan, uuid="GPU-2")]).unattributed
    assert found is not None
    assert (found[GPU].cards, found[GPU].duty, found[GPU].memory_bytes) == (2.0, None, None)
