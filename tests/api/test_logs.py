"""The logs of a service: which are read, how they are written, and what is refused."""

from typing import Any

import orjson
import pytest

from serving.models import ModelService
from tests import factories
from tests.api.matrix import SERVICE
from tests.api.world import VIEWER, World
from tests.log_route import api_server_of

AWAY = 502, b"connect: connection refused"
LINE = b"2026-11-30T08:00:0%d.5Z %s\n"


@pytest.fixture
def service(world: World) -> ModelService:
    return ModelService.objects.get(name="scorer", environment__project=world.project)


def logs(world: World, query: dict[str, str], accept: str = "*/*", language: str = "en") -> Any:
    headers = {"HTTP_ACCEPT": accept, "HTTP_ACCEPT_LANGUAGE": language}
    return world.clients[VIEWER].get(f"{world.path(SERVICE)}/logs", query, **headers)


def test_all_pods_of_a_service_are_read_as_one_and_each_line_is_told_with_its_pod(
    world: World, service: ModelService
) -> None:
    factories.make_pod(service, name="a")
    factories.make_pod(service, name="b")
    answers = {"a": (200, LINE % (2, b"late")), "b": (200, LINE % (1, b"early"))}
    with api_server_of(lambda pod: answers.get(pod, AWAY), others=200) as (url, asked):
        factories.be_at(service.cluster, url)
        as_text = logs(world, {"timestamps": "true"}).content.decode()
        as_lines = logs(world, {"tail": "5", "since": "10m"}, "application/x-ndjson")
    assert as_text.splitlines()[:2] == [
        "[pod/b/model] 2026-11-30T08:00:01.500000Z early",
        "[pod/a/model] 2026-11-30T08:00:02.500000Z late",
    ]
    assert as_lines["Content-Type"] == "application/x-ndjson"
    first, second, third = map(orjson.loads, as_lines.content.splitlines())
    assert first == {
        "pod": "b",
        "container": "model",
        "at": "2026-11-30T08:00:01.500000Z",
        "line": "early",
    }
    assert second["line"] == "late"
    assert (third["reason"], "line" in third) == ("NodeAway", False)
    assert third["notice"].endswith("cannot be read now: its node does not answer.")
    _, query = asked[-1]
    assert (query["tailLines"], query["sinceSeconds"]) == (["5"], ["600"])


def test_a_node_that_is_away_is_not_the_cluster(world: World, service: ModelService) -> None:
    pod = factories.make_pod(service)
    with api_server_of(lambda _: AWAY, others=200) as (url, _):
        factories.be_at(service.cluster, url)
        refused = logs(world, {"pod": pod.name})
        followed = logs(world, {"pod": pod.name, "follow": "true"})
    assert (refused.status_code, refused.json()["reason"]) == (503, "NodeAway")
    assert (followed.status_code, followed.json()["reason"]) == (503, "NodeAway")


def test_what_is_said_in_place_of_a_log_is_in_the_readers_language(
    world: World, service: ModelService
) -> None:
    factories.make_pod(service, name="a")
    with api_server_of(lambda _: AWAY, others=200) as (url, _):
        factories.be_at(service.cluster, url)
        answer = logs(world, {}, language="zh-hans").content.decode()
    assert "暂时无法读取" in answer


def test_only_the_newest_pods_are_read_and_that_is_said(
    world: World, service: ModelService
) -> None:
    for _ in range(21):
        factories.make_pod(service)
    with api_server_of(lambda _: (200, b"")) as (url, asked):
        factories.be_at(service.cluster, url)
        answer = logs(world, {}).content.decode()
    assert len(asked) == 20
    assert answer.startswith("[slipway] There are 2")


@pytest.mark.parametrize("since", ["yesterday", "0s", "2026-11-30", "-5m"])
def test_since_is_a_duration_or_a_moment(world: World, since: str) -> None:
    answer = logs(world, {"since": since})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/since"
