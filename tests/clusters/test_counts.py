"""Pods that are counted as they are written, beside the pods themselves."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from clusters import mirror
from clusters.load import requested_by_namespace
from clusters.mirror import MirrorChange
from clusters.models import Cluster, Pod, PodCount
from core.resources import NOTHING, Resources, of_one_pod, total
from tests import factories
from tests.clusters.test_mirror import gone, listed, pod, seen, write

pytestmark = pytest.mark.django_db
SHAPES = (Resources({"cpu": 100}), Resources({"cpu": 100, "nvidia.com/gpu": 1}), NOTHING)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_the_pods_whatever_is_written(seed: int) -> None:
    chance, cluster = random.Random(seed), factories.make_cluster(is_heard=False)
    other = factories.make_pod(phase="Running")
    for version in range(1, 40):
        write(cluster, *(any_change(chance, version) for _ in range(chance.randint(1, 8))))
        if version % 8 == 0:
            write(cluster, *full_list(chance, cluster, version))
        if version % 10 == 0:
            Pod.objects.filter(cluster=cluster, uid__in=some_uids(chance)).update(phase="Failed")
        assert counted() == plain()
        places = [(cluster.pk, namespace) for namespace in ("n", "m")]
        for place, requested in requested_by_namespace(places).items():
            assert requested == held(*place)
    left = {(other.cluster_id, other.namespace, other.owner_uid)}
    mirror.forget(cluster)
    assert set(counted()) == left
    write(cluster, seen("Pod", any_pod(chance, "p1", 1) | {"phase": "Running"}))
    assert set(counted()) > left
    cluster.delete()
    assert set(counted()) == left


def any_change(chance: random.Random, version: int) -> MirrorChange:
    """Return a pod that came, changed in any way, is reported late, or went."""
    row = any_pod(chance, chance.choice(some_uids(chance)), version - chance.randint(0, 2))
    return gone("Pod", row) if chance.random() < 0.25 else seen("Pod", row)


def full_list(chance: random.Random, cluster: Cluster, version: int) -> list[MirrorChange]:
    """Return a list of some of the pods, as if the others had gone unseen."""
    uids = some_uids(chance)
    rows = [any_pod(chance, uid, version) for uid in uids]
    return [*(replace(seen("Pod", row), is_listed=True) for row in rows), listed("Pod", *uids)]


def some_uids(chance: random.Random) -> list[str]:
    return chance.sample([f"p{n}" for n in range(20)], 6)


def any_pod(chance: random.Random, uid: str, version: int) -> dict[str, Any]:
    return pod(
        uid,
        version,
        namespace="n" if uid < "p5" else "m",
        owner_uid=chance.choice(["", "a", "b"]),
        node_name=chance.choice(["", "one", "other"]),
        phase=chance.choice(["Pending", "Running", "Unknown", "Succeeded", "Failed"]),
        requests=chance.choice(SHAPES),
    )


def counted() -> dict[tuple[int, str, str], dict[Resources, int]]:
    """Return what is kept: how many pods of an owner request what."""
    found: dict[Any, dict[Resources, int]] = {}
    for row in PodCount.objects.all():
        shapes = found.setdefault((row.cluster_id, row.namespace, row.owner_uid), {})
        assert row.requests not in shapes
        shapes[row.requests] = row.pods
    return found


def plain() -> dict[tuple[int, str, str], dict[Resources, int]]:
    """Return the same, counted now."""
    found: dict[Any, Counter[Resources]] = {}
    for row in Pod.objects.live():
        place = row.cluster_id, row.namespace, row.owner_uid
        found.setdefault(place, Counter())[row.requests] += 1
    return {place: dict(shapes) for place, shapes in found.items()}


def held(cluster_id: int, namespace: str) -> Resources:
    """Return what the live pods of a namespace request, and how many they are."""
    live = Pod.objects.live().filter(cluster=cluster_id, namespace=namespace)
    return total(of_one_pod(pod.requests) for pod in live)
