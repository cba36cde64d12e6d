"""Why pods are not ready, by table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from core.reasons import Reason
from serving.diagnosis.health import Health, Observed, judge
from serving.diagnosis.pods import PodFacts, root_cause_of
from serving.rules.lifecycle import RolloutKind

UNSCHEDULABLE = PodFacts(
    "p",
    is_ready=False,
    is_scheduled=False,
    reason="Unschedulable",
    message="0/12 nodes are available: 12 Insufficient nvidia.com/gpu.",
)
REFUSED = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: slipway"}


def pod(**container: object) -> PodFacts:
    return PodFacts("p", is_ready=False, containers=[container])


@pytest.mark.parametrize(
    ("pods", "conditions", "reason", "part"),
    [
        pytest.param(
            [UNSCHEDULABLE], [], Reason.UNSCHEDULABLE, "Insufficient nvidia.com/gpu", id="no room"
        ),
        pytest.param(
            [UNSCHEDULABLE], [REFUSED], Reason.FAILED_CREATE, "exceeded quota", id="refused"
        ),
        pytest.param(
            [pod(state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=137)],
            [],
            Reason.CRASH_LOOP_BACK_OFF,
            "3 restarts. Its last exit code was 137.",
            id="crash loop",
        ),
        pytest.param(
            [pod(state="waiting", reason="CrashLoopBackOff", last_reason="OOMKilled")],
            [],
            Reason.OUT_OF_MEMORY,
            "more memory than its limit",
            id="out of memory tells more than the loop",
        ),
        pytest.param(
            [pod(state="waiting", reason="ImagePullBackOff", message="not found")],
            [],
            Reason.IMAGE_PULL_FAILED,
            "not found",
            id="image",
        ),
        pytest.param(
            [pod(state="waiting", reason="CreateContainerConfigError", message="runs as root")],
            [],
            Reason.CONTAINER_CONFIG_ERROR,
            "runs as root",
            id="root image in a restricted namespace",
        ),
        pytest.param(
            [pod(state="terminated", exit_code=2)],
            [],
            Reason.CONTAINER_EXITED,
            "exit code was 2",
            id="exit",
        ),
        pytest.param([pod(state="running")], [], Reason.NOT_READY, "not ready yet", id="not ready"),
        pytest.param(
            [pod(state="waiting", reason="ContainerCreating")],
            [],
            Reason.STARTING,
            "starting",
            id="new",
        ),
        pytest.param(
            [PodFacts("p", is_ready=False)], [], Reason.STARTING, "starting", id="no status yet"
        ),
        pytest.param(
            [pod(state="running"), UNSCHEDULABLE],
            [],
            Reason.UNSCHEDULABLE,
            "Insufficient",
            id="the most telling",
        ),
    ],
)
def test_the_most_telling_cause_is_shown(pods, conditions, reason, part):
    cause = root_cause_of(pods, conditions)
    assert cause is not None
    assert cause.reason is reason
    assert part in str(cause.message)


WAITS = {"name": "model", "state": "waiting", "reason": "PodInitializing"}
RUNS = {"name": "model", "state": "running"}
READY = RUNS | {"ready": True}
CRASH = {"state": "waiting", "reason": "CrashLoopBackOff", "restarts": 4, "last_exit_code": 1}
GATE = {"type": "example.com/warm", "status": "False", "message": "3 of 9 shards."}
UNPREPARED = {"type": "PodReadyToStartContainers", "status": "False"}


def of(kind: str, name: str, **container: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, **container}


@pytest.mark.parametrize(
    ("containers", "facts", "reason", "sentence"),
    [
        pytest.param(
            [of("init", "setup", **CRASH), WAITS],
            {},
            Reason.CRASH_LOOP_BACK_OFF,
            "p-1/setup keeps crashing: 4 restarts. Its last exit code was 1.",
            id="an init container crashes",
        ),
        pytest.param(
            [of("init", "setup", state="waiting", reason="ErrImagePull", message="no tag"), WAITS],
            {},
            Reason.IMAGE_PULL_FAILED,
            "p-1/setup: no tag",
            id="the image of an init container",
        ),
        pytest.param(
            [of("init", "setup", state="terminated", reason="OOMKilled", exit_code=137), WAITS],
            {},
            Reason.OUT_OF_MEMORY,
            "p-1/setup was killed for using more memory than its limit. "
            "Its last exit code was 137. It was terminated by signal 9.",
            id="an init container is killed",
        ),
        pytest.param(
            [of("sidecar", "proxy", **CRASH), RUNS],
            {},
            Reason.CRASH_LOOP_BACK_OFF,
            "p-1/proxy keeps crashing: 4 restarts. Its last exit code was 1.",
            id="a sidecar crashes beside what runs",
        ),
        pytest.param(
            [of("init", "setup", **CRASH), of("container", "model", **CRASH)],
            {},
            Reason.CRASH_LOOP_BACK_OFF,
            "p-1/setup keeps crashing: 4 restarts. Its last exit code was 1.",
            id="of equals the one that starts first",
        ),
        pytest.param(
            [
                of("sidecar", "proxy", state="terminated", exit_code=2),
                of("container", "m", **CRASH),
            ],
            {},
            Reason.CRASH_LOOP_BACK_OFF,
            "p-1/m keeps crashing: 4 restarts. Its last exit code was 1.",
            id="a loop tells more than an end",
        ),
        pytest.param(
            [of("init", "setup", state="running"), WAITS],
            {},
            Reason.INITIALIZING,
            "p-1 waits for init container setup.",
            id="an init container works",
        ),
        pytest.param(
            [
                of("init", "a", state="terminated", exit_code=0),
                of("init", "step-2", state="running", restarts=1),
                WAITS,
            ],
            {},
            Reason.INITIALIZING,
            "p-1 waits for init container step-2.",
            id="the one whose turn it is",
        ),
        pytest.param(
            [of("sidecar", "proxy", state="running"), WAITS],
            {},
            Reason.INITIALIZING,
            "p-1 waits for sidecar proxy.",
            id="a sidecar has not started",
        ),
        pytest.param(
            [of("sidecar", "proxy", state="running"), READY],
            {},
            Reason.NOT_READY,
            "p-1/proxy runs and is not ready yet.",
            id="a sidecar is not ready",
        ),
        pytest.param(
            [
                of("sidecar", "proxy", ready=True, state="running", restarts=9, last_exit_code=1),
                RUNS,
            ],
            {},
            Reason.NOT_READY,
            "p-1/model runs and is not ready yet.",
            id="what is ready now explains nothing",
        ),
        pytest.param(
            [RUNS, of("ephemeral", "debugger", state="terminated", exit_code=1)],
            {},
            Reason.NOT_READY,
            "p-1 runs and is not ready yet.",
            id="a guest's end is nobody's cause",
        ),
        pytest.param(
            [RUNS | {"restarts": 3}],
            {},
            Reason.NOT_READY,
            "p-1 runs and is not ready yet. It was restarted 3 times.",
            id="restarts of which no exit is known",
        ),
        pytest.param(
            [RUNS],
            {"warning_reason": "Unhealthy", "warning_message": "Readiness probe failed: 503"},
            Reason.NOT_READY,
            "p-1 runs and is not ready yet. Readiness probe failed: 503",
            id="the probe says why",
        ),
        pytest.param(
            [{"name": "model", "state": "waiting", "reason": "PostStartHookError", "message": "x"}],
            {},
            Reason.CONTAINER_WAITING,
            "p-1: PostStartHookError: x",
            id="a reason that is new to us",
        ),
        pytest.param(
            [CRASH | {"last_exit_code": 128, "last_reason": "StartError", "last_message": "no sh"}],
            {},
            Reason.CRASH_LOOP_BACK_OFF,
            "p-1 keeps crashing: 4 restarts. Its last exit code was 128. no sh",
            id="a program that cannot be started",
        ),
        pytest.param(
            [],
            {"is_scheduled": False, "reason": "SchedulingGated", "message": "gates: example.com/a"},
            Reason.SCHEDULING_GATED,
            "p-1 is not scheduled until its scheduling gates are removed. gates: example.com/a",
            id="gated",
        ),
        pytest.param(
            [READY],
            {"conditions": [GATE], "unmet_gates": ["example.com/warm"]},
            Reason.READINESS_GATE_UNMET,
            "p-1 waits for readiness gate example.com/warm. 3 of 9 shards.",
            id="a readiness gate",
        ),
        pytest.param(
            [RUNS],
            {"unmet_gates": ["example.com/warm"]},
            Reason.NOT_READY,
            "p-1 runs and is not ready yet.",
            id="a gate comes after the containers",
        ),
        pytest.param(
            [WAITS],
            {
                "conditions": [UNPREPARED],
                "warning_reason": "FailedMount",
                "warning_message": 'configmap "x" not found',
            },
            Reason.POD_SETUP_FAILED,
            'p-1 waits for its network, volumes or devices. configmap "x" not found',
            id="a volume cannot be mounted",
        ),
        pytest.param(
            [WAITS],
            {"warning_reason": "FailedMount", "warning_message": "it was late"},
            Reason.STARTING,
            "p-1 is starting.",
            id="a trouble that is over",
        ),
        pytest.param(
            [RUNS],
            {"conditions": [{"type": "DisruptionTarget", "status": "True", "message": "taint."}]},
            Reason.POD_EVICTED,
            "p-1 is being evicted. taint.",
            id="about to be evicted",
        ),
        pytest.param(
            [READY],
            {"is_node_lost": True, "node": "t4-1"},
            Reason.NODE_LOST,
            "p-1 is on node t4-1, which is not ready.",
            id="nobody hears of its node",
        ),
        pytest.param(
            [READY], {}, Reason.NOT_READY, "p-1 runs and is not ready yet.", id="ready soon"
        ),
    ],
)
def test_every_container_and_condition_tells_its_own_story(containers, facts, reason, sentence):
    cause = root_cause_of([PodFacts("p-1", is_ready=False, containers=containers, **facts)])
    assert cause is not None
    assert (cause.reason, str(cause.message)) == (reason, sentence)
    with override("zh-hans"):
        assert str(cause.message) != sentence or not sentence.endswith(".")


T0 = datetime(2026, 11, 29, tzinfo=UTC)


def at(minute: int, name: str = "", **facts: Any) -> PodFacts:
    born = T0 + timedelta(minutes=minute)
    return PodFacts(name or f"p-{minute}", **{"is_ready": False, "created_at": born, **facts})


def ended(minute: int, reason: str, message: str = "m", *, node: str = "t4-1") -> PodFacts:
    return at(minute, phase="Failed", reason=reason, message=message, node=node)


@pytest.mark.parametrize(
    ("reason", "known", "sentence"),
    [
        ("UnexpectedAdmissionError", Reason.POD_REFUSED, "p-1 was refused by node t4-1."),
        ("NodeAffinity", Reason.POD_REFUSED, "p-1 was refused by node t4-1."),
        ("OutOfcpu", Reason.POD_REFUSED, "p-1 was refused by node t4-1."),
        ("OutOfnvidia.com/gpu", Reason.POD_REFUSED, "p-1 was refused by node t4-1."),
        ("Evicted", Reason.POD_EVICTED, "p-1 was evicted from node t4-1."),
        ("Preempting", Reason.POD_EVICTED, "p-1 was evicted from node t4-1."),
        ("Terminated", Reason.POD_EVICTED, "p-1 was evicted from node t4-1."),
        ("NodeShutdown", Reason.POD_EVICTED, "p-1 was evicted from node t4-1."),
        ("DeadlineExceeded", Reason.POD_FAILED, "p-1 failed on node t4-1."),
        ("SomethingNew", Reason.POD_FAILED, "p-1 failed on node t4-1."),
    ],
)
def test_a_pod_that_is_over_says_its_own_reason_and_message_first(reason, known, sentence):
    cause = root_cause_of([ended(1, reason, "Allocate failed.")])
    assert cause is not None
    assert (cause.reason, str(cause.message)) == (known, f"{sentence} {reason}: Allocate failed.")
    assert cause.is_conclusive


def test_a_rejection_that_is_new_to_us_is_still_a_refusal():
    cause = root_cause_of([ended(1, "Invented", "Pod was rejected: no")])
    assert cause is not None
    assert cause.reason is Reason.POD_REFUSED


def test_a_pod_that_ended_without_a_reason_is_explained_by_its_containers():
    over = at(
        1, phase="Failed", containers=[{"name": "model", "state": "terminated", "exit_code": 2}]
    )
    cause = root_cause_of([over])
    assert cause is not None
    assert (cause.reason, str(cause.message)) == (
        Reason.CONTAINER_EXITED,
        "p-1 exited. Its last exit code was 2.",
    )
    done = root_cause_of([at(1, phase="Succeeded")])
    assert done is not None
    assert str(done.message) == "p-1 has ended and no longer runs."


REFUSALS = [ended(minute, "UnexpectedAdmissionError") for minute in range(14)]
STORY = "UnexpectedAdmissionError: m"
IMAGE = {"name": "model", "state": "waiting", "reason": "ErrImagePull", "message": "no tag"}


@pytest.mark.parametrize(
    ("pods", "message"),
    [
        pytest.param(REFUSALS, f"14 pods were refused by node t4-1. {STORY}", id="all refused"),
        pytest.param(
            [*REFUSALS, at(14)], f"14 pods were refused by node t4-1. {STORY}", id="and one is new"
        ),
        pytest.param(
            [*REFUSALS, at(14, containers=[WAITS])],
            f"14 pods were refused by node t4-1. {STORY}",
            id="more than were to be replaced",
        ),
        pytest.param(
            [REFUSALS[0], at(14, containers=[WAITS])],
            "p-14 is starting.",
            id="its replacement starts",
        ),
        pytest.param(
            [*REFUSALS, at(14, containers=[IMAGE])], "p-14: no tag", id="a live pod explains"
        ),
        pytest.param(
            [*REFUSALS, at(20, is_ready=True), at(21)], "p-21 is starting.", id="made good since"
        ),
        pytest.param(
            [at(5, is_ready=True), *REFUSALS],
            f"8 pods were refused by node t4-1. {STORY}",
            id="only those after the last that became ready",
        ),
        pytest.param(
            [*REFUSALS[:2], ended(2, "UnexpectedAdmissionError", node="t4-2")],
            f"3 pods were refused by 2 nodes. {STORY}",
            id="by several nodes",
        ),
        pytest.param(
            [*REFUSALS, ended(20, "Evicted", "disk pressure")],
            "p-20 was evicted from node t4-1. Evicted: disk pressure",
            id="the newest speaks",
        ),
        pytest.param([REFUSALS[0], at(1, is_ready=True)], None, id="nothing is wrong"),
    ],
)
def test_pods_that_are_over_speak_only_where_no_live_one_explains(pods, message):
    cause = root_cause_of(reversed(pods))
    assert (str(cause.message) if cause else None) == message


def test_ready_pods_need_no_explanation():
    assert root_cause_of([PodFacts("p", is_ready=True)]) is None


@pytest.mark.parametrize(
    ("observed", "is_deployed", "is_changing", "health", "reason"),
    [
        (None, False, False, Health.STOPPED, Reason.NEVER_DEPLOYED),
        (None, True, False, Health.DEGRADED, Reason.MISSING),
        (None, True, True, Health.PROGRESSING, Reason.STARTING),
        (Observed(0, 0), True, False, Health.STOPPED, Reason.SCALED_TO_ZERO),
        (Observed(3, 3), True, False, Health.HEALTHY, Reason.ALL_REPLICAS_READY),
        (Observed(3, 2), True, False, Health.DEGRADED, Reason.NOT_READY),
        (Observed(3, 3), True, True, Health.PROGRESSING, Reason.WAITING_FOR_PODS),
        (Observed(1, 0), False, False, Health.DEGRADED, Reason.NOT_READY),
    ],
)
def test_health_is_green_only_when_every_wanted_pod_is_ready(
    observed, is_deployed, is_changing, health, reason
):
    verdict = judge(observed, is_deployed=is_deployed, is_changing=is_changing, cause=None)
    assert (verdict.health, verdict.reason) == (health, reason)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (None, Reason.NEVER_DEPLOYED),
        (RolloutKind.DECOMMISSION, Reason.DECOMMISSIONED),
        (RolloutKind.DEPLOY, Reason.NOT_DEPLOYED),
        (RolloutKind.ROLLBACK, Reason.NOT_DEPLOYED),
    ],
)
def test_a_service_that_runs_nothing_says_why(last, reason):
    verdict = judge(None, is_deployed=False, is_changing=False, cause=None, last=last)
    assert (verdict.health, verdict.reason) == (Health.STOPPED, reason)
    assert str(verdict.message).endswith(".")
