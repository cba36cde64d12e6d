"""Versions with where they run, nodes with what runs on them, revisions that can be compared."""

from typing import Any

import pytest

from clusters.models import Node
from serving.models import ModelService
from serving.rules.lifecycle import Phase
from tests import factories
from tests.api.matrix import MODEL, SERVICE
from tests.api.world import DEPLOYER, OUTSIDER, PLATFORM_ADMIN, VIEWER, World

NODES = "/api/v1/fleet/nodes"


def scorer(world: World) -> ModelService:
    return ModelService.objects.get(name="scorer", environment__project=world.project)


def results(world: World, path: str, caller: str = VIEWER) -> list[Any]:
    response: Any = world.clients[caller].get(path)
    assert response.status_code == 200, response.content
    rows: list[Any] = response.json()["results"]
    return rows


def test_a_version_says_which_services_run_it(world: World) -> None:
    revision = scorer(world).current_revision
    assert revision is not None
    path = f"{world.path(MODEL)}/versions"
    places = {row["version"]: row["runs_in"] for row in results(world, path)}
    here = {"environment": "production", "service": "scorer", "replicas": 1}
    assert places[revision.version.version] == [here]
    assert places[world.parameters["version"]] == []
    single: Any = world.clients[VIEWER].get(f"{path}/{revision.version.version}")
    assert single.json()["runs_in"] == [here]


def test_a_new_version_runs_nowhere(world: World) -> None:
    body = {"version": "9", "image": f"models/scorer@sha256:{'a' * 64}"}
    response: Any = world.clients[DEPLOYER].post(f"{world.path(MODEL)}/versions", body)
    assert response.json()["runs_in"] == []


def test_a_node_names_the_services_that_the_caller_may_see_and_counts_the_rest(
    world: World,
) -> None:
    service, node = scorer(world), Node.objects.get()
    factories.make_pod(service, node_name=node.name)
    elsewhere = factories.make_environment(cluster=node.cluster)
    factories.make_pod(factories.make_deployed_service(elsewhere), node_name=node.name)
    factories.make_pod(service, node_name=node.name, owner_uid="")
    own = {
        "project": "fraud",
        "environment": "production",
        "service": "scorer",
        "pods": 2,
        "requested": {"cpu": "2", "memory": "2Gi"},
    }
    for caller, services, other_pods in ((VIEWER, [own], 2), (OUTSIDER, [], 4)):
        (row,) = results(world, NODES, caller)
        assert (row["services"], row["other_pods"], row["pods"]) == (services, other_pods, 4)
    (row,) = results(world, NODES, PLATFORM_ADMIN)
    assert (len(row["services"]), row["other_pods"]) == (2, 1)


def test_a_node_does_not_name_a_service_for_the_pods_of_a_stranger_of_its_name(
    world: World,
) -> None:
    node, draft = Node.objects.get(), factories.make_service(scorer(world).environment)
    factories.make_pod(draft, node_name=node.name)
    (row,) = results(world, NODES)
    assert [its["service"] for its in row["services"]] == ["scorer"]
    assert row["other_pods"] == 1


def test_nodes_are_found_by_cluster_product_readiness_and_name(world: World) -> None:
    node = Node.objects.get()
    other = factories.make_node(gpu_product="NVIDIA-A10", is_ready=False, name="z-west-1")
    silent = factories.make_node(is_ready=None, name="z-west-2")
    unseen = factories.make_node(factories.make_cluster(is_heard=False), name="z-west-3")
    for query, found in {
        f"cluster={node.cluster.name}": [node.name],
        "gpu_product=NVIDIA-A10": [other.name],
        "ready=true": [node.name],
        "ready=false": [other.name, silent.name, unseen.name],
        "search=west-1": [other.name],
    }.items():
        assert [row["name"] for row in results(world, f"{NODES}?{query}")] == found


def test_revisions_say_all_that_a_comparison_needs(world: World) -> None:
    service = scorer(world)
    draft = factories.make_revision(service)
    factories.make_rollout(service, phase=Phase.FAILED, to_revision=draft, to_replicas=4)
    unused = factories.make_revision(service)
    newest, failed, current = results(world, f"{world.path(SERVICE)}/revisions")
    flags = [(row["is_current"], row["is_good"], row["replicas"]) for row in (newest, failed)]
    assert flags == [(False, False, None), (False, False, 4)]
    assert (current["is_current"], current["is_good"], current["replicas"]) == (True, True, 1)
    assert newest["image"] == unused.version.image
    assert newest["resources"] == {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {}}
    assert set(newest["spec"]) >= {"image", "env", "command", "args", "probes", "node_selector"}


@pytest.mark.parametrize("path", ["/rollouts", "/audit-events", f"{SERVICE}/events"])
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-11-30T09:00:00Z", 200),
        ("2026-11-30T09:00:00%2B08:00", 200),
        ("", 200),
        ("2026-11-30T09:00:00", 400),
        ("2026-11-30", 400),
        ("2026-11-31T09:00:00Z", 400),
        ("yesterday", 400),
    ],
)
def test_a_time_without_its_zone_is_not_guessed(
    world: World, path: str, name: str, moment: str, status: int
) -> None:
    answer: Any = world.clients[VIEWER].get(f"{world.path(path)}?{name}={moment}")
    assert answer.status_code == status, answer.content
    if status == 400:
        assert "with its zone" in answer.content.decode()
