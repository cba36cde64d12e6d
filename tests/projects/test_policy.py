"""What happens to fields of others, as callers choose it, beside the quota."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEvent
from projects.models import Environment, Role
from tests import factories

pytestmark = pytest.mark.django_db


def operator() -> APIClient:
    return factories.signed_in(factories.make_user(is_platform_admin=True))


def path_of(environment: Environment) -> str:
    return f"/api/v1/projects/{environment.project.name}/environments/{environment.name}"


def test_a_policy_is_chosen_and_audited():
    environment = factories.make_environment()
    admin = operator()
    assert admin.get(path_of(environment)).json()["foreign_fields"] == "take_over"
    quota = {"limits": {"cpu": "2"}, "gpu_products": {}}
    wish = {"foreign_fields": "refuse", "quota": quota}
    answer: Any = admin.patch(path_of(environment), wish, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["foreign_fields"] == "refuse"
    assert answer.json()["quota"]["limits"] == {"cpu": "2"}
    event = AuditEvent.objects.get(action="environment.update")
    assert (event.before, event.after) == (
        {"foreign_fields": "take_over"},
        {"foreign_fields": "refuse"},
    )
    environment.refresh_from_db()
    assert environment.generation == 3
    assert environment.next_run_at <= timezone.now()


@pytest.mark.parametrize(
    ("body", "pointer"), [({}, ""), ({"foreign_fields": "maybe"}, "/foreign_fields")]
)
def test_what_is_no_policy_is_refused(body, pointer):
    environment = factories.make_environment()
    admin = operator()
    answer: Any = admin.patch(path_of(environment), body, format="json")
    assert answer.status_code == 400
    assert [error.get("pointer", "") for error in answer.json()["errors"]] == [pointer]


def test_a_policy_is_for_those_who_run_the_fleet():
    environment = factories.make_environment()
    admin = factories.signed_in(factories.make_member(environment.project, Role.ADMIN))
    answer: Any = admin.patch(path_of(environment), {"foreign_fields": "refuse"}, format="json")
    assert answer.status_code == 403


def test_an_environment_is_made_with_a_policy():
    project = factories.make_project()
    admin = operator()
    wish = {"name": "staging", "cluster": factories.make_cluster().name, "foreign_fields": "refuse"}
    path = f"/api/v1/projects/{project.name}/environments"
    answer: Any = admin.post(path, wish, format="json")
    assert answer.status_code == 201, answer.content
    assert (answer.json()["foreign_fields"], answer.json()["drift"]) == ("refuse", [])


@pytest.mark.parametrize("quota", [{}, {"gpu_products": {}}], ids=["nothing", "no limits"])
def test_a_quota_that_names_no_limits_limits_nothing(quota):
    environment = factories.make_environment()
    admin = operator()
    for answer in (
        admin.put(f"{path_of(environment)}/quota", quota, format="json"),
        admin.patch(path_of(environment), {"quota": quota}, format="json"),
    ):
        assert answer.status_code == 200, answer.content
        assert answer.json()["quota"]["limits"] == {}
