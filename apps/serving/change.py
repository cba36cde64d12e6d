"""A change to a service's pods before admission: the ways to make it, and what each holds."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from core.errors import QuotaExceeded
from core.messages import Message, counted
from core.resources import NOTHING, Resources, of_one_pod
from projects import admission
from projects.models import Quota
from projects.quota import Allowance, Share, needs
from registry.images import refuse_source
from registry.models import ModelVersion
from serving.diagnosis.judging import at_rest_held
from serving.manifests.spec import ServiceSpec
from serving.models import LARGEST_REPLICAS, ModelService, SecretVersion
from serving.rules import drafts, strategy
from serving.rules.strategy import Pods, Replacement, Strategy
from serving.rules.temporary import Replicas
from serving.secrets import vault

# Of those who can be asked for more quota.
MOST_ASKED = 3


@dataclass(frozen=True)
class Change:
    """What a service's pods are to become; `held` is its reservation before the change."""

    service: ModelService
    spec: ServiceSpec
    counts: Replicas
    # As the service states it, with or without bounds.
    strategy: dict[str, Any]
    held: Share
    # Only the number of pods changes.
    is_scale: bool = False
    # A candidate may run beside what runs now.
    goes_by_steps: bool = True

    @cached_property
    def old(self) -> Pods:
        """The pods that may exist now."""
        return pods_held_by(self.service, self.held.resources)

    @property
    def replaces_pods(self) -> bool:
        """Whether pods are replaced: not by a scale, and not if nothing runs yet."""
        return self.old.count > 0 and not self.is_scale

    @property
    def way(self) -> dict[str, Any]:
        """How pods are replaced, as stated for such a change."""
        is_beside = self.goes_by_steps and self.replaces_pods and self.counts.now > 0
        return self.strategy if is_beside else strategy.without_steps(self.strategy)

    def refuse_steps(self, replacement: Replacement) -> None:
        """Refuse steps that so many pods cannot take.

        Raises:
            Invalid: there is no room for a pod of either side, or a weight that has to be exact
                is not.
        """
        old, new = self.old.count, self.counts.now
        strategy.refuse_cramped(replacement, old=old, new=new)
        if self.strategy.get("exact"):
            strategy.refuse_inexact(replacement, old=old, new=new)

    def refuse_pods(self, quota: Quota) -> None:
        """Refuse new pods that the environment does not allow; existing ones may stay.

        Raises:
            QuotaExceeded, Invalid: see `projects.admission.refuse_pods`.
        """
        if self.counts.now > (0 if self.replaces_pods else self.old.count):
            requests, limits = map(Resources.parse, (self.spec.requests, self.spec.limits))
            admission.refuse_pods(quota, requests=requests, limits=limits)

    def refuse_image(self, allowed: Sequence[str]) -> None:
        """Refuse an image from where the environment takes none; what runs may stay.

        Raises:
            Forbidden: see `registry.images.refuse_source`.
        """
        current = self.service.current_revision
        if current is None or current.frozen_spec.image != self.spec.image:
            refuse_source(self.spec.image, environment=allowed)

    def gentlest(self, allowance: Allowance) -> tuple[Replacement, Share]:
        """Return the first way that fits the quota; if none does, the last, which needs least."""
        for replacement, wanted in self.ways():
            if all(need.fits for need in needs(allowance, held=self.held, wanted=wanted)):
                return replacement, wanted
        return replacement, wanted

    def fits(self, allowance: Allowance) -> bool:
        """Return whether the quota has room for one of the ways."""
        _, wanted = self.gentlest(allowance)
        return all(need.fits for need in needs(allowance, held=self.held, wanted=wanted))

    def highest_replicas(self, allowance: Allowance) -> int:
        """Return the highest number of such pods that the quota has room for."""

        def is_too_many(count: int) -> bool:
            return not replace(self, counts=self.counts.with_now(count)).fits(allowance)

        return bisect_left(range(LARGEST_REPLICAS + 1), True, key=is_too_many) - 1

    @contextmanager
    def naming_what_fits(self, allowance: Allowance) -> Iterator[None]:
        """Add to a refusal by quota how many pods would fit, and whom to ask for more."""
        try:
            yield
        except QuotaExceeded as refusal:
            highest = max(self.highest_replicas(allowance), 0)
            admins = self.service.environment.project.admins(at_most=MOST_ASKED)
            message = refusal.message + fitting(highest) + whom_to_ask(admins)
            facts = {"highest_replicas": highest, "ask": admins}
            raise QuotaExceeded(message, details={**refusal.details, **facts}) from refusal

    def ways(self) -> Iterator[tuple[Replacement, Share]]:
        """Yield the replacements to try, the gentlest first, each with what it holds at its peak.

        Each includes the room to return from a temporary scale, and nothing held is released
        before the change has succeeded.
        """
        held = self.held.resources
        new = Pods(self.counts.now, of_one_pod(Resources.parse(self.spec.requests)))
        least = held.most(new.each * self.counts.returns_to)
        # Pods that are terminating, or that somebody else added, hold room on top of the change's.
        others = (held - at_rest_held(self.service, self.held)).most(NOTHING)
        choices = strategy.parse(self.way, replicas=new.count, running=self.old.count)
        for choice in choices if self.replaces_pods else choices[:1]:
            replacement = choice if self.replaces_pods else Replacement(type=Strategy.RECREATE)
            most = strategy.peak(self.old, new, replacement)
            yield choice, Share((most + others).most(least), self.spec.gpu_product)


