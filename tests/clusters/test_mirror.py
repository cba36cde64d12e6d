"""What batches do to the mirror's rows, on PostgreSQL."""

import json
import queue
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters import informer, mirror
from clusters.informer import ClusterMirror, Informer, without_nul
from clusters.mirror import (
    ALL_MIRRORED,
    Batch,
    Failed,
    Gone,
    MirrorChange,
    Mirrored,
    ObjectPlace,
    Seen,
    Signs,
    Synced,
)
from clusters.models import Cluster, ClusterEvent, MirrorCursor, Node, Pod, Workload
from clusters.observed import number_in_label
from clusters.standing import NONE, cluster_problem
from core.messages import quoted
from core.resources import Resources
from core.supervision import FAULTS
from tests.factories import make_cluster

pytestmark = pytest.mark.django_db
KINDS: dict[str, Mirrored] = {what.kind.name: what for what in ALL_MIRRORED}
PLACE = ("n", "scorer")


@pytest.fixture
def cluster() -> Cluster:
    return make_cluster(is_heard=False)


def pod(uid: str, version: int = 1, **fields: Any) -> dict[str, Any]:
    defaults = {field.name: field.get_default() for field in Pod._meta.concrete_fields}
    identity = {"uid": uid, "name": uid, "resource_version": version, "created_at": timezone.now()}
    return {
        **defaults,
        **identity,
        "namespace": "n",
        "phase": "Running",
        "requests": Resources({"cpu": 100}),
        "place": PLACE,
        **fields,
    }


def node(name: str) -> dict[str, Any]:
    identity = {"uid": name, "name": name, "resource_version": 1, "created_at": timezone.now()}
    columns = {f.name: f.get_default() for f in Node._meta.concrete_fields if f.name != "requested"}
    return {**columns, **identity, "place": None}


def workload(uid: str, kind: str) -> dict[str, Any]:
    defaults = {field.name: field.get_default() for field in Workload._meta.concrete_fields}
    identity = {"uid": uid, "name": uid, "resource_version": 1, "created_at": timezone.now()}
    return {**defaults, **identity, "kind": kind, "namespace": "n"}


def event(uid: str) -> dict[str, Any]:
    defaults = {field.name: field.get_default() for field in ClusterEvent._meta.concrete_fields}
    now = timezone.now()
    identity = {"uid": uid, "name": uid, "resource_version": 1, "created_at": now}
    return {**defaults, **identity, "namespace": "n", "last_seen_at": now}


def seen(kind: str, row: dict[str, Any]) -> Seen:
    return Seen(KINDS[kind], row)


def gone(kind: str, row: dict[str, Any]) -> Gone:
    return Gone(KINDS[kind], row)


def synced(kind: str, version: str = "9", at: datetime | None = None) -> Synced:
    return Synced(KINDS[kind], version, at or timezone.now())


def listed(kind: str, *uids: str) -> Synced:
    return Synced(KINDS[kind], "9", timezone.now(), frozenset(uids))


def write(cluster: Cluster, *changes: MirrorChange) -> set[ObjectPlace]:
    return mirror.write(cluster, Batch.of(changes))


def test_what_the_database_cannot_take_is_left_out_alone(cluster):
    changes = [seen("Pod", pod("a")), seen("Pod", pod("b", node_name="\0")), synced("Pod")]
    assert ClusterMirror(cluster).write(changes) == {PLACE}
    assert pods() == {"a": 1}
    assert MirrorCursor.objects.get().resource_version == "9"


def requested() -> dict[str, dict[str, int]]:
    return {name: dict(amounts) for name, amounts in Node.objects.values_list("name", "requested")}


