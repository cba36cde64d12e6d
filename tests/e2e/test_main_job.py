"""The main job through REST, against everything as `make demo` runs it."""

from itertools import count
from typing import Any

import pytest

from core.waiting import wait_until
from embedded.demo import Demo
from tests.e2e.api import Api, image

PROJECTS = count(1)


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    return Api(stack)


@pytest.fixture
def project(api: Api) -> str:
    """A project with room for four GPUs, and a model whose third version crashes."""
    path = f"projects/main-job-{next(PROJECTS)}"
    api.post("projects", {"name": path.removeprefix("projects/")})
    limits = {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "4"}
    environment = {"name": "production", "cluster": "embedded", "quota": {"limits": limits}}
    api.post(f"{path}/environments", environment)
    api.post(f"{path}/models", {"name": "scorer"})
    for version, name in (("1", "scorer"), ("2", "scorer"), ("3", "crashing")):
        content = {"version": version, "image": image(name, version)}
        api.post(f"{path}/models/scorer/versions", content)
    return path


@pytest.fixture
def service(api: Api, project: str) -> str:
    """A service that has run nothing yet."""
    wish = {
        "name": "scorer",
        "model": "scorer",
        "replicas": 2,
        "resources": {"requests": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"}},
        "progress_deadline_seconds": 10,
    }
    api.post(f"{project}/environments/production/services", wish)
    return f"{project}/environments/production/services/scorer"


def reserved(api: Api, project: str) -> Any:
    return api.get(f"{project}/environments/production")["reserved"]


def test_main_job_from_first_rollout_to_decommission(api: Api, project: str, service: str) -> None:
    deployed = api.wait(api.post(f"{service}/rollouts", {"version": "1"}, expect=202))
    assert deployed["phase"] == "Succeeded", deployed
    assert deployed["ready_replicas"] == 2
    clock = deployed["clock"]
    order = ["requested_at", "admitted_at", "applied_at", "finished_at"]
    assert all(clock[name] for name in [*order, "first_ready_at"]), clock
    assert reserved(api, project)["nvidia.com/gpu"] == "2"

    upgraded = api.wait(api.post(f"{service}/rollouts", {"version": "2"}, expect=202))
    assert (upgraded["phase"], upgraded["from_version"]) == ("Succeeded", "1")

    failed = api.wait(api.post(f"{service}/rollouts", {"version": "3"}, expect=202))
    assert (failed["phase"], failed["rolled_back"]) == ("Failed", True), failed
    assert failed["reason"] == "ProgressDeadlineExceeded"
    assert "exit code was 1" in failed["message"]
    assert api.get(service)["current_version"] == "2"
    assert reserved(api, project)["nvidia.com/gpu"] == "2"

    back = api.wait(api.post(f"{service}/rollback", {}, expect=202))
    assert (back["phase"], back["to_version"]) == ("Succeeded", "1")

    scaled = api.wait(api.post(f"{service}/scale", {"replicas": 4}, expect=202))
    assert (scaled["phase"], scaled["kind"]) == ("Succeeded", "scale")
    refusal = api.post(f"{service}/scale", {"replicas": 5}, expect=403)
    assert refusal["reason"] == "QuotaExceeded"
    assert refusal["details"]["headroom"] == "0"

    restarted = api.wait(api.post(f"{service}/restart", {}, expect=202))
    assert restarted["phase"] == "Succeeded"
    # No card was free for a surge, so the pods were replaced one at a time.
    assert restarted["strategy"] == {"type": "rolling", "max_surge": 0, "max_unavailable": 1}

    gone = api.wait(api.post(f"{service}/decommission", {}, expect=202))
    assert gone["phase"] == "Succeeded"
    assert reserved(api, project) == {}
    stopped = api.get(service)
    assert (stopped["health"], stopped["ready_replicas"]) == ("Stopped", 0)


def test_rollout_is_paused_resumed_and_aborted(api: Api, project: str, service: str) -> None:
    api.wait(api.post(f"{service}/rollouts", {"version": "1", "replicas": 3}, expect=202))
    upgrade = api.post(f"{service}/rollouts", {"version": "2"}, expect=202)
    second = api.post(f"{service}/rollouts", {"version": "1"}, expect=409)
    assert second["reason"] == "RolloutInProgress"

    assert api.post(f"rollouts/{upgrade['id']}/pause", expect=200)["phase"] == "Paused"
    assert api.get(f"rollouts/{upgrade['id']}", wait="3s")["phase"] == "Paused"
    assert api.post(f"rollouts/{upgrade['id']}/pause", expect=409)["reason"] == "IllegalTransition"
    assert api.post(f"rollouts/{upgrade['id']}/resume", expect=200)["phase"] == "Progressing"
    assert api.wait(upgrade)["phase"] == "Succeeded"

    downgrade = api.post(f"{service}/rollouts", {"version": "1"}, expect=202)
    api.post(f"rollouts/{downgrade['id']}/abort", expect=200)
    aborted = api.wait(downgrade)
    assert (aborted["phase"], aborted["rolled_back"]) == ("Aborted", True)
    shown = api.get(service)
    assert (shown["current_version"], shown["health"]) == ("2", "Healthy")
    assert reserved(api, project)["nvidia.com/gpu"] == "3"


def test_a_temporary_scale_returns_by_itself(api: Api, project: str, service: str) -> None:
    api.wait(api.post(f"{service}/rollouts", {"version": "1"}, expect=202))
    wish = {"replicas": 4, "expires_in": "10s", "reason": "evening peak"}
    scaled = api.wait(api.post(f"{service}/scale", wish, expect=202))
    assert (scaled["phase"], scaled["desired_replicas"]) == ("Succeeded", 4)
    shown = api.get(service)
    assert (shown["replicas"], shown["temporary_replicas"], shown["desired_replicas"]) == (2, 4, 4)
    assert shown["temporary_expires_at"]

    def return_of_it() -> Any:
        newest = api.get(f"{service}/rollouts", limit=1)["results"][0]
        return newest if newest["id"] != scaled["id"] else None

    started = wait_until(return_of_it, timeout_seconds=45)
    assert started, "nobody started the return"
    back = api.wait(started)
    assert (back["kind"], back["phase"], back["started_by"]) == ("scale", "Succeeded", "slipway")
    assert back["note"] == "The temporary scale to 4 replicas has ended."
    shown = api.get(service)
    assert (shown["temporary_replicas"], shown["temporary_expires_at"]) == (None, None)
    assert (shown["desired_replicas"], back["ready_replicas"]) == (2, 2)
    assert reserved(api, project)["nvidia.com/gpu"] == "2"
