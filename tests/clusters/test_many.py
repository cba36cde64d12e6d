"""As many objects of one kind as a statement has no parameters for."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from clusters.load import keep_requested
from clusters.mirror import ALL_MIRRORED, Batch, Seen, Synced, left_places, write
from clusters.models import Cluster, Companion, Node, Pod
from clusters.ownership import Said, said_about
from serving.diagnosis.judging import refresh_services
from serving.models import ModelService
from tests.factories import make_cluster

pytestmark = pytest.mark.django_db
MANY = 80_000
NEW = {"resource_version": 1, "created_at": timezone.now()}
KINDS = {what.kind.name: what for what in ALL_MIRRORED}


@pytest.fixture
def cluster() -> Cluster:
    return make_cluster(is_heard=False)


def fill(cluster: Cluster, count: int) -> None:
    """Make pods by the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO clusters_pod (cluster_id, uid, name, namespace, resource_version,
                created_at, node_name, phase, is_ready, is_terminating, finalizers, requests,
                owner_uid, selected_by, image, containers, conditions, unmet_gates, reason,
                message, ip)
            SELECT %s, 'u' || n, 'p' || n, 'n', n, now(), '', 'Running', false, false, '[]', '{}',
                '', 's' || n, '', '[]', '[]', '[]', '', '', ''
            FROM generate_series(1, %s) n
            """,
            [cluster.pk, count],
        )


def test_a_list_of_very_many_sweeps_what_is_not_in_it(cluster: Cluster) -> None:
    fill(cluster, MANY)
    began = time.monotonic()
    complete = frozenset(f"u{n}" for n in range(2, MANY + 1))
    lost = write(cluster, Batch.of([Synced(KINDS["Pod"], "9", timezone.now(), complete)]))
    assert Pod.objects.count() == MANY - 1
    assert lost == {("n", "s1")}
    assert time.monotonic() - began < 10


def test_very_many_pods_are_added_up_on_very_many_nodes(cluster: Cluster) -> None:
    """All PostgreSQL knows is another cluster, so it would read all pods for each node."""
    fill(make_cluster(), 1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clusters_pod")
    fill(cluster, MANY)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clusters_pod SET node_name = 'n' || id % 1000, requests = '{\"cpu\": 1}'"
        )
    nodes = [Node(cluster=cluster, uid=f"n{n}", name=f"n{n}", **NEW) for n in range(1000)]
    Node.objects.bulk_create(nodes)
    began = time.monotonic()
    assert keep_requested(cluster.pk, {node.name for node in nodes})
    assert time.monotonic() - began < 10
    assert {node.requested["cpu"] for node in Node.objects.all()} == {MANY / 1000}


def test_very_many_unready_pods_are_asked_about(cluster: Cluster) -> None:
    fill(cluster, MANY)
    said = said_about(Pod.objects.only("pk", "is_ready"))
    assert len(said) == MANY
    assert set(said.values()) == {Said()}


def test_very_many_places_find_their_services_and_very_many_services_are_judged(
    cluster: Cluster,
) -> None:
    places = {("n", f"s{n}") for n in range(MANY)} | {("n", str(uuid4()))}
    assert not ModelService.objects.at(places).exists()
    refresh_services({uuid4() for _ in range(MANY)})


def test_very_many_companions_leave_their_places(cluster: Cluster) -> None:
    now = timezone.now()
    Companion.objects.create(
        cluster=cluster,
        uid="u1",
        name="a",
        resource_version=1,
        created_at=now - timedelta(days=1),
        kind="Service",
        namespace="n",
        goes_with="was",
        content="{}",
    )
    row: dict[str, Any] = {"place": ("n", "is")}
    seen = [Seen(KINDS["Service"], {**row, "uid": f"u{n}"}) for n in range(MANY)]
    assert left_places(cluster, Batch.of(seen)) == {("n", "was")}


def test_a_value_that_is_longer_than_its_column_is_nobodys(cluster: Cluster) -> None:
    fill(cluster, 1)
    Pod.objects.update(uid="u" * 63)
    assert not Pod.objects.filter(uid__among=["u" * 64]).exists()
    assert not Pod.objects.filter(uid__among=[]).exists()
    assert Pod.objects.filter(uid__among=["u" * 63]).exists()
