"""What we read of Kubernetes objects, by table."""

import json
from typing import Any

import pytest

from clusters import models, observed
from clusters.observed import Decoder, PodObject
from clusters.rows import pod_requests, pod_row
from core.resources import Resources

decoder = Decoder(PodObject)
METADATA = {
    "name": "scorer-1",
    "namespace": "fraud",
    "uid": "u",
    "resourceVersion": "7",
    "creationTimestamp": "2026-11-29T05:00:00Z",
}


def row_of(**halves: Any) -> dict[str, Any]:
    """Read a pod as the informer does."""
    metadata = METADATA | halves.pop("metadata", {})
    return pod_row(decoder.decode(json.dumps({"metadata": metadata, **halves}).encode()))


def wants(cpu: str, **fields: Any) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": {"cpu": cpu}}, **fields}


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        pytest.param({"containers": [wants("1"), wants("2")]}, "3", id="containers add up"),
        pytest.param({"containers": [{"name": "c"}]}, "0", id="none stated"),
        pytest.param(
            {"containers": [wants("1")], "initContainers": [wants("5"), wants("2")]},
            "5",
            id="init containers run alone, one after the other",
        ),
        pytest.param(
            {"containers": [wants("4")], "initContainers": [wants("2")]},
            "4",
            id="a small init container counts nothing",
        ),
        pytest.param(
            {"containers": [wants("1")], "initContainers": [wants("2", restartPolicy="Always")]},
            "3",
            id="a sidecar runs beside the containers",
        ),
        pytest.param(
            {
                "containers": [wants("1")],
                "initContainers": [wants("2", restartPolicy="Always"), wants("5")],
            },
            "7",
            id="an init container runs beside the sidecars before it",
        ),
        pytest.param(
            {
                "containers": [wants("1")],
                "initContainers": [wants("5"), wants("2", restartPolicy="Always")],
            },
            "5",
            id="and not beside those after it",
        ),
        pytest.param(
            {"containers": [wants("1")], "resources": {"requests": {"cpu": "4"}}},
            "4",
            id="stated for the pod as a whole",
        ),
        pytest.param(
            {"containers": [wants("1")], "overhead": {"cpu": "250m"}}, "1250m", id="overhead"
        ),
        pytest.param(
            {"containers": [wants("1")], "initContainers": [wants("5")], "overhead": {"cpu": "1"}},
            "6",
            id="overhead on top of the peak",
        ),
        pytest.param(
            {"containers": [wants("1")], "ephemeralContainers": [wants("9")]},
            "1",
            id="guests ask for nothing",
        ),
    ],
)
def test_requests_are_what_the_scheduler_counts(spec, cpu):
    read = decoder.decode(json.dumps({"metadata": METADATA, "spec": spec}).encode())
    assert pod_requests(read.spec).get("cpu", 0) == Resources.parse({"cpu": cpu}).get("cpu", 0)


GPU = "nvidia.com/gpu"


def asks(**fields: Any) -> dict[str, Any]:
    """Return a container that requests some amounts, with other fields."""
    return {"name": "c", "resources": {"requests": fields.pop("requests")}, **fields}


def read_requests(spec: dict[str, Any]) -> Resources:
    return pod_requests(
        decoder.decode(json.dumps({"metadata": METADATA, "spec": spec}).encode()).spec
    )


