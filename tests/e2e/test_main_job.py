"""The main job through REST, against everything as `make demo` runs it."""

from typing import Any

import pytest

from embedded.demo import Demo
from tests.e2e.api import Api, image

SERVICE = "projects/main-job/environments/production/services/scorer"


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    return Api(stack)


@pytest.fixture(scope="module")
def service(api: Api) -> str:
    """A service with three versions, the third of which crashes."""
    api.post("projects", {"name": "main-job"})
    limits = {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "4"}
    environment = {"name": "production", "cluster": "embedded", "quota": {"limits": limits}}
    api.post("projects/main-job/environments", environment)
    api.post("projects/main-job/models", {"name": "scorer"})
    for version, name in (("1", "scorer"), ("2", "scorer"), ("3", "crashing")):
        content = {"version": version, "image": image(name, version)}
        api.post("projects/main-job/models/scorer/versions", content)
    wish = {
        "name": "scorer",
        "model": "scorer",
        "replicas": 2,
        "resources": {"requests": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"}},
        "progress_deadline_seconds": 10,
    }
    api.post(SERVICE.rsplit("/", 1)[0], wish)
    return SERVICE


def reserved(api: Api) -> Any:
    return api.get("projects/main-job/environments/production")["reserved"]


def test_main_job_from_first_rollout_to_decommission(api: Api, service: str) -> None:
    deployed = api.wait(api.post(f"{service}/rollouts", {"version": "1"}, expect=202))
    assert deployed["phase"] == "Succeeded", deployed
    assert deployed["ready_replicas"] == 2
    clock = deployed["clock"]
    order = ["requested_at", "admitted_at", "applied_at", "finished_at"]
    assert all(clock[name] for name in [*order, "first_ready_at"]), clock
    assert reserved(api)["nvidia.com/gpu"] == "2"

    upgraded = api.wait(api.post(f"{service}/rollouts", {"version": "2"}, expect=202))
    assert (upgraded["phase"], upgraded["from_version"]) == ("Succeeded", "1")

    failed = api.wait(api.post(f"{service}/rollouts", {"version": "3"}, expect=202))
    assert (failed["phase"], failed["rolled_back"]) == ("Failed", True), failed
    assert failed["reason"] == "ProgressDeadlineExceeded"
    assert "exit code 1" in failed["message"]
    assert api.get(service)["current_version"] == "2"
    assert reserved(api)["nvidia.com/gpu"] == "2"

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
    assert reserved(api) == {}
    stopped = api.get(service)
    assert (stopped["health"], stopped["ready_replicas"]) == ("Stopped", 0)


def test_rollout_is_paused_resumed_and_aborted(api: Api, service: str) -> None:
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
    assert reserved(api)["nvidia.com/gpu"] == "3"
