"""A change of a service's pods before it is admitted: the ways to make it, and what each holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.resources import NOTHING, Resources, of_one_pod
from projects import admission
from projects.quota import Claim
from serving.diagnosis.judging import at_rest_held
from serving.manifests.spec import ServiceSpec
from serving.models import ModelService
from serving.rules import drafts, strategy
from serving.rules.strategy import Pods, Replacement
from serving.rules.temporary import Replicas


@dataclass(frozen=True)
class Change:
    """What a service's pods become; `held` is what it is promised before that."""

    service: ModelService
    spec: ServiceSpec
    counts: Replicas
    # As a service states it, bounds and all or without them.
    strategy: dict[str, Any]
    held: Claim
    # Only the number changes.
    is_scale: bool = False

    @cached_property
    def old(self) -> Pods:
        """The pods that there may be now."""
        return pods_held_by(self.service, self.held.resources)

    @property
    def is_replacing(self) -> bool:
        """Whether pods are replaced; none are where nothing runs yet."""
        return self.old.count > 0 and not self.is_scale

    def refuse_pods(self) -> None:
        """Refuse new pods of which none may be here; those that are there already may stay.

        Raises:
            QuotaExceeded, Invalid: see `projects.admission.refuse_pods`.
        """
        if self.counts.now > (0 if self.is_replacing else self.old.count):
            requests, limits = map(Resources.parse, (self.spec.requests, self.spec.limits))
            admission.refuse_pods(self.service.environment_id, requests=requests, limits=limits)

    def ways(self) -> Iterator[tuple[Replacement, Claim]]:
        """Yield the replacements to try, the gentlest first, each with what it holds at its peak.

        The return from a temporary scale belongs to the change, and nothing that is held is given
        back before the change has succeeded.
        """
        held = self.held.resources
        new = Pods(self.counts.now, of_one_pod(Resources.parse(self.spec.requests)))
        least = held.most(new.each * self.counts.returns_to)
        # Pods that still end, or that somebody else added, hold room beside those of the change.
        others = (held - at_rest_held(self.service, self.held)).most(NOTHING)
        choices = strategy.parse(self.strategy, replicas=self.counts.now)
        for choice in choices if self.is_replacing else choices[:1]:
            replacement = choice if self.is_replacing else Replacement(recreate=True)
            most = strategy.peak(self.old, new, replacement)
            yield choice, Claim((most + others).most(least), self.spec.gpu_product)


def brought_by(service: ModelService, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a rollout brings: what was drafted, and what is stated with it."""
    brought = {**drafts.settings_from(service.draft), **changes}
    # Whoever states a number of pods with a rollout means it for good.
    ended = Replicas(brought["replicas"]).as_columns() if "replicas" in brought else {}
    return brought | ended


def pods_held_by(service: ModelService, held: Resources) -> Pods:
    """Return the pods that a service may run now; of what failed at first, those that it left."""
    if service.current_revision is not None:
        spec = service.current_revision.frozen_spec
        return Pods(service.desired_replicas, of_one_pod(Resources.parse(spec.requests)))
    count = pods_left(service.applied)
    if not count:
        return Pods(1 if held else 0, held)
    return Pods(count, Resources({name: -(-amount // count) for name, amount in held.items()}))


def pods_left(applied: Sequence[Mapping[str, Any]]) -> int:
    """Return how many pods a Deployment may hold at most, as it was applied."""
    specs = [manifest["spec"] for manifest in applied if manifest["kind"] == "Deployment"]
    return sum(
        spec["replicas"] + spec["strategy"].get("rollingUpdate", {}).get("maxSurge", 0)
        for spec in specs
    )
