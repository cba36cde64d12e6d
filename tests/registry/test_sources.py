"""From where images may be: what the platform takes, and what an environment takes of that."""

from typing import Any

import pytest

from accounts.actor import Actor
from core.errors import Forbidden
from projects.models import Environment, Role
from registry.images import refuse_source
from serving import actions
from serving.models import ModelService
from tests import factories
from tests.serving.changes import deploy, finish

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("image", "platform", "environment", "is_allowed"),
    [
        pytest.param("ghcr.io/team/scorer", [], [], True, id="nobody says anything"),
        pytest.param("ghcr.io/team/scorer", ["ghcr.io"], [], True, id="a registry"),
        pytest.param("ghcr.io.evil.example/scorer", ["ghcr.io"], [], False, id="begins alike"),
        pytest.param("quay.io/team/scorer", ["ghcr.io"], [], False, id="another registry"),
        pytest.param("ghcr.io/team/scorer", [], ["ghcr.io/team"], True, id="a path"),
        pytest.param("ghcr.io/teams/scorer", [], ["ghcr.io/team"], False, id="a longer path"),
        pytest.param("ghcr.io/team/scorer", ["ghcr.io"], ["quay.io"], False, id="both have to"),
        pytest.param("quay.io/team/scorer", ["ghcr.io"], ["quay.io"], False, id="and the platform"),
        pytest.param("models/scorer", [], ["docker.io/models"], True, id="no registry is named"),
        pytest.param("models/scorer", ["ghcr.io"], [], False, id="and is not for all"),
        pytest.param("127.0.0.1:5000/scorer", ["127.0.0.1:5000"], [], True, id="a port"),
        pytest.param("127.0.0.1:5001/scorer", ["127.0.0.1:5000"], [], False, id="another port"),
    ],
)
def test_an_image_is_from_where_both_take_images(
    settings, image, platform, environment, is_allowed
):
    settings.IMAGE_REGISTRIES = platform
    if is_allowed:
        refuse_source(f"{image}@{DIGEST}", environment=environment)
        return
    with pytest.raises(Forbidden) as refusal:
        refuse_source(f"{image}@{DIGEST}", environment=environment)
    assert refusal.value.details["allowed"]
    assert all(source in str(refusal.value.message) for source in refusal.value.details["allowed"])


def test_a_digest_of_a_registry_that_the_platform_does_not_take_is_not_registered(settings, db):
    settings.IMAGE_REGISTRIES = ["registry.example.com"]
    model = factories.make_model()
    http = factories.signed_in(factories.make_member(model.project, Role.DEPLOYER))
    path = f"/api/v1/projects/{model.project.name}/models/{model.name}/versions"
    wish = {"version": "1", "image": f"ghcr.io/team/scorer@{DIGEST}"}
    answer: Any = http.post(path, wish, format="json")
    assert (answer.status_code, answer.json()["reason"]) == (403, "RegistryNotAllowed")
    assert "registry.example.com" in answer.json()["detail"]
    assert not model.versions.exists()
    wish["image"] = f"registry.example.com/scorer@{DIGEST}"
    assert http.post(path, wish, format="json").status_code == 201


@pytest.fixture
def service(db: None) -> ModelService:
    """A service with a version from each of two registries."""
    service = factories.make_service()
    for version, registry in (("1", "ghcr.io"), ("2", "quay.io")):
        image = f"{registry}/team/scorer@{DIGEST}"
        factories.make_version(service.model, version, image=image)
    return service


@pytest.fixture
def by(db: None) -> Actor:
    return Actor.of(factories.make_user())


def take(service: ModelService, *sources: str) -> ModelService:
    """Let the environment take images from nowhere else."""
    Environment.objects.filter(pk=service.environment_id).update(image_registries=list(sources))
    return ModelService.objects.get(pk=service.pk)


def test_an_environment_takes_images_only_from_where_it_says(service, by):
    service = take(service, "ghcr.io/team")
    with pytest.raises(Forbidden) as refusal:
        deploy(service, "2", by)
    assert "ghcr.io/team" in str(refusal.value.message)
    assert deploy(service, "1", by)


def test_what_runs_already_may_be_scaled_and_not_rolled_back_to(service, by):
    finish(deploy(service, "2", by))
    finish(deploy(service, "1", by))
    service = take(service, "quay.io")
    finish(actions.start_scale(service=service, replicas=2, by=by))
    service = take(service, "ghcr.io")
    with pytest.raises(Forbidden):
        actions.start_rollback(service=service, number=1, by=by)
