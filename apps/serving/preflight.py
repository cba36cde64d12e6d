"""Whether a change would be admitted, asked before it is begun: the same rule, and nothing kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import Refusal
from core.messages import Message
from core.reasons import Reason
from projects import admission, quota
from projects.models import Environment, Quota
from projects.quota import Allowance, Need
from serving.change import Change, brought_by
from serving.models import ModelService
from serving.rules import drafts
from serving.rules.strategy import Replacement
from serving.rules.temporary import Replicas


class Verdict(StrEnum):
    """What is known of whether there is room."""

    FITS = "fits"
    # It fits once what is on its way has ended.
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
    # How pods would be replaced; None where none are.
    replacement: Replacement | None
    needs: list[Need]

    @property
    def missing(self) -> list[Need]:
        """What the quota has too little of."""
        return [need for need in self.needs if not need.fits]


def of_new(environment: Environment, settings: Mapping[str, Any]) -> Preflight:
    """Look ahead of the first rollout of a service that does not exist yet."""
    return look_ahead(ModelService(environment=environment, **settings), {})


def of_next(service: ModelService, changes: Mapping[str, Any]) -> Preflight:
    """Look ahead of a service's next rollout, which brings its draft and these changes."""
    return look_ahead(service, brought_by(service, changes))


def look_ahead(service: ModelService, brought: Mapping[str, Any]) -> Preflight:
    """Try the ways of a change as admission does, from what the quota says now."""
    settings = {**service.settings, **brought}
    counts = Replicas(*(settings[name] for name in drafts.NUMBERS))
    spec = drafts.frozen(settings, model="", version="", image="")
    held = admission.reserved_by(service.pk)
    change = Change(service, spec, counts, settings["strategy"], held)
    allowance = admission.allowance_of(Quota.objects.get(environment=service.environment_id))
    replacement, needs = gentlest(change, allowance)
    verdict, reason, message = verdict_on(change, needs)
    return Preflight(
        verdict=verdict,
        reason=reason,
        message=message,
        replicas=counts.now,
        replacement=replacement if change.is_replacing else None,
        needs=needs,
    )


def gentlest(change: Change, allowance: Allowance) -> tuple[Replacement, list[Need]]:
    """Return the gentlest way that fits, and what it needs; where none fits, the last one."""
    for replacement, wanted in change.ways():
        needs = quota.needs(allowance, held=change.held, wanted=wanted)
        if all(need.fits for need in needs):
            return replacement, needs
    return replacement, needs


def verdict_on(change: Change, needs: list[Need]) -> tuple[Verdict, Reason, Message]:
    """Say whether it can be, and why not; of nodes nothing is known here."""
    try:
        change.refuse_pods()
        quota.refuse_missing(needs)
    except Refusal as refusal:
        return Verdict.CANNOT, refusal.reason, refusal.message
    message = Message("The quota has room for it. Whether the nodes have is not checked.")
    return Verdict.UNKNOWN, Reason.NODES_NOT_CHECKED, message
