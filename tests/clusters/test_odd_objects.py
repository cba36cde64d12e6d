"""Objects as nobody would make them: each costs itself or a list, and the mirror goes on."""

import copy
import json
import queue
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters import informer
from clusters.credentials import encrypt_access
from clusters.errors import ClusterError
from clusters.informer import ClusterMirror, Reader, decoded_leniently, envelope_decoder
from clusters.kubeconfig import ClusterAccess
from clusters.mirror import ALL_MIRRORED, Seen
from clusters.models import Cluster, ClusterEvent, MirrorCursor
from clusters.observed import readable
from core import supervision
from core.supervision import FAULTS
from core.waiting import wait_until
from tests.contract.played_api import bookmark, page, played
from tests.factories import make_cluster

KINDS = {what.kind.name: what for what in ALL_MIRRORED}
TIME = "2026-11-29T05:00:00Z"
METADATA = {
    "name": "odd",
    "namespace": "n",
    "uid": "odd",
    "resourceVersion": "7",
    "creationTimestamp": TIME,
    "generation": 1,
    "labels": {"a": "b"},
    "annotations": {"a": "b"},
    "ownerReferences": [{"uid": "o", "kind": "ReplicaSet", "name": "r-1", "controller": True}],
    "deletionTimestamp": TIME,
    "finalizers": ["f"],
}
CONDITION = {
    "type": "Ready",
    "status": "True",
    "reason": "r",
    "message": "m",
    "lastTransitionTime": TIME,
}
STATE = {"terminated": {"reason": "r", "message": "m", "exitCode": 1, "startedAt": TIME}}
STATUS = {
    "name": "c",
    "image": "i",
    "imageID": "i",
    "ready": True,
    "restartCount": 1,
    "state": {"running": {"startedAt": TIME}},
    "lastState": STATE,
}
CONTAINER = {
    "name": "c",
    "image": "i",
    "resources": {"requests": {"cpu": "1", "nvidia.com/gpu": "1"}},
    "restartPolicy": "Always",
}
POD = {
    "metadata": METADATA,
    "spec": {
        "containers": [CONTAINER],
        "initContainers": [CONTAINER],
        "readinessGates": [{"conditionType": "g"}],
        "nodeName": "n",
        "overhead": {"cpu": "1"},
        "resources": {"requests": {"cpu": "4"}},
    },
    "status": {
        "phase": "Running",
        "conditions": [CONDITION],
        "containerStatuses": [STATUS],
        "initContainerStatuses": [STATUS],
        "ephemeralContainerStatuses": [STATUS],
        "reason": "r",
        "message": "m",
        "podIP": "10.0.0.1",
    },
}
NODE = {
    "metadata": METADATA,
    "spec": {"unschedulable": False, "taints": [{"key": "k", "effect": "e", "value": "v"}]},
    "status": {
        "capacity": {"cpu": "1"},
        "allocatable": {"memory": "1Gi"},
        "conditions": [CONDITION],
        "nodeInfo": {"kubeletVersion": "v1"},
    },
}
WORKLOAD = {
    "metadata": METADATA,
    "spec": {"replicas": 1, "paused": False, "template": {"metadata": {"labels": {"a": "b"}}}},
    "status": {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "conditions": [CONDITION],
    },
}
COMPANION = {
    "metadata": METADATA,
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "ports": [{"port": 80}]},
}
EVENT = {
    "metadata": METADATA,
    "involvedObject": {"kind": "Pod", "name": "p", "uid": "u"},
    "type": "Warning",
    "reason": "r",
    "message": "m",
    "count": 1,
    "firstTimestamp": TIME,
    "lastTimestamp": TIME,
    "eventTime": TIME,
    "series": {"count": 2, "lastObservedTime": TIME},
}
WHOLE: dict[str, dict[str, Any]] = {
    "Node": NODE,
    "Pod": POD,
    "Event": EVENT,
    "ReplicaSet": WORKLOAD,
    "Deployment": WORKLOAD,
}
ODD = (
    *(None, True, -1, 0, 1.5, 2**31, 2**63, -(2**63), 10**40, 1e300),
    *("", "x" * 5_000, "9" * 5_000, "\0", "\ud800", "0001-01-01T00:00:00Z", "2026-11-29T05:00:00"),
    *("-1", "1e400", "1E", "9" * 30, "NaN", "9999-12-31T23:59:59.999999999Z", "\u0660"),
    *([], {}, [None], [[]], {"": None}, {"a": {"b": ["c"]}}, [{}], [1, "a", {}]),
)
odd_values = st.sampled_from(ODD) | st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def paths(value: Any, *before: Any) -> list[tuple[Any, ...]]:
    """Return the path of everything within a value."""
    inner: Any = enumerate(value) if isinstance(value, list) else ()
    inner = value.items() if isinstance(value, dict) else inner
    found = [path for step, one in inner for path in paths(one, *before, step)]
    return [before, *found] if before else found


