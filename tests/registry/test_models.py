"""Deleting a model: with its versions, unless a service names it."""

from typing import Any

import pytest

from audit.models import AuditEvent
from projects.models import Role
from registry.models import ModelVersion, RegisteredModel
from tests import factories

pytestmark = pytest.mark.django_db


def place_of(model: RegisteredModel) -> str:
    return f"/api/v1/projects/{model.project.name}/models/{model.name}"


def delete(model: RegisteredModel) -> Any:
    admin = factories.make_member(model.project, Role.ADMIN)
    return factories.signed_in(admin).delete(place_of(model))


def test_a_model_that_no_service_names_goes_with_its_versions() -> None:
    model = factories.make_version(factories.make_model()).model
    assert delete(model).status_code == 204
    assert not RegisteredModel.objects.exists()
    assert not ModelVersion.objects.exists()
    row = AuditEvent.objects.get(action="model.delete")
    assert (row.object_name, row.before["versions"]) == (model.name, 1)


@pytest.mark.parametrize(
    "make", [factories.make_deployed_service, factories.make_service], ids=["deployed", "new"]
)
def test_services_that_name_it_stop_it_and_are_named(make: Any) -> None:
    service = make()
    answer = delete(service.model)
    place = f"{service.environment.name}/{service.name}"
    assert (answer.status_code, answer.json()["reason"]) == (409, "InUse")
    assert answer.json()["details"] == {"services": [place]}
    assert place in answer.json()["detail"]
    assert RegisteredModel.objects.filter(pk=service.model_id).exists()
