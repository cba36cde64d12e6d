"""Which cards are free, by rule and as the API says it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.capacity import Cards, SeenNode, cards_on, count_cards, free_in, free_on
from core.resources import Resources
from tests import factories

GPU, MIG = "nvidia.com/gpu", "nvidia.com/mig-1g.5gb"
EIGHT = Resources({GPU: 8})


def node(*, requested: int = 3, allocatable: int = 8, **facts: Any) -> SeenNode:
    return SeenNode(
        capacity=EIGHT,
        allocatable=Resources({GPU: allocatable}),
        requested=Resources({GPU: requested}),
        **{"is_ready": True, **facts},
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(node(), Cards(3, free=5), id="ready"),
        pytest.param(node(requested=0), Cards(free=8), id="nothing asked for"),
        pytest.param(node(requested=8), Cards(8), id="full"),
        pytest.param(node(is_unschedulable=True), Cards(3, unavailable=5), id="cordoned"),
        pytest.param(node(is_ready=False), Cards(3, unavailable=5), id="not ready"),
        pytest.param(node(is_ready=None), Cards(3, unknown=5), id="silent kubelet"),
        pytest.param(node(is_stale=True), Cards(unknown=8), id="old mirror"),
        pytest.param(node(allocatable=6), Cards(3, free=3, unavailable=2), id="unhealthy cards"),
        pytest.param(node(allocatable=2), Cards(3, unavailable=5), id="unhealthy and held"),
        pytest.param(node(requested=9), Cards(8), id="more asked for than there are"),
        pytest.param(node(allocatable=9), Cards(3, free=5), id="more to give than there are"),
        pytest.param(node(requested=9, allocatable=10), Cards(8), id="more of both than there are"),
    ],
)
def test_every_card_of_a_node_is_in_one_part(seen: SeenNode, expected: Cards) -> None:
    found = cards_on(seen, GPU)
    assert found == expected + Cards(nodes=1)
    assert found.total == 8


@given(
    st.builds(
        node,
        requested=st.integers(0, 12),
        allocatable=st.integers(0, 12),
        is_ready=st.sampled_from([True, False, None]),
        is_unschedulable=st.booleans(),
        is_stale=st.booleans(),
    )
)
def test_no_card_is_lost_and_none_is_free_that_a_pod_could_not_get(seen: SeenNode) -> None:
    found = cards_on(seen, GPU)
    assert found.total == 8
    assert min(found.requested, found.free, found.unavailable, found.unknown) >= 0
    can_take_pods = seen.is_ready is True and not seen.is_unschedulable and not seen.is_stale
    assert found.free == 0 or can_take_pods


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(node(), 5, id="ready"),
        pytest.param(node(allocatable=6), 3, id="a card is unhealthy"),
        pytest.param(node(requested=9), 0, id="more asked for than there are"),
        pytest.param(node(is_unschedulable=True), 0, id="cordoned"),
        pytest.param(node(is_ready=False), 0, id="not ready"),
        pytest.param(node(is_ready=None), None, id="silent kubelet"),
        pytest.param(node(is_ready=None, is_unschedulable=True), None, id="silent and cordoned"),
        pytest.param(node(is_stale=True), None, id="old mirror"),
    ],
)
def test_a_node_has_free_what_it_would_give(seen: SeenNode, expected: int | None) -> None:
    assert free_on(seen, GPU) == expected
    assert cards_on(seen, GPU).free == (expected or 0)
    assert free_in([seen]) == {GPU: expected}


SILENT, FULL = node(is_ready=None), node(requested=9)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param([], {}, id="no node"),
        pytest.param([node(), node(requested=0)], {GPU: 13}, id="all known"),
        pytest.param([node(), FULL], {GPU: 5}, id="one too full takes nothing from the others"),
        pytest.param([SILENT, node()], {GPU: 5}, id="one not known adds nothing"),
        pytest.param([node(), SILENT], {GPU: 5}, id="nor does it afterwards"),
        pytest.param([SILENT, FULL], {GPU: 0}, id="nothing is free of what is known"),
        pytest.param([SILENT, SILENT], {GPU: None}, id="none known"),
    ],
)
def test_what_is_free_is_added_up_of_what_is_known(
    nodes: list[SeenNode], expected: dict[str, int | None]
) -> None:
    assert free_in(nodes) == expected


def test_cards_are_counted_by_model_and_by_what_kubernetes_hands_out() -> None:
    split = Resources({GPU: 2, MIG: 7, "cpu": 64_000})
    nodes = [
        SeenNode("A100", split, split, is_ready=True),
        SeenNode("A100", EIGHT, EIGHT, is_ready=True),
        SeenNode("", EIGHT, EIGHT, is_ready=True),
        SeenNode("T4", is_ready=True),
    ]
    assert count_cards(nodes) == {
        ("A100", GPU): Cards(free=10, nodes=2),
        ("A100", MIG): Cards(free=7, nodes=1),
        ("", GPU): Cards(free=8, nodes=1),
    }


@pytest.mark.django_db
def test_the_fleet_in_short_counts_live_pods_of_the_cluster_that_is_asked_for() -> None:
    east, west = factories.make_cluster("east"), factories.make_cluster("west", is_heard=False)
    here = factories.make_node(east, gpu_product="T4")
    factories.make_node(east, gpu_product="T4", is_unschedulable=True)
    there = factories.make_node(west, gpu_product="T4", name=here.name)
    service = factories.make_service()
    for cluster, phase in (
        (east, "Running"),
        (east, "Pending"),
        (east, "Failed"),
        (west, "Running"),
    ):
        requests = Resources({GPU: 2, "cpu": 1000})
        factories.make_pod(
            service, cluster=cluster, node_name=there.name, phase=phase, requests=requests
        )
    factories.make_pod(service, cluster=east, requests=Resources({GPU: 2}))
    caller = factories.signed_in(factories.make_user())
    of_east = {"total": 16, "requested": 4, "free": 4, "unavailable": 8, "unknown": 0, "nodes": 2}
    of_all = {**of_east, "total": 24, "unknown": 8, "nodes": 3}
    kind = {"gpu_product": "T4", "resource": GPU, "kind": "whole"}
    for query, gpus in {
        "": [{**kind, **of_all}],
        "?cluster=east": [{**kind, **of_east}],
        "?cluster=nowhere": [],
    }.items():
        response: Any = caller.get(f"/api/v1/fleet/summary{query}")
        assert response.json() == {"gpus": gpus}


def test_cards_of_every_maker_are_counted_and_their_amounts_are_not() -> None:
    names = ("amd.com/gpu", "huawei.com/Ascend310P-2c", "nvidia.com/gpu.shared")
    amounts = ("nvidia.com/gpumem", "huawei.com/Ascend910B-memory", "nvidia.com/hostdev")
    has = Resources(dict.fromkeys((*names, *amounts, "cpu"), 4))
    assert set(count_cards([SeenNode("", has, has, is_ready=True)])) == {("", n) for n in names}


@pytest.mark.django_db
def test_the_fleet_says_what_one_of_its_cards_is() -> None:
    cluster = factories.make_cluster()
    for product, resource in (("A10-SHARED", GPU), ("A100", MIG), ("A100-MIG-1g.5gb", GPU)):
        has = Resources({resource: 4, "nvidia.com/gpumem": 96_000})
        factories.make_node(cluster, gpu_product=product, capacity=has, allocatable=has)
    response: Any = factories.signed_in(factories.make_user()).get("/api/v1/fleet/summary")
    gpus = response.json()["gpus"]
    assert [(one["gpu_product"], one["kind"], one["total"]) for one in gpus] == [
        ("A10-SHARED", "share", 4),
        ("A100", "slice", 4),
        ("A100-MIG-1g.5gb", "slice", 4),
    ]
