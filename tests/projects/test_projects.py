"""Deleting a project: what stops it, what goes with it, and what stays."""

from typing import Any

import pytest

from accounts import tokens
from audit.models import AuditEvent
from projects.models import Environment, Project, Reservation, Role
from projects.reconcile import remove_projects
from projects.tasks import sweep_environments
from registry.models import ModelVersion, RegisteredModel
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from tests import factories
from tests.projects.test_environments import give_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Any:
    return factories.signed_in(factories.make_user(is_platform_admin=True))


@pytest.fixture
def service() -> ModelService:
    """A service that was deployed once and runs no more."""
    service = factories.make_deployed_service()
    factories.make_rollout(service, phase=Phase.FAILED, to_revision=service.current_revision)
    Reservation.objects.all().delete()
    return service


def place_of(project: Project) -> str:
    return f"/api/v1/projects/{project.name}"


def test_a_project_in_which_nothing_runs_goes_with_its_history(
    admin: Any, service: ModelService
) -> None:
    environment, project = service.environment, service.environment.project
    leaving = factories.make_environment(
        project, "staging", cluster=environment.cluster, phase=Environment.Phase.TERMINATING
    )
    robot = factories.make_robot(project, Role.DEPLOYER)
    tokens.issue(robot, name="ci", expires_at=None, by=None)

    answer = admin.delete(place_of(project))

    assert answer.status_code == 202, answer.content
    assert answer.json()["deletion_requested_at"]
    assert {e["phase"] for e in answer.json()["environments"]} == {"Terminating"}
    for gone in (environment, leaving):
        remove_projects()
        assert Project.objects.filter(pk=project.pk).exists()
        give_up(gone)
    remove_projects()
    for model in (Environment, ModelService, Rollout, RegisteredModel, ModelVersion):
        assert not model.objects.exists()
    assert admin.get(place_of(project)).status_code == 404
    robot.refresh_from_db()
    assert not robot.is_active


def test_its_audit_stays_and_belongs_to_no_later_project_of_its_name(
    admin: Any, service: ModelService
) -> None:
    project = service.environment.project
    admin.delete(place_of(project))
    give_up(service.environment)
    sweep_environments()
    rows = AuditEvent.objects.filter(project_id=project.pk)
    assert {"project.delete", "environment.delete"} == {row.action for row in rows}
    admin.post("/api/v1/projects", {"name": project.name})
    later = admin.get("/api/v1/audit-events", {"project": project.name}).json()["results"]
    assert [row["action"] for row in later] == ["project.create"]


def test_services_that_run_stop_it_and_are_named(admin: Any, service: ModelService) -> None:
    factories.hold_quota(service)
    project = service.environment.project
    answer = admin.delete(place_of(project))
    assert (answer.status_code, answer.json()["reason"]) == (409, "InUse")
    running = f"{service.environment.name}/{service.name}"
    assert answer.json()["details"] == {"services": [running]}
    assert running in answer.json()["detail"]
    environment = Environment.objects.get(pk=service.environment_id)
    assert environment.phase != Environment.Phase.TERMINATING
    assert not AuditEvent.objects.exists()


def test_nothing_is_added_to_a_project_that_is_being_deleted(
    admin: Any, service: ModelService
) -> None:
    project = service.environment.project
    admin.delete(place_of(project))
    for path, body in (
        ("models", {"name": "spam"}),
        ("members", {"username": "a", "role": "viewer"}),
    ):
        answer = admin.post(f"{place_of(project)}/{path}", body)
        assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    assert admin.get(place_of(project)).status_code == 200
    again = admin.delete(place_of(project))
    assert again.status_code == 202
    assert AuditEvent.objects.filter(action="project.delete").count() == 1
