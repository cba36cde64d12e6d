"""Who mirrors which cluster, on PostgreSQL and with real threads."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from clusters import informer
from clusters.errors import ClusterForbidden
from clusters.informer import HUNG_AFTER_SECONDS, ClusterMirror, Informer
from clusters.mirror import ALL_MIRRORED, Synced
from clusters.models import Cluster, Heartbeat, MirrorCursor
from core.waiting import wait_until
from tests.factories import make_cluster

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mirrors read and write nothing."""
    monkeypatch.setattr(ClusterMirror, "start", lambda mirror: setattr(mirror, "writers", []))


@pytest.fixture
def mirrors() -> Iterator[list[ClusterMirror]]:
    started: list[ClusterMirror] = []
    yield started
    for mirror in started:
        mirror.stop.set()
    for mirror in started:
        mirror.end()


def holders() -> list[str]:
    return sorted(Cluster.objects.values_list("informer", flat=True))


def live(*names: str) -> None:
    for name in names:
        Heartbeat.objects.create(part="informer", instance=name, at=timezone.now())


def test_more_clusters_are_mirrored_than_there_are_connections(mirrors):
    for _ in range(CONNECTIONS + 2):
        mirror = ClusterMirror(make_cluster(is_heard=False))
        mirror.writers = [
            mirror.spawn("writer", mirror.write_batches),
            mirror.spawn("publisher", mirror.publish_places),
        ]
        mirrors.append(mirror)
    for mirror in mirrors:
        mirror.changes.put(Synced(ALL_MIRRORED[0], "9", timezone.now()))
    everything = len(mirrors)
    assert wait_until(
        lambda: MirrorCursor.objects.count() == everything or None, timeout_seconds=30
    )


@pytest.mark.usefixtures("idle")
def test_clusters_are_shared_by_informers_that_live():
    for _ in range(4):
        make_cluster()
    live("one", "two")
    for name in ("one", "two"):
        Informer(name).take_free_leases()
    assert holders() == ["", "one", "one", "two"]
    Informer("two").take_free_leases()
    assert holders() == ["one", "one", "two", "two"]


@pytest.mark.usefixtures("idle")
def test_of_who_is_alone_is_every_cluster():
    for _ in range(4):
        make_cluster()
    live("one")
    Heartbeat.objects.create(
        part="informer", instance="killed", at=timezone.now() - timedelta(minutes=1)
    )
    Informer("one").look_for_clusters()
    assert holders() == ["one"] * 4


def test_who_cannot_mirror_a_cluster_leaves_it_to_others(monkeypatch):
    """Such as one that was started with another encryption key."""
    make_cluster()
    bad, good = Informer("bad"), Informer("good")

    def fail(mirror: ClusterMirror) -> None:
        raise ClusterForbidden("it cannot be decrypted")

    monkeypatch.setattr(ClusterMirror, "start", fail)
    bad.look_for_clusters()
    assert holders() == [""]
    bad.look_for_clusters()
    assert list(bad.failed), "it is left alone for a while"
    monkeypatch.setattr(ClusterMirror, "start", lambda mirror: setattr(mirror, "writers", []))
    good.look_for_clusters()
    assert holders() == ["good"]
    monkeypatch.setattr(informer, "LEFT_ALONE_SECONDS", 0.0)
    good.end(dict(good.mirrors))
    good.give_back([Cluster.objects.get().pk])
    bad.look_for_clusters()
    assert holders() == ["bad"], "and tried again"


@pytest.mark.usefixtures("idle")
def test_a_mirror_whose_writer_hangs_is_begun_anew():
    cluster = make_cluster()
    ours = Informer("ours")
    ours.look_for_clusters()
    hung = ours.mirrors[cluster.pk]
    hung.alive_at -= HUNG_AFTER_SECONDS
    ours.look_for_clusters()
    assert hung.stop.is_set()
    assert ours.mirrors[cluster.pk] is not hung


@pytest.mark.usefixtures("idle")
def test_what_is_being_written_neither_keeps_other_leases_nor_is_taken():
    written, other = make_cluster(), make_cluster()
    ours, theirs = Informer("ours"), Informer("theirs")
    ours.look_for_clusters()
    ended = timezone.now() - timedelta(seconds=1)
    Cluster.objects.update(informer_lease_until=ended)

    def look() -> None:
        ours.look_for_clusters()
        theirs.look_for_clusters()
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        Cluster.objects.filter(pk=written.pk).update(display_name="x")
        elsewhere.submit(look).result(timeout=10)
    assert holders() == ["ours", "ours"]
    assert Cluster.objects.get(pk=other.pk).informer_lease_until > timezone.now()
