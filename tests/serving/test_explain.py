"""Why pods are not ready, by table."""

import pytest

from core.reasons import Reason
from serving.explain import PodFacts, explain
from serving.health import Health, Observed, judge
from serving.lifecycle import Kind

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
    cause = explain(pods, conditions)
    assert cause is not None
    assert cause.reason is reason
    assert part in cause.message


def test_ready_pods_need_no_explanation():
    assert explain([PodFacts("p", is_ready=True)]) is None


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
        (Kind.DECOMMISSION, Reason.DECOMMISSIONED),
        (Kind.DEPLOY, Reason.NOT_DEPLOYED),
        (Kind.ROLLBACK, Reason.NOT_DEPLOYED),
    ],
)
def test_a_service_that_runs_nothing_says_why(last, reason):
    verdict = judge(None, is_deployed=False, is_changing=False, cause=None, last=last)
    assert (verdict.health, verdict.reason) == (Health.STOPPED, reason)
    assert verdict.message.endswith(".")
