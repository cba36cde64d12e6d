"""What a project shows of its environments and services."""

from datetime import timedelta
from typing import Any

from clusters.models import Cluster
from serving.diagnosis.health import Health
from serving.models import ModelService
from tests import factories
from tests.api.world import ADMIN, OUTSIDER, PLATFORM_ADMIN, VIEWER, World


def shown(world: World, caller: str = VIEWER) -> Any:
    response: Any = world.clients[caller].get(world.path("/projects/{project}"))
    assert response.status_code == 200
    return response.json()


def test_the_caller_sees_their_own_role(world: World) -> None:
    assert [shown(world, caller)["role"] for caller in (VIEWER, ADMIN, PLATFORM_ADMIN)] == [
        "viewer",
        "admin",
        None,
    ]


def test_environments_show_limits_promises_and_live_requests(world: World) -> None:
    production, staging = shown(world)["environments"]
    assert production | {"stale": False} == {
        "name": "production",
        "cluster": "east",
        "phase": "Ready",
        "stale": False,
        "limits": {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "8"},
        "reserved": {"cpu": "2", "memory": "2Gi", "pods": "2"},
        "requested": {"cpu": "1", "memory": "1Gi", "pods": "1"},
    }
    assert staging["requested"] == {}


def test_finished_pods_ask_for_nothing(world: World) -> None:
    service = ModelService.objects.get(name="scorer", environment__project=world.project)
    factories.make_pod(service, phase="Succeeded")
    requested = shown(world)["environments"][0]["requested"]
    assert requested == {"cpu": "1", "memory": "1Gi", "pods": "1"}


def test_requests_are_unknown_when_the_mirror_is_old(world: World) -> None:
    service = ModelService.objects.get(name="scorer", environment__project=world.project)
    stale = service.cluster.mirrored_at - timedelta(minutes=5)
    Cluster.objects.update(mirrored_at=stale)
    production = shown(world)["environments"][0]
    assert (production["stale"], production["requested"]) == (True, None)


def test_services_are_counted_by_the_health_they_show(world: World) -> None:
    services = ModelService.objects.filter(environment__project=world.project)
    services.filter(name="scorer").update(health=Health.DEGRADED)
    factories.make_deployed_service()
    counts = {"Healthy": 0, "Progressing": 0, "Degraded": 1, "Stopped": 1, "Unknown": 0}
    assert shown(world)["services_by_health"] == counts
    Cluster.objects.update(mirrored_at=None)
    # Both were told to run something, and nobody sees whether they do.
    unknown = {**dict.fromkeys(counts, 0), "Unknown": 2}
    assert shown(world)["services_by_health"] == unknown


def test_the_last_change_is_the_newest_audit_row(world: World) -> None:
    assert shown(world)["last_change_at"] is None
    path = world.path("/projects/{project}")
    changed: Any = world.clients[ADMIN].patch(path, {"description": "d"})
    assert changed.json()["last_change_at"] is not None


def test_projects_are_found_by_a_part_of_either_name(world: World) -> None:
    world.project.display_name = "Payment Fraud"
    world.project.save()
    for part, found in {"ment fr": ["fraud"], "frau": ["fraud"], "x": []}.items():
        response: Any = world.clients[PLATFORM_ADMIN].get(f"/api/v1/projects?search={part}")
        assert [row["name"] for row in response.json()["results"]] == found


def test_a_list_holds_the_same_as_the_project(world: World) -> None:
    response: Any = world.clients[VIEWER].get("/api/v1/projects")
    (row,) = response.json()["results"]
    assert shown(world) == {**row, "permissions": ["project.view"]}
    foreign: Any = world.clients[OUTSIDER].get("/api/v1/projects")
    assert [row["name"] for row in foreign.json()["results"]] == ["rival"]