@st.composite
def odd_objects(draw: Any, kind: str) -> dict[str, Any]:
    """Draw an object of which some parts are what nobody expects there."""
    document = copy.deepcopy(WHOLE.get(kind, COMPANION))
    for path in draw(st.lists(st.sampled_from(paths(document)), min_size=1, max_size=3)):
        holder: Any = document
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = draw(odd_values)
        except (TypeError, KeyError, IndexError):
            # A part of it is odd already.
            continue
    return document


def reader(kind: str, client: Any = None) -> Reader:
    return Reader(client, KINDS[kind], queue.Queue(), "5", cluster="east")


def line(document: Any) -> bytes:
    return json.dumps({"type": "MODIFIED", "object": document}).encode()


def good(kind: str, uid: str = "good") -> dict[str, Any]:
    document = copy.deepcopy(WHOLE.get(kind, COMPANION))
    document["metadata"] |= {"uid": uid, "name": uid}
    return document


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*WHOLE, "HorizontalPodAutoscaler", "Namespace"])
def test_whatever_an_object_is_the_one_beside_it_is_mirrored(kind: str) -> None:
    cluster = make_cluster(is_heard=False)
    mirroring, rows = ClusterMirror(cluster), KINDS[kind].model._default_manager

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(odd_objects(kind))
    def mirrors(document: dict[str, Any]) -> None:
        rows.all().delete()
        follower = reader(kind)
        changes = []
        for one in (document, good(kind)):
            changes += list(follower.changes_in(line(one)))
        mirroring.write(changes)
        assert rows.filter(uid="good").exists()
        assert MirrorCursor.objects.get(kind=kind).heard_at is not None

    mirrors()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Event", ("series", "count"), -1),
        ("Event", ("series", "count"), 2**31),
        ("Event", ("involvedObject", "name"), "x" * 300),
        ("Event", ("metadata", "creationTimestamp"), None),
        ("Pod", ("metadata", "resourceVersion"), str(2**63)),
        ("Pod", ("metadata", "resourceVersion"), "9" * 5_000),
        ("Pod", ("metadata", "uid"), "u" * 64),
        ("Deployment", ("status", "replicas"), -1),
        ("Node", ("status", "nodeInfo", "kubeletVersion"), "v" * 64),
        ("Service", ("metadata", "labels"), 5),
    ],
)
def test_what_is_left_out_is_counted_with_its_cluster_and_named(
    kind: str, path: tuple[str, ...], value: Any
) -> None:
    document = good(kind, "odd")
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    cluster = make_cluster("east", is_heard=False)
    follower = reader(kind)
    changes = [*follower.changes_in(line(document)), *follower.changes_in(line(good(kind)))]
    ClusterMirror(cluster).write(changes)
    assert [row.uid for row in KINDS[kind].model._default_manager.all()] == ["good"]
    (fault,) = FAULTS.take()
    assert (fault.cluster, fault.count) == ("east", 1)
    assert fault.last_object in (f"{kind} n/odd", "Node odd")


def test_a_node_that_says_the_same_again_is_heard_and_not_written_again() -> None:
    follower = reader("Node")

    def kinds(version: str, **status: Any) -> list[str]:
        document = good("Node")
        document["metadata"]["resourceVersion"] = version
        document["status"] = {**document["status"], **status}
        return [type(change).__name__ for change in follower.changes_in(line(document))]

    assert kinds("6") == ["Seen", "Synced"]
    assert kinds("7") == ["Synced"]
    assert follower.resource_version == "7"
    assert kinds("8", capacity={"cpu": "3"}) == ["Seen", "Synced"]
    assert kinds("9") == ["Seen", "Synced"]
    gone = line(good("Node")).replace(b"MODIFIED", b"DELETED")
    assert [type(change).__name__ for change in follower.changes_in(gone)] == ["Gone", "Synced"]
    assert kinds("11") == ["Seen", "Synced"]


