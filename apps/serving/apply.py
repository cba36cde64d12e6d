"""One Deployment of a service as a worker has just read it."""

from dataclasses import dataclass
from typing import Any

import orjson

from clusters.observed import DeploymentState, decode_deployment, revision


@dataclass(frozen=True, slots=True)
class Live:
    """A Deployment as it was just read: what is decided by, and all of it."""

    state: DeploymentState
    content: dict[str, Any]

    @classmethod
    def read(cls, body: bytes) -> "Live":
        return cls(decode_deployment(body), orjson.loads(body))

    @property
    def version(self) -> int | None:
        """How far the cluster was when the Deployment was last written."""
        return revision(self.state.resource_version)