@pytest.mark.parametrize(
    ("spec", "requests"),
    [
        pytest.param(
            {
                "containers": [asks(requests={"cpu": "1", GPU: "1"})],
                "initContainers": [asks(requests={"cpu": "500m", "memory": "1Gi"})],
            },
            {"cpu": "1", "memory": "1Gi", GPU: "1"},
            id="each resource has its own peak",
        ),
        pytest.param(
            {
                "containers": [asks(requests={"cpu": "1"})],
                "initContainers": [
                    asks(requests={"cpu": "1"}, restartPolicy="Always"),
                    asks(requests={"cpu": "4"}),
                    asks(requests={"cpu": "2"}, restartPolicy="Always"),
                ],
            },
            {"cpu": "5"},
            id="an init container between two sidecars",
        ),
        pytest.param(
            {
                "containers": [asks(requests={"cpu": "2"})],
                "initContainers": [asks(requests={"cpu": "2"}, restartPolicy="Never")],
            },
            {"cpu": "2"},
            id="what ends is no sidecar",
        ),
        pytest.param(
            {
                "containers": [asks(requests={"cpu": "1", "memory": "1Gi", GPU: "2"})],
                "resources": {"requests": {"cpu": "4"}},
                "overhead": {"cpu": "250m", "memory": "64Mi"},
            },
            {"cpu": "4250m", "memory": "1088Mi", GPU: "2"},
            id="the pod as a whole states some of it, and overhead comes on top",
        ),
        pytest.param(
            {
                "containers": [asks(requests={GPU: "1"})],
                "resources": {"requests": {GPU: "8", "ephemeral-storage": "1Ti"}},
            },
            {GPU: "1"},
            id="devices are stated by containers only",
        ),
        pytest.param(
            {
                "containers": [
                    asks(requests={"hugepages-2Mi": "4Mi", "pods": "1", "ram": "1", "cpu": None})
                ]
            },
            {},
            id="what is no compute, and null",
        ),
        pytest.param(
            {"containers": [asks(requests={"cpu": 0.5, "memory": 1024, GPU: 1})]},
            {"cpu": "500m", "memory": "1Ki", GPU: "1"},
            id="numbers instead of text",
        ),
        pytest.param(
            {"containers": [asks(requests={"cpu": "100u", "memory": "128974848000m"})]},
            {"cpu": "1m", "memory": "128974848"},
            id="fractions are rounded up",
        ),
        pytest.param({}, {}, id="no containers at all"),
        pytest.param(
            {"containers": [{"name": "c", "resources": {"limits": {"cpu": "9"}}}]},
            {},
            id="limits are no requests",
        ),
    ],
)
def test_all_of_a_pods_requests_are_counted_as_the_scheduler_does(spec, requests):
    assert read_requests(spec) == Resources.parse(requests)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"cpu": "-1"}, id="less than nothing"),
        pytest.param({"cpu": "many"}, id="a word"),
        pytest.param({"cpu": True}, id="yes"),
        pytest.param({"memory": "1e99"}, id="larger than any"),
        pytest.param({"memory": ["1Gi"]}, id="a list"),
        pytest.param({GPU: "500m"}, id="half a card"),
    ],
)
@pytest.mark.parametrize("where", ["containers", "initContainers", "overhead", "resources"])
def test_a_pod_with_what_is_no_quantity_is_refused_rather_than_counted_as_nothing(where, odd):
    whole = {"overhead": odd, "resources": {"requests": odd}}
    spec = {where: whole.get(where, [asks(requests=odd)])}
    with pytest.raises(ValueError):
        read_requests(spec)