def test_what_is_requested_of_a_node_is_what_its_live_pods_request(cluster):
    write(cluster, seen("Pod", pod("a", node_name="n1")), seen("Pod", pod("b", node_name="n1")))
    write(cluster, seen("Node", node("n1")), seen("Node", node("n2")))
    assert requested() == {"n1": {"cpu": 200}, "n2": {}}
    write(cluster, seen("Pod", pod("b", 2, node_name="n1", phase="Succeeded")))
    assert requested() == {"n1": {"cpu": 100}, "n2": {}}
    write(cluster, seen("Pod", pod("c", node_name="n2", requests=Resources({"x/gpu": 2}))))
    assert requested() == {"n1": {"cpu": 100}, "n2": {"x/gpu": 2}}
    write(cluster, seen("Node", node("n1") | {"resource_version": 5}))
    assert requested() == {"n1": {"cpu": 100}, "n2": {"x/gpu": 2}}
    write(cluster, gone("Pod", pod("c", node_name="n2")))
    assert requested() == {"n1": {"cpu": 100}, "n2": {}}


def test_a_node_is_told_of_when_what_its_pods_request_changes(cluster, monkeypatch):
    told = []
    monkeypatch.setattr(mirror, "announce", lambda kind, *_, **__: told.append(kind))
    write(cluster, seen("Node", node("n1")))
    for change, times in (
        (seen("Pod", pod("a", node_name="n1")), 2),
        (seen("Pod", pod("a", 2, node_name="n1", reason="Restarted")), 2),
        (seen("Pod", pod("b")), 2),
        (gone("Pod", pod("a", node_name="n1")), 3),
    ):
        write(cluster, change)
        assert told == ["node"] * times, change


def test_what_a_list_has_is_added_up_once_at_its_end(cluster):
    write(cluster, seen("Node", node("n1")), seen("Pod", pod("a", node_name="n1")))
    listing = [from_list("Pod", pod(uid, 2, node_name="n1")) for uid in "ab"]
    with CaptureQueriesContext(connection) as queries:
        write(cluster, listing[0])
        write(cluster, listing[1])
    assert not [query for query in queries if "UPDATE clusters_node" in query["sql"]]
    assert requested() == {"n1": {"cpu": 100}}
    write(cluster, listed("Pod", "a", "b"))
    assert requested() == {"n1": {"cpu": 200}}


def test_a_batch_of_any_length_is_one_statement_of_a_table(cluster):
    with CaptureQueriesContext(connection) as one:
        write(cluster, seen("Pod", pod("a")))
    with CaptureQueriesContext(connection) as many:
        write(cluster, *(seen("Pod", pod(f"p-{number}")) for number in range(50)))
    assert len(many) == len(one)


def test_pods_that_a_list_does_not_have_request_nothing_any_more(cluster):
    pods = [seen("Pod", pod(uid, node_name="n1")) for uid in "abc"]
    write(cluster, seen("Node", node("n1")), *pods)
    write(cluster, listed("Pod", "b"))
    assert requested() == {"n1": {"cpu": 100}}
    write(cluster, listed("Pod"))
    assert requested() == {"n1": {}}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(rb'"a\u0000\u0000b"', "a\ufffd\ufffdb", id="NUL"),
        pytest.param(rb'"a\\u0000"', "a\\u0000", id="a backslash that was written"),
        pytest.param(rb'"a\\\u0000"', "a\\\ufffd", id="both"),
    ],
)
def test_nul_is_replaced_and_nothing_else(said, kept):
    assert json.loads(without_nul(said)) == kept


@pytest.mark.parametrize(
    ("label", "number"), [("12", 12), ("9999999999", None), ("x", None), (None, None)]
)
def test_a_number_in_a_label_fits_its_column(label, number):
    assert number_in_label(label) == number


