"""A project's delivery: of rollouts that finished, and unknown where nothing was measured."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects.models import Role
from serving.models import ModelService
from serving.rules.lifecycle import Phase, RolloutKind
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> ModelService:
    """A service without a rollout."""
    environment = factories.make_environment(factories.make_project("vision"))
    return factories.make_service(environment, name="scorer")


def read(service: ModelService, query: str = "", *, code: int = 200) -> Any:
    viewer = factories.signed_in(factories.make_member(service.project, Role.VIEWER))
    answer = viewer.get(f"/api/v1/projects/vision/delivery{query}")
    assert answer.status_code == code, answer.content
    return answer.json()


def roll_out(
    service: ModelService,
    *,
    minutes_ago: float,
    took: float = 60,
    phase: Phase = Phase.SUCCEEDED,
    **fields: Any,
) -> None:
    """Make a rollout that began so long ago and took so many seconds."""
    began = timezone.now() - timedelta(minutes=minutes_ago)
    finished = None if phase is Phase.PROGRESSING else began + timedelta(seconds=took)
    rollout = factories.make_rollout(service, phase=phase, **fields)
    type(rollout).objects.filter(pk=rollout.pk).update(created_at=began, finished_at=finished)


def stretch(answer: Any, until: str) -> tuple[int, float | None, float | None]:
    [found] = [one for one in answer["stretches"] if one["until"] == until]
    return found["count"], found["median_seconds"], found["p90_seconds"]


def test_nothing_rolled_out_is_unknown_and_not_zero_seconds(service):
    answer = read(service)
    assert answer["deployments"] == {
        "succeeded": 0, "failed": 0, "aborted": 0, "failed_ratio": None
    }  # fmt: skip
    assert stretch(answer, "total") == (0, None, None)
    assert answer["recovery"] == {
        "count": 0, "median_seconds": None, "p90_seconds": None, "unrecovered": 0
    }  # fmt: skip
    assert (answer["services"], answer["services_total"]) == ([], 0)
    assert len(answer["course"]) == 30


def test_deployments_are_counted_by_how_they_ended(service):
    for seconds in (10, 20, 30, 1000):
        roll_out(service, minutes_ago=60, took=seconds)
    roll_out(service, minutes_ago=50, phase=Phase.FAILED, rolled_back=True)
    roll_out(service, minutes_ago=40, phase=Phase.ABORTED)
    roll_out(service, minutes_ago=30, kind=RolloutKind.SCALE)
    roll_out(service, minutes_ago=1, phase=Phase.PROGRESSING)
    answer = read(service, "?window=2d")
    assert answer["deployments"] == {
        "succeeded": 4, "failed": 1, "aborted": 1, "failed_ratio": 0.2
    }  # fmt: skip
    assert answer["per_day"] == 2
    assert stretch(answer, "total") == (4, 20, 1000)
    [own] = answer["services"]
    assert (own["service"], own["total"]["median_seconds"]) == ("scorer", 20)
    assert own["deployments"] == answer["deployments"]


def test_a_failure_is_over_when_it_has_returned_or_a_later_rollout_succeeded(service):
    other = factories.make_service(service.environment, name="other")
    roll_out(service, minutes_ago=100, took=90, phase=Phase.FAILED, rolled_back=True)
    roll_out(service, minutes_ago=50, took=60, phase=Phase.FAILED)
    roll_out(service, minutes_ago=40, took=60, kind=RolloutKind.ROLLBACK)
    roll_out(other, minutes_ago=30, phase=Phase.FAILED)
    answer = read(service)
    recovery = answer["recovery"]
    assert (recovery["count"], recovery["unrecovered"]) == (2, 1)
    assert (recovery["median_seconds"], recovery["p90_seconds"]) == (90, pytest.approx(660, abs=1))
    by_name = {one["service"]: one["recovery"] for one in answer["services"]}
    assert (by_name["other"]["count"], by_name["other"]["unrecovered"]) == (0, 1)


def test_a_version_comes_online_once_from_its_registration(service):
    version = factories.make_version(service.model)
    revision = factories.make_revision(service, version)
    type(version).objects.update(created_at=timezone.now() - timedelta(minutes=70))
    roll_out(service, minutes_ago=60, took=60, to_revision=revision)
    roll_out(service, minutes_ago=10, took=60, to_revision=revision)
    answer = read(service)
    assert stretch(answer, "total")[0] == 2
    count, median, _ = stretch(answer, "from_registration")
    assert (count, median) == (1, pytest.approx(660, abs=1))


def test_a_stretch_of_clocks_that_differ_is_unknown(service):
    began = timezone.now() - timedelta(minutes=5)
    times = {"applied_at": began, "scheduled_at": began - timedelta(seconds=3)}
    roll_out(service, minutes_ago=5, **times, started_at=began + timedelta(seconds=4))
    answer = read(service)
    assert stretch(answer, "scheduled") == (0, None, None)
    assert stretch(answer, "started") == (1, 7, 7)
    assert stretch(answer, "first_ready") == (0, None, None)


def test_a_course_ends_with_its_window_and_loses_none(service):
    for minutes in (1, 59, 61, 60 * 23 + 59):
        roll_out(service, minutes_ago=minutes)
    roll_out(service, minutes_ago=60 * 24 + 1)
    answer = read(service, "?window=24h")
    assert answer["step_seconds"] == 3600
    assert [step["succeeded"] for step in answer["course"]] == [1, *[0] * 21, 1, 2]


def test_an_environment_and_a_page_of_services(service):
    staging = factories.make_environment(service.project, name="staging")
    other = factories.make_service(staging, name="scorer")
    for one in (service, other, other):
        roll_out(one, minutes_ago=5)
    answer = read(service, "?limit=1")
    assert [one["environment"] for one in answer["services"]] == ["staging"]
    assert answer["services_total"] == 2
    more = read(service, answer["next"].partition("delivery")[2])
    assert [one["environment"] for one in more["services"]] == [service.environment.name]
    assert more["next"] is None
    assert read(service, "?environment=staging")["deployments"]["succeeded"] == 2
    assert read(service, "?environment=absent")["deployments"]["succeeded"] == 0


@pytest.mark.parametrize("query", ["window=1m", "window=x", "until=soon", "limit=0", "of=scorer"])
def test_odd_requests_are_refused(service, query):
    read(service, f"?{query}", code=400)


def test_a_stranger_does_not_see_that_the_project_exists(service):
    stranger = factories.signed_in(factories.make_user())
    assert stranger.get("/api/v1/projects/vision/delivery").status_code == 404
