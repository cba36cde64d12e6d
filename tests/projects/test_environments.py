"""Giving up an environment: what goes with it, what stays, and what is refused meanwhile."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import tokens
from audit.models import AuditEvent
from core.errors import Conflict
from core.resources import NOTHING, Resources
from projects import admission
from projects.models import Environment, Quota, Role
from projects.quota import Share
from projects.reconcile import GONE, claim, commit
from serving.models import ModelService, Revision, Rollout
from serving.rules.lifecycle import Phase
from tests.factories import (
    make_deployed_service,
    make_environment,
    make_member,
    make_project,
    make_robot,
    make_rollout,
    make_service,
    signed_in,
)

pytestmark = pytest.mark.django_db
ONE_CORE = Share(Resources.parse({"cpu": "1"}))


def leaving() -> Environment:
    return make_environment(phase=Environment.Phase.TERMINATING)


def test_an_environment_takes_the_history_of_its_services_with_it() -> None:
    environment = leaving()
    service = make_deployed_service(environment)
    revision = service.revisions.get()
    make_rollout(service, phase=Phase.FAILED, from_revision=revision, to_revision=revision)
    admission.locked_ledger(environment.pk, service.pk).reserve(Share())
    make_service(environment)
    give_up(environment)
    for model in (Environment, ModelService, Revision, Rollout):
        assert not model.objects.exists()


def give_up(environment: Environment) -> None:
    """Find that nothing is left of an environment, as a worker does."""
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    claimed = claim(environment.pk)
    assert claimed is not None
    commit(claimed, GONE)


def test_its_audit_stays() -> None:
    environment = make_environment()
    admin = make_member(environment.project, Role.ADMIN)
    admin.is_superuser = True
    admin.save()
    project = environment.project.name
    path = f"/api/v1/projects/{project}/environments/{environment.name}"
    assert signed_in(admin).delete(path).status_code == 202
    give_up(environment)
    assert not Environment.objects.exists()
    assert AuditEvent.objects.get(action="environment.delete").object_name == str(environment)


def test_nothing_more_is_let_into_an_environment_that_is_being_deleted() -> None:
    environment = leaving()
    with pytest.raises(Conflict, match="is being deleted"):
        admission.locked_ledger(environment.pk, uuid4()).reserve(ONE_CORE)
    assert Quota.objects.get(environment=environment).reserved == NOTHING


def test_a_token_says_that_the_environments_it_is_restricted_to_are_gone() -> None:
    project = make_project()
    admin, environment = make_member(project, Role.ADMIN), make_environment(project)
    for robot in (
        make_robot(project, Role.DEPLOYER, [environment]),
        make_robot(project, Role.ADMIN),
    ):
        tokens.issue(robot, name="ci-bot", expires_at=None, by=admin)
    environment.delete()
    shown = signed_in(admin).get(f"/api/v1/projects/{project.name}/tokens").json()["results"]
    assert [(token["is_restricted"], token["environments"]) for token in shown] == [
        (False, []),
        (True, []),
    ]