def test_a_place_of_which_nobody_can_hear_keeps_no_other_from_being_told(cluster, monkeypatch):
    published: list[set[ObjectPlace] | None] = []

    def tell(_: Cluster, places: set[ObjectPlace] | None) -> None:
        if places and ("n", "odd") in places:
            raise ValueError("odd")
        published.append(places)

    monkeypatch.setattr(informer, "notify", tell)
    mirroring = ClusterMirror(cluster)
    mirroring.publish([("n", "a"), ("n", "odd"), ("n", "z")])
    assert set().union(*filter(None, published)) == {("n", "a"), ("n", "z")}
    (fault,) = FAULTS.take()
    assert (fault.loop, fault.cluster, fault.last_object) == ("publisher", cluster.name, "n/odd")
    mirroring.publish([None])
    assert published[-1] is None


def test_only_an_outage_is_tried_again(cluster, monkeypatch):
    mirroring = ClusterMirror(cluster)
    monkeypatch.setattr(mirroring.stop, "wait", lambda _: None)
    troubles = [OperationalError("away"), OperationalError("away")]

    def work() -> str:
        if troubles:
            raise troubles.pop()
        return "done"

    assert mirroring.until_done(work) == "done"
    troubles.append(IntegrityError("for ever"))  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        mirroring.until_done(work)


def test_one_cluster_that_cannot_be_started_keeps_no_other_from_being_mirrored(monkeypatch):
    for name in ("bad", "good"):
        make_cluster(name)
    started: list[str] = []

    def start(mirroring: ClusterMirror) -> None:
        if mirroring.cluster.name == "bad":
            raise RuntimeError("can't start new thread")
        started.append(mirroring.cluster.name)

    monkeypatch.setattr(ClusterMirror, "start", start)
    Informer("test").look_for_clusters()
    assert started == ["good"]
    assert [(fault.loop, fault.cluster) for fault in FAULTS.take()] == [("clusters", "bad")]


def test_who_has_lost_the_lease_writes_nothing_and_ends(cluster):
    Cluster.objects.update(informer="frozen")
    cluster.refresh_from_db()
    frozen = ClusterMirror(cluster)
    Cluster.objects.update(informer="other")
    assert frozen.write([seen("Pod", pod("a")), synced("Pod")]) == set()
    assert frozen.stop.is_set()
    assert not pods()
    assert not MirrorCursor.objects.exists()


def test_who_has_a_cluster_back_begins_anew(cluster, monkeypatch):
    """Another had it meanwhile: what waits to be written is of a time before that."""
    monkeypatch.setattr(ClusterMirror, "start", lambda mirroring: setattr(mirroring, "writers", []))
    ours = Informer("ours")
    ours.look_for_clusters()
    before = ours.mirrors[cluster.pk]
    ours.look_for_clusters()
    assert ours.mirrors[cluster.pk] is before
    long_ago = timezone.now() - timedelta(minutes=1)
    Cluster.objects.update(informer="other", informer_lease_until=long_ago)
    ours.look_for_clusters()
    assert before.stop.is_set()
    assert ours.mirrors[cluster.pk] is not before
    assert Cluster.objects.get().informer == "ours"


def test_a_mirror_that_ended_is_begun_anew(cluster, monkeypatch):
    monkeypatch.setattr(ClusterMirror, "start", lambda mirroring: setattr(mirroring, "writers", []))
    ours = Informer("ours")
    ours.look_for_clusters()
    ours.mirrors[cluster.pk].stop.set()
    ours.look_for_clusters()
    assert not ours.mirrors[cluster.pk].stop.is_set()


def pods() -> dict[str, int]:
    return dict(Pod.objects.values_list("uid", "resource_version"))


def test_the_last_word_on_an_object_wins(cluster):
    write(cluster, seen("Pod", pod("a")), seen("Pod", pod("a", 2)), seen("Pod", pod("b")))
    assert pods() == {"a": 2, "b": 1}
    write(cluster, seen("Pod", pod("a", 3)), gone("Pod", pod("a", 4)), gone("Pod", pod("b", 2)))
    assert pods() == {}
    write(cluster, gone("Pod", pod("a", 4)), seen("Pod", pod("a", 5)))
    assert pods() == {"a": 5}


