"""A service's Deployment as a worker has just read it."""

from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from clusters.labels import EPOCH, REVISION, ROLLOUT
from clusters.observed import list_decoder, number_in_label, revision, workload_decoder

# Fits a 64-bit column, with room to keep counting.
EPOCH_DIGITS = 18


class DeploymentState(msgspec.Struct, frozen=True):
    """What the rollout machine bases its decisions on, from a live read."""

    uid: str
    resource_version: str
    generation: int
    observed_generation: int
    spec_replicas: int
    paused: bool
    replicas: int
    updated_replicas: int
    ready_replicas: int
    available_replicas: int
    revision: int | None
    rollout: str
    epoch: int
    is_deleting: bool
    conditions: list[dict[str, str]]

    @property
    def is_observed(self) -> bool:
        """Whether the numbers are about the spec as it is now, not as it was before."""
        return self.observed_generation >= self.generation


def decode_deployment(body: bytes) -> DeploymentState:
    """Read a live Deployment."""
    seen = workload_decoder.decode(body)
    annotations = seen.metadata.annotations
    return DeploymentState(
        uid=seen.metadata.uid,
        resource_version=seen.metadata.resource_version,
        generation=seen.metadata.generation,
        observed_generation=seen.status.observed_generation,
        spec_replicas=seen.spec.replicas,
        paused=seen.spec.paused,
        replicas=seen.status.replicas,
        updated_replicas=seen.status.updated_replicas,
        ready_replicas=seen.status.ready_replicas,
        available_replicas=seen.status.available_replicas,
        revision=number_in_label(seen.template_labels.get(REVISION)),
        rollout=annotations.get(ROLLOUT, ""),
        epoch=number_in_label(annotations.get(EPOCH), digits=EPOCH_DIGITS) or 0,
        is_deleting=seen.metadata.deletion_timestamp is not None,
        conditions=[condition.as_json() for condition in seen.status.conditions],
    )


def replicas_owned(body: bytes, owner_uid: str) -> int:
    """Return the total `spec.replicas` of the ReplicaSets in a list that an owner controls."""
    seen = [workload_decoder.decode(item) for item in list_decoder.decode(body).items]
    owners = [(one.metadata.controller, one.spec.replicas) for one in seen]
    return sum(replicas for owner, replicas in owners if owner and owner.uid == owner_uid)


@dataclass(frozen=True, slots=True)
class Live:
    """A Deployment as it was just read: the state that decisions need, and its full content."""

    state: DeploymentState
    content: dict[str, Any]

    @classmethod
    def read(cls, body: bytes) -> "Live":
        return cls(decode_deployment(body), orjson.loads(body))

    @property
    def version(self) -> int | None:
        """How far the cluster had got when the Deployment was last written."""
        return revision(self.state.resource_version)
