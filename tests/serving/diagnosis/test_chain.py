"""The chain of reasons, by table."""

from typing import Any

import pytest

from core.messages import quoted
from serving.diagnosis.causal_chain import (
    CausalLink,
    LogHint,
    WorkloadFacts,
    causal_chain,
    container_to_read,
    log_hint,
    root_cause_pod,
    uids_to_ask_about,
)
from serving.diagnosis.pods import PodFacts

ROLLOUT = CausalLink("Rollout", "r", "CrashLoopBackOff", "1 of 2 new pods are ready.")
OVERDUE = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": "ReplicaSet has timed out progressing.",
}
FINE = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": ""}
REFUSED = {
    "type": "ReplicaFailure",
    "status": "True",
    "reason": "FailedCreate",
    "message": "exceeded quota: slipway",
}


def pod(name: str = "p", **container: Any) -> PodFacts:
    return PodFacts(name, is_ready=False, containers=[{"name": "model", **container}], uid=name)


CRASHING = pod(
    "crashing",
    state="waiting",
    reason="CrashLoopBackOff",
    message="back-off 5m0s",
    restarts=7,
    last_exit_code=137,
    last_finished_at="2026-11-25T05:00:00Z",
)
UNSCHEDULED = PodFacts(
    "unscheduled",
    is_ready=False,
    is_scheduled=False,
    reason="Unschedulable",
    message="0/12 nodes are available: 12 Insufficient nvidia.com/gpu.",
    uid="unscheduled",
)


def test_a_crash_is_followed_from_the_rollout_to_the_exit_code() -> None:
    deployment = WorkloadFacts("Deployment", "scorer", "d", [FINE, OVERDUE])
    links = causal_chain(ROLLOUT, [deployment], CRASHING, None)
    assert [(link.kind, link.reason) for link in links] == [
        ("Rollout", "CrashLoopBackOff"),
        ("Deployment", "ProgressDeadlineExceeded"),
        ("Pod", "CrashLoopBackOff"),
        ("Container", "CrashLoopBackOff"),
    ]
    assert links[-1] == CausalLink(
        "Container",
        "model",
        "CrashLoopBackOff",
        quoted("back-off 5m0s"),
        "2026-11-25T05:00:00Z",
        exit_code=137,
        restarts=7,
    )


def test_a_pod_without_a_node_ends_with_the_schedulers_word() -> None:
    event = CausalLink("Event", "unscheduled", "FailedScheduling", "0/12 nodes are available")
    links = causal_chain(None, [], UNSCHEDULED, event)
    assert [(link.kind, link.reason) for link in links] == [
        ("Pod", "Unschedulable"),
        ("Event", "FailedScheduling"),
    ]


def test_pods_that_were_never_created_end_with_their_makers_word() -> None:
    replicas = WorkloadFacts("ReplicaSet", "scorer-1", "rs", [REFUSED])
    event = CausalLink("Event", "scorer-1", "FailedCreate", "exceeded quota: slipway")
    links = causal_chain(None, [replicas], None, event)
    assert [link.kind for link in links] == ["ReplicaSet", "Event"]
    assert uids_to_ask_about(None, [replicas, WorkloadFacts("Deployment", "d", "d")]) == ["rs"]


def test_nothing_is_told_where_nothing_is_wrong() -> None:
    fine = WorkloadFacts("Deployment", "scorer", "d", [FINE])
    assert causal_chain(None, [fine], root_cause_pod([PodFacts("p", is_ready=True)]), None) == []


def test_the_root_cause_is_the_pod_that_says_most() -> None:
    starting = pod("starting", state="waiting", reason="ContainerCreating")
    assert root_cause_pod([starting, UNSCHEDULED, CRASHING]) is CRASHING
    assert uids_to_ask_about(CRASHING, []) == ["crashing"]


WAITING = {"name": "model", "state": "waiting", "reason": "PodInitializing"}
SETUP = {"name": "setup", "kind": "init", "restarts": 2}
SETUP_CRASHES = SETUP | {"state": "waiting", "reason": "CrashLoopBackOff", "last_exit_code": 3}
PROXY = {"name": "proxy", "kind": "sidecar", "state": "running"}
GUEST = {"name": "debugger", "kind": "ephemeral", "state": "terminated", "exit_code": 1}
LIVE = {"name": "model", "state": "running"}


def several(*containers: dict[str, Any], **facts: Any) -> PodFacts:
    return PodFacts("p", **{"is_ready": False, "containers": list(containers), **facts})


def test_an_init_container_is_in_the_chain_and_its_log_is_the_one_to_read() -> None:
    root_cause = several(SETUP_CRASHES, WAITING)
    links = causal_chain(None, [], root_cause, None)
    assert [(link.kind, link.name, link.exit_code) for link in links] == [
        ("Pod", "p", None),
        ("Container", "setup", 3),
    ]
    assert log_hint(root_cause) == LogHint("p", "setup", True)


def test_the_chain_of_a_refused_pod_begins_with_its_own_reason() -> None:
    refused = several(phase="Failed", reason="OutOfcpu", message="Pod was rejected", node="t4-1")
    assert root_cause_pod([several(), refused]) is refused
    assert root_cause_pod([refused, CRASHING]) is CRASHING
    (link,) = causal_chain(None, [], refused, None)
    assert (link.reason, str(link.message)) == ("OutOfcpu", "Pod was rejected")
    assert log_hint(refused) is None


@pytest.mark.parametrize(
    ("pod", "name"),
    [
        pytest.param(several(SETUP_CRASHES, WAITING), "setup", id="the one that crashes"),
        pytest.param(
            several(SETUP_CRASHES, LIVE | {"state": "terminated", "exit_code": 1}),
            "setup",
            id="the one that tells most",
        ),
        pytest.param(
            several(SETUP | {"state": "running"}, WAITING), "setup", id="whose turn it is"
        ),
        pytest.param(several(PROXY | {"ready": True}, LIVE), "model", id="the one not ready"),
        pytest.param(several(PROXY, LIVE | {"ready": True}), "proxy", id="a sidecar not ready"),
        pytest.param(several(PROXY, LIVE, GUEST, is_ready=True), "model", id="the usual one"),
        pytest.param(
            several(PROXY, LIVE | {"name": "main"}, is_ready=True), "main", id="the first main one"
        ),
        pytest.param(several(), "model", id="none known yet"),
    ],
)
def test_the_log_that_is_meant_is_that_of_the_failing_container(pod: PodFacts, name: str) -> None:
    assert container_to_read(pod, usual="model") == name


@pytest.mark.parametrize(
    ("root_cause", "hint"),
    [
        pytest.param(None, None, id="all is well"),
        pytest.param(UNSCHEDULED, None, id="no container yet"),
        pytest.param(pod(state="waiting", reason="ImagePullBackOff"), None, id="never ran"),
        pytest.param(CRASHING, LogHint("crashing", "model", True), id="between two runs"),
        pytest.param(
            pod(state="terminated", exit_code=1, last_exit_code=1),
            LogHint("p", "model", False),
            id="just ended",
        ),
        pytest.param(pod(state="running"), LogHint("p", "model", False), id="not ready"),
        pytest.param(
            pod(state="running", restarts=2, last_exit_code=1),
            LogHint("p", "model", True),
            id="running again after a crash",
        ),
    ],
)
def test_the_log_is_where_the_failing_container_last_spoke(
    root_cause: PodFacts | None, hint: LogHint | None
) -> None:
    assert log_hint(root_cause) == hint