def test_an_older_version_never_replaces_a_newer_one(cluster):
    write(cluster, seen("Pod", pod("a", 7, phase="Running")))
    write(cluster, seen("Pod", pod("a", 6, phase="Pending")))
    row = Pod.objects.get()
    assert (row.resource_version, row.phase) == (7, "Running")


def test_clusters_do_not_touch_each_others_rows(cluster):
    other = make_cluster()
    write(other, seen("Pod", pod("a")))
    write(cluster, seen("Pod", pod("a", 2)), gone("Pod", pod("b")))
    write(cluster, listed("Pod"))
    assert list(Pod.objects.values_list("cluster", "resource_version")) == [(other.pk, 1)]


def test_a_full_list_sweeps_what_is_not_in_it(cluster):
    deployment = workload("d", "Deployment") | {"name": "scorer", "goes_with": "scorer"}
    write(
        cluster,
        seen("Deployment", deployment),
        seen("ReplicaSet", workload("r", "ReplicaSet") | {"owner_uid": "d"}),
    )
    own = {"owner_uid": "r"}
    assert write(cluster, seen("Pod", pod("a", **own)), seen("Pod", pod("b", **own))) == {PLACE}
    assert write(cluster, listed("Pod", "a")) == {PLACE}
    assert pods() == {"a": 1}


def test_a_full_list_of_nothing_sweeps_everything(cluster):
    write(cluster, seen("Pod", pod("a")))
    write(cluster, listed("Pod"), synced("Pod"))
    assert pods() == {}


def test_what_is_made_right_after_a_full_list_stays(cluster):
    write(cluster, seen("Pod", pod("a")), listed("Pod", "a"), seen("Pod", pod("b")), synced("Pod"))
    assert pods() == {"a": 1, "b": 1}


def test_a_list_that_repeats_what_is_held_writes_and_tells_nothing(cluster, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(mirror, "announce", lambda kind, *_, **__: told.append(kind))
    rows = {
        "Pod": pod("a", node_name="n1", requests=Resources({"cpu": 250, "x/gpu": 1})),
        "Node": node("n1"),
        "Deployment": workload("d", "Deployment") | {"place": PLACE},
        "Event": event("e"),
    }

    def list_all() -> set[ObjectPlace]:
        signs = Signs(listed_at=timezone.now())
        ends = [replace(listed(kind, row["uid"]), signs=signs) for kind, row in rows.items()]
        return write(cluster, *(from_list(kind, row) for kind, row in rows.items()), *ends)

    def stored() -> list[tuple[Any, ...]]:
        """Return which transaction wrote or locked each row last."""
        tables = (model._meta.db_table for model in (Pod, Node, Workload, ClusterEvent))
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT uid, ctid::text, xmax::text FROM {t}" for t in tables)
            )
            return sorted(cursor.fetchall())

    assert list_all() == {PLACE}
    before, told[:] = stored(), []
    assert list_all() == set()
    assert (stored(), told) == (before, [])
    # As after another history, or where a column is new.
    rows["Pod"] = rows["Pod"] | {"phase": "Failed"}
    assert list_all() == {PLACE}
    assert Pod.objects.get().phase == "Failed"
    assert Node.objects.get().requested == {}


def test_what_is_listed_again_right_after_a_full_list_stays(cluster):
    first = replace(listed("Pod", "a"), signs=Signs(listed_at=timezone.now()))
    write(cluster, from_list("Pod", pod("a", created_at=cluster.created_at)), first)
    again = from_list("Pod", pod("a", created_at=cluster.created_at))
    write(cluster, listed("Pod"), again)
    assert pods() == {"a": 1}


def test_a_full_list_of_one_kind_leaves_the_other_in_its_table(cluster):
    write(
        cluster,
        seen("Deployment", workload("d", "Deployment")),
        seen("ReplicaSet", workload("r", "ReplicaSet")),
    )
    write(cluster, listed("Deployment"))
    assert list(Workload.objects.values_list("uid", flat=True)) == ["r"]


