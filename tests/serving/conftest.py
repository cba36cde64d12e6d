"""A service with room to change, and who changes it."""

import pytest

from accounts.actor import Actor
from core.resources import Resources
from serving.models import ModelService
from tests.factories import make_environment, make_model, make_service, make_user, make_version
from tests.serving.changes import GPU


@pytest.fixture
def by(db: None) -> Actor:
    return Actor.of(make_user("dana"))


@pytest.fixture
def service(by: Actor) -> ModelService:
    """A service of two pods with one GPU each, in an environment with four."""
    environment = make_environment(limits=Resources({GPU: 4}))
    model = make_model(environment.project)
    for version in ("1", "2"):
        make_version(model, version)
    return make_service(
        environment,
        model=model,
        replicas=2,
        requests=Resources({GPU: 1}),
        limits=Resources({GPU: 1}),
    )