@pytest.mark.parametrize(
    ("phase", "is_over"),
    [
        ("Pending", False),
        ("Running", False),
        ("Unknown", False),
        ("Succeeded", True),
        ("Failed", True),
        ("Invented", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("is_ending", [False, True], ids=["stays", "shall go"])
def test_a_pod_holds_what_it_asks_for_until_it_is_over_also_while_it_ends(
    phase, is_over, is_ending
):
    times = {"deletionTimestamp": "2026-11-29T06:00:00Z"} if is_ending else {}
    row = row_of(metadata=times, spec={"containers": [wants("1")]}, status={"phase": phase})
    kept = models.Pod(phase=row["phase"], requests=row["requests"])
    assert (kept.is_over, row["is_terminating"]) == (is_over, is_ending)
    assert row["requests"] == Resources.parse({"cpu": "1"}), "and is told what it asked for"


FULL = {
    "metadata": {"labels": {}, "annotations": {}, "ownerReferences": [], "finalizers": []},
    "spec": {
        "containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}],
        "initContainers": [],
        "readinessGates": [],
        "nodeName": "n",
        "overhead": {},
    },
    "status": {
        "phase": "Running",
        "reason": "",
        "message": "",
        "podIP": "10.0.0.1",
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "reason": "",
                "message": "",
                "lastTransitionTime": "",
            }
        ],
        "initContainerStatuses": [],
        "ephemeralContainerStatuses": [],
        "containerStatuses": [
            {
                "name": "c",
                "image": "",
                "ready": False,
                "restartCount": 0,
                "lastState": {},
                "state": {"terminated": {"reason": "", "exitCode": 1, "startedAt": ""}},
            }
        ],
    },
}


def paths(value: Any, *before: Any) -> list[tuple[Any, ...]]:
    """Return the path of everything within a value that may be null."""
    if isinstance(value, dict):
        inner = [path for key, one in value.items() for path in paths(one, *before, key)]
    elif isinstance(value, list):
        inner = [path for place, one in enumerate(value) for path in paths(one, *before, place)]
    else:
        inner = []
    return [before, *inner] if before else inner


def with_null(path: tuple[Any, ...]) -> dict[str, Any]:
    """Return a pod with a null at one place, and times where there are none."""
    document: Any = json.loads(json.dumps(FULL).replace('At": ""', 'At": "2026-11-29T05:00:00Z"'))
    document = json.loads(
        json.dumps(document).replace('Time": ""', 'Time": "2026-11-29T05:00:00Z"')
    )
    document["metadata"] = METADATA | document["metadata"]
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = None
    return document


# Without these two nothing can be said of what they belong to.
NAMES = {"name", "metadata"}


@pytest.mark.parametrize(
    "path",
    [path for path in paths(FULL) if path[-1] not in NAMES],
    ids=lambda p: ".".join(map(str, p)),
)
def test_a_null_is_read_as_what_was_left_out(path):
    read = decoder.decode(json.dumps(with_null(path)).encode())
    assert pod_row(read)["name"] == "scorer-1"


@pytest.mark.parametrize(
    "kind",
    [observed.NodeObject, observed.WorkloadObject],
    ids=["node", "workload"],
)
def test_nulls_are_read_in_every_kind(kind):
    metadata = METADATA | {"labels": None, "annotations": None}
    body = {"metadata": metadata, "spec": None, "status": {"conditions": None}}
    assert Decoder(kind).decode(json.dumps(body).encode()).status.conditions == []
    listed = {"metadata": {"resourceVersion": "7"}, "items": None}
    assert Decoder(observed.ObjectList).decode(json.dumps(listed).encode()).items == []


def test_a_pod_of_unknown_age_is_left_out_and_a_strange_phase_is_cut():
    with pytest.raises(ValueError, match="creationTimestamp"):
        row_of(metadata={"creationTimestamp": None})
    assert row_of(status={"phase": "SomethingThatWillBeInventedLater"})["phase"] == (
        "SomethingThatWillBeI"
    )


def test_a_refusal_of_the_node_comes_before_what_the_scheduler_said():
    message = "Pod was rejected: Node didn't have enough resource: cpu"
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    row = row_of(
        status={
            "phase": "Failed",
            "reason": "OutOfcpu",
            "message": message,
            "containerStatuses": None,
            "conditions": [unscheduled],
        }
    )
    assert (row["reason"], row["message"], row["containers"]) == ("OutOfcpu", message, [])
    assert row_of(status={"conditions": [unscheduled]})["reason"] == "Unschedulable"


def test_containers_of_all_kinds_are_kept_in_the_order_of_their_start():
    spec = {
        "initContainers": [{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "model"}, {"name": "agent"}],
    }
    status = {
        "initContainerStatuses": [{"name": "setup"}, {"name": "proxy"}],
        # The kubelet sorts these by name.
        "containerStatuses": [{"name": "agent"}, {"name": "model"}, {"name": "unheard-of"}],
        "ephemeralContainerStatuses": [{"name": "debugger"}],
    }
    rows = row_of(spec=spec, status=status)["containers"]
    assert [(row["name"], row["kind"]) for row in rows] == [
        ("setup", "init"),
        ("proxy", "sidecar"),
        ("model", "container"),
        ("agent", "container"),
        ("unheard-of", "container"),
        ("debugger", "ephemeral"),
    ]


def test_only_conditions_that_tell_are_kept_and_gates_without_one_are_shut():
    conditions = [
        {"type": "PodScheduled", "status": "True"},
        {"type": "DisruptionTarget", "status": "True", "message": "preempting"},
        {"type": "example.com/open", "status": "True"},
        {"type": "example.com/shut", "status": "False", "message": "warming up"},
    ]
    gates = [
        {"conditionType": f"example.com/{name}"} for name in ("open", "shut", "never-spoken-of")
    ]
    row = row_of(spec={"readinessGates": gates}, status={"conditions": conditions})
    assert [kept["type"] for kept in row["conditions"]] == ["DisruptionTarget", "example.com/shut"]
    assert row["unmet_gates"] == ["example.com/shut", "example.com/never-spoken-of"]


def test_who_holds_a_pod_that_shall_go_is_kept():
    times = {"deletionTimestamp": "2026-11-29T06:00:00Z", "finalizers": ["example.com/hold"]}
    row = row_of(metadata=times)
    assert (row["is_terminating"], row["finalizers"]) == (True, ["example.com/hold"])
    assert row["deletion_due_at"].hour == 6


OWN = {"slipway.dev/service-id": "id", "slipway.dev/service": "scorer"}


@pytest.mark.parametrize(
    ("labels", "owner", "selected_by"),
    [
        (OWN, "scorer-55d8f", ""),
        (OWN, "copy-55d8f", "id"),
        (OWN, None, "id"),
        ({"slipway.dev/service-id": "id"}, None, "id"),
        ({"slipway.dev/service-id": "id"}, "theirs-55d8f", "id"),
        ({"slipway.dev/service-id": "i" * 80}, None, "i" * 63),
        ({}, "scorer-55d8f", ""),
        ({}, None, ""),
    ],
)
def test_a_pod_says_whose_requests_it_gets_without_being_of_that_deployment(
    labels, owner, selected_by
):
    owners = [{"kind": "ReplicaSet", "name": owner, "uid": "r", "controller": True}]
    row = row_of(metadata={"labels": labels, "ownerReferences": owners if owner else []})
    assert row["selected_by"] == selected_by


def test_a_pod_says_what_its_model_container_was_told_to_run():
    containers = [{"name": "proxy", "image": "p:1"}, {"name": "model", "image": "m:1"}]
    assert row_of(spec={"containers": containers})["image"] == "m:1"
    assert row_of(spec={"containers": containers[:1]})["image"] == ""
    assert row_of(spec={})["image"] == ""
