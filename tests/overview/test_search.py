"""Whoever looks for a name finds what they may see, the best fit first."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from overview.search import LONGEST_TEXT, MOST_FOUND, NEWEST_VERSIONS
from projects.models import Project, Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return Project.objects.create(name="vision", display_name="Sight and Sound")


@pytest.fixture
def viewer(project: Project) -> APIClient:
    return factories.signed_in(factories.make_member(project, Role.VIEWER))


def find(client: APIClient, text: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/search", {"q": text})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def names(client: APIClient, text: str) -> list[tuple[str, str]]:
    return [(found["object"], found["name"]) for found in find(client, text)]


def test_every_kind_is_found_with_where_it_is(viewer, project):
    environment = factories.make_environment(project, "production")
    model = factories.make_model(project, "vision-ranker")
    factories.make_version(model, "Vision-1")
    factories.make_service(environment, "vision-api", model=model)
    factories.make_node(environment.cluster, name="gpu-vision-1")
    nowhere = {"title": "", "project": "", "environment": "", "model": "", "cluster": ""}
    place = {**nowhere, "project": "vision"}
    cluster = environment.cluster.name
    assert find(viewer, "VISION") == [
        {**nowhere, "object": "project", "name": "vision", "title": "Sight and Sound"},
        {**place, "object": "service", "name": "vision-api", "environment": "production"},
        {**place, "object": "model", "name": "vision-ranker"},
        {**place, "object": "version", "name": "Vision-1", "model": "vision-ranker"},
        {**nowhere, "object": "node", "name": "gpu-vision-1", "cluster": cluster},
    ]


def test_the_name_itself_comes_before_its_beginnings_and_those_before_its_parts(viewer, project):
    environment = factories.make_environment(project)
    for name in ("a-rank", "rank-9", "rank", "rank-1", "b-rank"):
        factories.make_service(environment, name, model=factories.make_model(project, f"m-{name}"))
    services = [name for kind, name in names(viewer, "rank") if kind == "service"]
    assert services == ["rank", "rank-1", "rank-9", "a-rank", "b-rank"]
    assert names(viewer, "rank")[0] == ("service", "rank")


def test_a_project_is_found_by_its_display_name(viewer):
    assert names(viewer, "and sound") == [("project", "vision")]


@pytest.mark.parametrize("title", ["İstanbul", "Straße", "ΣΟΦΟΣ", "情感 🚀"])
def test_a_display_name_is_found_as_it_is_written(viewer, project, title):
    Project.objects.filter(pk=project.pk).update(display_name=title)
    assert names(viewer, title) == [("project", "vision")]


def test_versions_are_found_by_beginning_and_by_part_and_below_a_model(viewer, project):
    ranker, scorer = (factories.make_model(project, name) for name in ("ranker", "scorer"))
    for model in (ranker, scorer):
        for number in range(MOST_FOUND + 4):
            factories.make_version(model, f"{number}.0-rc1")
    factories.make_version(ranker, "1")
    found = [(v["model"], v["name"]) for v in find(viewer, "1")]
    assert found[0] == ("ranker", "1")
    assert set(found[1:7]) == {
        (model, f"{number}.0-rc1") for model in ("ranker", "scorer") for number in (1, 10, 11)
    }
    assert len(found) == MOST_FOUND
    assert [(v["model"], v["name"]) for v in find(viewer, "score:3.0")] == [("scorer", "3.0-rc1")]
    assert len(find(viewer, "RC1")) == MOST_FOUND


def test_an_old_version_is_found_by_how_it_begins(viewer, project):
    model = factories.make_model(project, "ranker")
    factories.make_version(model, "old-one")
    for number in range(NEWEST_VERSIONS):
        factories.make_version(model, f"{number}")
    assert names(viewer, "OLD") == [("version", "old-one")]
    assert names(viewer, "one") == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "a%", "'"])
def test_letters_that_mean_something_to_the_database_mean_themselves(viewer, project, text):
    factories.make_version(factories.make_model(project, "ranker"), "a1")
    assert names(viewer, text) == []


def test_nothing_of_others_is_found(viewer):
    others = factories.make_environment(factories.make_project("secret-plans"))
    model = factories.make_model(others.project, "secret-model")
    factories.make_version(model, "secret-1")
    factories.make_service(others, "secret-api", model=model)
    assert names(viewer, "secret") == names(viewer, "secret-model:") == []
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    assert len(names(admin, "secret")) == 4


def test_at_most_eight_of_a_kind(viewer, project):
    environment = factories.make_environment(project)
    model = factories.make_model(project, "other")
    for number in range(MOST_FOUND + 3):
        factories.make_service(environment, f"rank-{number}", model=model)
    assert len(find(viewer, "rank")) == MOST_FOUND


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST_TEXT + 1)])
def test_no_text_and_a_long_one_are_refused(viewer, text):
    answer = viewer.get("/api/v1/search", {"q": text})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/q"


def test_it_takes_one_statement_per_kind(viewer, project):
    environment = factories.make_environment(project)
    find(viewer, "rank")
    with CaptureQueriesContext(connection) as none:
        find(viewer, "rank")
    for number in range(5):
        factories.make_service(
            environment, f"rank-{number}", model=factories.make_model(project, f"rank-{number}")
        )
    with CaptureQueriesContext(connection) as many:
        assert len(find(viewer, "rank")) == 10
    assert len(many) == len(none)