def test_half_a_character_is_replaced_and_whole_ones_stay() -> None:
    text = rb'["\ud800", "\ud83d\ude00", "\\ud800", "\udc00x\n"]'
    assert json.loads(readable(text)) == ["\ufffd", "\U0001f600", "\\ud800", "\ufffdx\n"]


def test_an_object_of_two_megabytes_is_read() -> None:
    document = good("Deployment")
    document["metadata"]["annotations"] = {"large": "x" * 2_000_000}
    changes = list(reader("Deployment").changes_in(line(document)))
    assert isinstance(changes[0], Seen)


def test_what_nests_too_deep_is_cut_and_nothing_else_of_it() -> None:
    deep = b"[" * 10_000 + b'"]"' + b"]" * 10_000
    text = b'{"a": [1, "\\"[", {"b": %b}], "c": %b, "d": [[2]]}' % (deep, deep)
    cut = json.loads(readable(text))
    assert (cut["a"][:2], cut["d"]) == ([1, '"['], [[2]])
    assert json.loads(readable(b'{"a": [1, {"b": []}]}')) == {"a": [1, {"b": []}]}
    nested = line(good("Event")).replace(b'"count": 1', b'"count": 1, "odd": ' + deep)
    assert decoded_leniently(envelope_decoder, nested).type == "MODIFIED"
    assert [type(change).__name__ for change in reader("Event").changes_in(nested)] == [
        "Seen",
        "Synced",
    ]


@pytest.mark.parametrize(
    "odd",
    [b"no JSON", b"{}", b"[]", b'{"type": 5, "object": {}}', b"\xff", b"[" * 100_000]
    + [json.dumps({"type": "BOOKMARK", "object": one}).encode() for one in ODD if one != {}]
    + [json.dumps({"type": "ERROR", "object": {"code": one}}).encode() for one in ODD],
    ids=lambda odd: odd[:40],
)
def test_a_line_that_means_nothing_costs_a_list(odd: bytes) -> None:
    with played(lambda *_: (200, [odd])) as api:
        follower = reader("Pod", api.client)
        follower.signs, follower.heard_at = informer.Signs(listed_at=timezone.now()), timezone.now()
        with pytest.raises(ClusterError):
            follower.watch_or_expire(threading.Event())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "odd",
    [
        line({**EVENT, "series": None, "count": -1}),
        line({**EVENT, "metadata": {**METADATA, "creationTimestamp": None}}),
        line({**EVENT, "metadata": {**METADATA, "resourceVersion": str(2**70)}}),
        line({**EVENT, "reason": 5}),
        b"no JSON",
    ],
    ids=["less than nothing", "of no age", "of another world", "of another type", "no JSON"],
)
def test_the_mirror_of_a_cluster_goes_on(monkeypatch: pytest.MonkeyPatch, odd: bytes) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    told: list[str] = []

    def answer(path: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        if not path.endswith("/events"):
            return 200, [bookmark(9) if "watch" in query else page(version=9)]
        if "watch" not in query:
            return 200, [page({"metadata": {"name": 5}}, good("Event", "before"), version=9)]
        told.append(query["resourceVersion"])
        return 200, [odd if len(told) == 1 else line(good("Event", "after"))]

    with played(answer) as api:
        access = ClusterAccess(server=f"http://127.0.0.1:{api.port}", token="t")
        cluster = make_cluster(is_heard=False)
        Cluster.objects.update(credentials=encrypt_access(access, cluster=cluster.name))
        mirroring = ClusterMirror(Cluster.objects.get())
        mirroring.start()
        try:
            assert wait_until(
                lambda: ClusterEvent.objects.filter(uid="after").exists() or None,
                timeout_seconds=20,
            )
        finally:
            mirroring.end()
    connection.close()
    assert {uid for (uid,) in ClusterEvent.objects.values_list("uid")} == {"before", "after"}
    faults = FAULTS.take()
    assert {fault.cluster for fault in faults} == {cluster.name}
    assert sum(fault.count for fault in faults) >= 1
