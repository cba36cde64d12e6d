"""Whether a change would be admitted if it began now: the same rule, but nothing is reserved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.errors import Refusal
from core.messages import Message
from core.reasons import Reason
from projects import admission, quota
from projects.models import Environment, Quota
from projects.quota import Need, Share
from registry.models import ModelVersion
from serving.change import Change, brought_by, is_what_runs, next_spec
from serving.models import ModelService
from serving.rules import drafts
from serving.rules.strategy import Replacement
from serving.rules.temporary import Replicas
from serving.secrets import vault


class Verdict(StrEnum):
    """What is known about whether there is room."""

    FITS = "fits"
    # It will fit once what is in progress has ended.
    FITS_AFTER = "fits_after"
    CANNOT = "cannot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a change would hold at its peak, and whether the quota has room for that."""

    verdict: Verdict
    reason: Reason
    message: Message
    # The number of pods that it leads to.
    replicas: int
    # The highest number of such pods that the quota has room for; None where none is to run.
    highest_replicas: int | None
    # How pods would be replaced; None if none are.
    replacement: Replacement | None
    # Empty if it does not go by steps; see `Replacement.shown_steps`.
    steps: list[dict[str, Any]]
    needs: list[Need]

    @property
    def missing(self) -> list[Need]:
        """What the quota has too little of."""
        return [need for need in self.needs if not need.fits]


def of_new(environment: Environment, settings: Mapping[str, Any]) -> Preflight:
    """Preflight the first rollout of a service that does not exist yet."""
    return look_ahead(ModelService(environment=environment, **settings), {})


def of_next(
    service: ModelService, changes: Mapping[str, Any], version: ModelVersion | None
) -> Preflight:
    """Preflight a service's next rollout, which brings its draft and these changes.

    Without a version it is taken for another than the one that runs.
    """
    brought = brought_by(service, changes)
    found = look_ahead(service, brought)
    if version is None:
        return found
    settings = {**service.settings, **brought}
    secrets = vault.newest(service.environment_id, settings["secrets"])
    spec = next_spec(service, version, settings, secrets)
    return replace(found, replacement=None, steps=[]) if is_what_runs(service, spec) else found


def look_ahead(service: ModelService, brought: Mapping[str, Any]) -> Preflight:
    """Try the ways to make a change as admission does, against the quota as it is now."""
    settings = {**service.settings, **brought}
    counts = Replicas(*(settings[name] for name in drafts.NUMBERS))
    spec = drafts.frozen(settings, model="", version="", image="")
    held = admission.reserved_by(service.pk)
    has_former = service.current_revision is not None
    change = Change(service, spec, counts, settings["strategy"], held, goes_by_steps=has_former)
    return preflight_of(change)


def preflight_of(change: Change) -> Preflight:
    """Say what admission would say of a change, and reserve nothing."""
    row = Quota.objects.get(environment=change.service.environment_id)
    allowance = admission.allowance_of(row)
    replacement, wanted = change.gentlest(allowance)
    needs = quota.needs(allowance, held=change.held, wanted=wanted)
    change.refuse_steps(replacement)
    verdict, reason, message = verdict_on(change, row, wanted, needs)
    return Preflight(
        verdict=verdict,
        reason=reason,
        message=message,
        replicas=change.counts.now,
        highest_replicas=change.highest_replicas(allowance),
        replacement=replacement if change.replaces_pods else None,
        steps=replacement.shown_steps(old=change.old.count, new=change.counts.now),
        needs=needs,
    )


def verdict_on(
    change: Change, row: Quota, wanted: Share, needs: list[Need]
) -> tuple[Verdict, Reason, Message]:
    """Say whether a change would be refused, and why; room on nodes is not known here."""
    environment = change.service.environment
    try:
        if change.spec.image:
            change.refuse_image(environment.image_registries)
        change.refuse_pods(row)
        admission.refuse_ending(str(environment), environment.phase, wanted)
        with change.naming_what_fits(admission.allowance_of(row)):
            quota.refuse_missing(needs)
    except Refusal as refusal:
        return Verdict.CANNOT, refusal.reason, refusal.message
    message = Message("The quota has room for it. Whether the nodes have is not checked.")
    return Verdict.UNKNOWN, Reason.NODES_NOT_CHECKED, message