def test_events_outlive_the_clusters_memory_of_them(cluster):
    write(cluster, seen("Event", event("a")), seen("Event", event("b")))
    write(cluster, gone("Event", event("a")), listed("Event"))
    assert set(ClusterEvent.objects.values_list("uid", flat=True)) == {"a", "b"}


def test_only_places_whose_objects_changed_are_told_of(cluster):
    assert write(cluster, seen("Pod", pod("a", place=None)), synced("Pod")) == set()
    assert write(cluster, gone("Pod", pod("b"))) == {PLACE}


def test_a_mirror_has_no_age_until_every_kind_was_heard(cluster):
    now = timezone.now()
    *most, last = KINDS
    write(cluster, *(synced(kind, at=now) for kind in most))
    cluster.refresh_from_db()
    assert cluster.mirrored_at is None
    assert cluster.is_stale(now=now)

    silent = now - timedelta(seconds=61)
    write(cluster, synced(last, at=silent))
    cluster.refresh_from_db()
    assert cluster.mirrored_at == silent, "it is as old as its most silent kind"
    MirrorCursor.objects.create(cluster=cluster, kind="OfALaterVersion", heard_at=timezone.now())
    write(cluster, synced("Pod", at=silent))
    cluster.refresh_from_db()
    assert cluster.mirrored_at == silent, "and what this version does not read is nothing to it"
    assert cluster.is_stale(now=now)
    assert not cluster.is_stale(now=silent + timedelta(seconds=60))


def test_the_place_to_resume_from_is_kept_with_the_rows(cluster):
    write(cluster, seen("Pod", pod("a", 5)), synced("Pod", "5"), synced("Pod", "6"))
    assert MirrorCursor.objects.get().resource_version == "6"


def test_a_cluster_whose_credentials_do_not_open_stops_no_other():
    cluster = make_cluster()
    Cluster.objects.filter(pk=cluster.pk).update(credentials=b"nothing")
    informer = Informer("test")
    informer.look_for_clusters()
    assert informer.mirrors == {}


def from_list(kind: str, row: dict[str, Any]) -> Seen:
    return Seen(KINDS[kind], row, is_listed=True)


def test_rows_follow_a_full_list_to_older_versions_too(cluster):
    write(cluster, seen("Pod", pod("a", 7, phase="Running")), seen("Pod", pod("b", 8)))
    write(cluster, from_list("Pod", pod("a", 6, phase="Pending")), listed("Pod", "a"))
    row = Pod.objects.get()
    assert (row.uid, row.resource_version, row.phase) == ("a", 6, "Pending")
    write(cluster, seen("Pod", pod("a", 7)))
    assert pods() == {"a": 7}, "and go on from there"


def test_what_follows_a_list_in_one_batch_is_of_the_lists_history(cluster):
    write(cluster, seen("Pod", pod("a", 900, phase="Running")))
    write(
        cluster,
        from_list("Pod", pod("a", 480, phase="Pending")),
        seen("Pod", pod("a", 505, phase="Failed")),
        listed("Pod", "a"),
    )
    row = Pod.objects.get()
    assert (row.resource_version, row.phase) == (505, "Failed")


def test_a_history_that_went_back_is_remembered(cluster):
    write(cluster, replace(listed("Pod"), went_back=True), synced("Pod", "10"), listed("Pod"))
    cluster.refresh_from_db()
    assert cluster.restored_at is not None
    assert cluster_problem(cluster, now=timezone.now())[0] == "NotMirrored", (
        "of other kinds nothing is known"
    )
    write(cluster, *(synced(kind) for kind in KINDS))
    cluster.refresh_from_db()
    cluster.is_reachable, cluster.version = True, "v1.36.3"
    reason, message = cluster_problem(cluster, now=timezone.now())
    assert reason == "ClusterRestored"
    assert "restore from a backup" in str(message)
    assert cluster_problem(cluster, now=timezone.now() + timedelta(seconds=61))[0] == "Stale"
    cluster.mirrored_at = timezone.now() + timedelta(days=2)
    assert cluster_problem(cluster, now=cluster.mirrored_at) == NONE, "news grow old"