def fitting(highest: int) -> Message:
    """Say how many pods would fit."""
    if not highest:
        return Message("There is no room for a single replica.")
    return counted(
        "At most %(count)s replica fits.", "At most %(count)s replicas fit.", count=highest
    )


def whom_to_ask(admins: Sequence[str]) -> Message:
    """Say who can ask for more quota, or free what others hold."""
    if not admins:
        return Message("Ask an administrator of the platform for more quota.")
    return Message("For more, ask an admin of the project: %(admins)s.", admins=", ".join(admins))


def next_spec(
    service: ModelService,
    version: ModelVersion,
    settings: Mapping[str, Any],
    secrets: Iterable[SecretVersion],
) -> ServiceSpec:
    """Return what pods are from now on, with these versions of the secrets that they get."""
    numbers = vault.numbers_of(secrets)
    named = {"model": service.model.name, "version": version.version, "image": version.image}
    return drafts.frozen(settings, **named, **numbers)


def is_what_runs(service: ModelService, spec: ServiceSpec) -> bool:
    """Return whether a service's pods are like this already, so that none is replaced."""
    current = service.current_revision
    return current is not None and current.frozen_spec == spec


def brought_by(service: ModelService, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings a rollout brings: the draft, overridden by what is stated with it."""
    brought = {**drafts.settings_from(service.draft), **changes}
    # A number of pods stated with a rollout is permanent, and ends a temporary scale.
    ended = Replicas(brought["replicas"]).as_columns() if "replicas" in brought else {}
    return brought | ended


def pods_held_by(service: ModelService, held: Resources) -> Pods:
    """Return the pods a service may run now: after a failed first rollout, those it left."""
    if service.current_revision is not None:
        spec = service.current_revision.frozen_spec
        return Pods(service.desired_replicas, of_one_pod(Resources.parse(spec.requests)))
    count = pods_left(service.applied)
    if not count:
        return Pods(1 if held else 0, held)
    return Pods(count, Resources({name: -(-amount // count) for name, amount in held.items()}))


def pods_left(applied: Sequence[Mapping[str, Any]]) -> int:
    """Return the most pods that the Deployment may have, as it was applied."""
    specs = [manifest["spec"] for manifest in applied if manifest["kind"] == "Deployment"]
    return sum(
        spec["replicas"] + spec["strategy"].get("rollingUpdate", {}).get("maxSurge", 0)
        for spec in specs
    )
