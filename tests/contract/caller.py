"""Who asks for changes over HTTP, and does what a worker does between two questions."""

from typing import Any

from rest_framework.test import APIClient

from core.waiting import wait_until
from projects.models import Role
from serving.models import ModelService
from serving.worker.advance import reconcile_rollout
from tests import factories

MOST_PASSES = 50


class Caller:
    """A deployer of the service's project, who speaks HTTP only."""

    def __init__(self, service: ModelService) -> None:
        environment = service.environment
        user = factories.make_member(environment.project, Role.DEPLOYER)
        self.http: APIClient = factories.signed_in(user)
        path = f"projects/{environment.project.name}/environments/{environment.name}"
        self.environment = f"/api/v1/{path}"
        self.service = f"{self.environment}/services/{service.name}"

    def get(self, path: str, expect: int = 200, **query: str) -> Any:
        answer: Any = self.http.get(path, query)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def post(self, path: str, body: Any, expect: int = 202) -> Any:
        answer: Any = self.http.post(path, body, format="json")
        assert answer.status_code == expect, answer.content
        return answer.json()

    def rollout(self, rollout: dict[str, Any]) -> Any:
        return self.get(f"/api/v1/rollouts/{rollout['id']}")

    def work(self, rollout: dict[str, Any]) -> Any:
        """Do what a worker does until nothing is due at once; return the rollout as shown then.

        One pass may be none: the Deployment can change between its being read and written.
        """
        for _ in range(MOST_PASSES):
            if not reconcile_rollout(rollout["id"]):
                return self.rollout(rollout)
        raise AssertionError(f"There is always something more to do: {self.rollout(rollout)}")

    def end(self, rollout: dict[str, Any]) -> Any:
        """Work until the rollout is finished."""

        def finished() -> Any:
            seen = self.work(rollout)
            return seen if seen["finished"] else None

        ended = wait_until(finished, timeout_seconds=30)
        assert ended is not None, self.rollout(rollout)
        return ended