def test_what_keeps_a_kind_from_being_read_is_kept_until_it_is_heard_of(cluster):
    forbidden = Failed(KINDS["Node"], "ClusterForbidden", quoted("nodes is forbidden"))
    write(cluster, *(synced(kind) for kind in KINDS if kind != "Node"), forbidden)
    cursor = MirrorCursor.objects.get(kind="Node")
    assert (cursor.heard_at, cursor.reason, str(cursor.message)) == (
        None,
        "ClusterForbidden",
        "nodes is forbidden",
    )
    cluster = Cluster.objects.get()
    assert cluster.mirrored_at is None, "no mirror is whole without one of its kinds"
    cluster.is_reachable, cluster.version = True, "v1.36.3"
    reason, message = cluster_problem(cluster, now=timezone.now())
    assert reason == "ClusterForbidden"
    assert str(message) == "These kinds cannot be read: Node. nodes is forbidden"
    write(cluster, forbidden, synced("Node"))
    cursor.refresh_from_db()
    assert (cursor.reason, str(cursor.message)) == ("", "")
    assert Cluster.objects.get().mirrored_at is not None
    write(cluster, synced("Node"), forbidden)
    cursor.refresh_from_db()
    assert (cursor.resource_version, str(cursor.message)) == ("9", "nodes is forbidden")


def test_the_signs_of_life_of_each_kind_are_kept(cluster):
    now = timezone.now()
    signs = Signs(event_at=now, bookmark_at=now - timedelta(1), listed_at=now - timedelta(2))
    write(cluster, replace(synced("Pod"), signs=signs))
    cursor = MirrorCursor.objects.get()
    assert Signs(cursor.event_at, cursor.bookmark_at, cursor.listed_at) == signs


@pytest.mark.parametrize("reachable", [True, None])
def test_a_cluster_of_which_nothing_is_mirrored_has_a_reason(cluster, reachable):
    cluster.is_reachable, cluster.version = reachable, "v1.36.3"
    reason, message = cluster_problem(cluster, now=timezone.now())
    assert reason
    assert message


def test_a_cluster_that_is_known_twice_is_mirrored_once(cluster):
    other = make_cluster()
    Cluster.objects.filter(pk=other.pk).update(duplicate_of=cluster)
    informer = Informer("test")
    informer.take_free_leases()
    assert list(informer.leased()) == [cluster]
    Cluster.objects.filter(pk=cluster.pk).delete()
    informer.take_free_leases()
    assert list(informer.leased()) == [other]


def test_a_mirror_ends_when_its_cluster_is_another(cluster):
    mirror = ClusterMirror(cluster)
    cluster.uid = "first"
    assert mirror.is_of(cluster), "its first uid is no change"
    cluster.uid = "second"
    assert not mirror.is_of(cluster)


def test_words_of_silent_kinds_share_a_write_and_objects_do_not_wait(cluster, monkeypatch):
    mirroring, batches = ClusterMirror(cluster), queue.Queue[list[MirrorChange]]()
    monkeypatch.setattr(mirroring, "write", batches.put)
    words: list[MirrorChange] = [
        Synced(KINDS[kind], "7", timezone.now()) for kind in ("Pod", "Node")
    ]
    writer = mirroring.spawn("writer", mirroring.write_batches)
    mirroring.changes.put(words[0])
    time.sleep(0.2)
    mirroring.changes.put(words[1])
    with pytest.raises(queue.Empty):
        batches.get(timeout=0.2)
    assert batches.get(timeout=10) == words
    event = Seen(KINDS["Pod"], pod("a"))
    mirroring.changes.put(words[0])
    mirroring.changes.put(event)
    assert event in batches.get(timeout=2)
    mirroring.stop.set()
    writer.join(10)
