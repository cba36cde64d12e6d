"""How pods are replaced, and the most that can exist at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.resources import Resources
from serving.rules.strategy import Pods, Replacement, Strategy, from_json, parse, peak


@pytest.mark.parametrize(
    ("strategy", "replicas", "tried"),
    [
        ({}, 1, [Replacement(1), Replacement(0, 1)]),
        ({"type": "rolling"}, 4, [Replacement(1), Replacement(0, 1)]),
        ({"type": "rolling"}, 12, [Replacement(3), Replacement(1), Replacement(0, 1)]),
        ({"type": "rolling"}, 0, [Replacement(1), Replacement(0, 1)]),
        ({"type": "rolling", "max_surge": 2}, 4, [Replacement(2, 0)]),
        ({"type": "rolling", "max_unavailable": 2}, 4, [Replacement(0, 2)]),
        ({"type": "recreate"}, 4, [Replacement(type=Strategy.RECREATE)]),
    ],
)
def test_gentlest_replacement_is_tried_first(strategy, replicas, tried):
    assert parse(strategy, replicas=replicas) == tried


@pytest.mark.parametrize(
    "strategy", [{"type": "canary"}, {"type": "rolling", "max_surge": 0, "max_unavailable": 0}]
)
def test_a_strategy_that_cannot_work_is_refused(strategy):
    with pytest.raises(Invalid):
        parse(strategy, replicas=2)


@pytest.mark.parametrize(
    "replacement", [Replacement(2, 0), Replacement(0, 1), Replacement(type=Strategy.RECREATE)]
)
def test_a_rollout_remembers_its_strategy(replacement):
    assert from_json(replacement.as_json()) == replacement


def gpus(count: int, each: int) -> Pods:
    return Pods(count, Resources({"nvidia.com/gpu": each}))


numbers = st.integers(0, 8)


@given(old=st.builds(gpus, numbers, numbers), new=st.builds(gpus, numbers, numbers), surge=numbers)
def test_peak_is_the_largest_mix_that_can_exist(old, new, surge):
    mixes = [
        old_pods * old.each["nvidia.com/gpu"] + new_pods * new.each["nvidia.com/gpu"]
        for old_pods in range(old.count + 1)
        for new_pods in range(new.count + 1)
        if old_pods + new_pods <= max(old.count, new.count) + surge
    ]
    assert peak(old, new, Replacement(max_surge=surge))["nvidia.com/gpu"] == max(mixes)


@given(old=st.builds(gpus, numbers, numbers), new=st.builds(gpus, numbers, numbers))
def test_recreating_never_holds_both(old, new):
    held = peak(old, new, Replacement(type=Strategy.RECREATE))["nvidia.com/gpu"]
    assert held == max(
        old.count * old.each["nvidia.com/gpu"], new.count * new.each["nvidia.com/gpu"]
    )
