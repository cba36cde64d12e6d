"""The plan of a change: what it would do, read without a lock; nothing is started or written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import msgspec

from core.messages import NOTHING_SAID, Message, counted
from core.reasons import Reason
from core.resources import NOTHING
from projects import admission, quota
from projects.models import Quota
from projects.quota import Need, Share
from serving.models import Revision, Rollout
from serving.preflight import Preflight, Verdict, preflight_of
from serving.rules import drafts
from serving.rules.lifecycle import Phase
from serving.rules.strategy import BOUND_NAMES, STEPPED, Replacement, Strategy
from serving.wishes import Content, Wish, token_of_wish

# So many rollouts of a kind are looked back on, and with fewer nothing is expected.
LOOKED_BACK_ON, FEWEST = 20, 3


@dataclass(frozen=True, slots=True)
class Expected:
    """How long such a change takes, by those before it. Units: seconds."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do. Its token starts exactly that, or is refused as stale."""

    plan: str
    kind: str
    from_version: str | None
    to_version: str | None
    from_revision: int | None
    # None for one that the change adds, and where nothing is to run.
    to_revision: int | None
    from_replicas: int
    desired_replicas: int
    # Pods that stop and start on the way.
    stopping_replicas: int
    starting_replicas: int
    # The fewest that serve meanwhile, if all that run do.
    lowest_serving_replicas: int
    changes: list[dict[str, Any]]
    quota: list[Need]
    highest_replicas: int | None
    fit: Preflight
    # None if no pod is replaced.
    strategy: dict[str, Any] | None
    strategy_reason: Message
    # Empty if it does not go by steps; see `Replacement.shown_steps`.
    steps: list[dict[str, Any]]
    expected_seconds: Expected | None


def planned_change(
    wish: Wish,
    *,
    running_replicas: int | None = None,
    differences: Sequence[Sequence[Any]] = (),
) -> Plan:
    """Return the plan of a wish; the service runs as many pods as it should, unless stated."""
    wanted, current = wish.wanted, wish.service.current_revision
    desired = wish.service.desired_replicas if current else 0
    old, new = desired if running_replicas is None else running_replicas, wish.replicas
    foreseen = foreseen_of(wish)
    replacement = foreseen.replacement if wish.replaces_pods else None
    stopping, starting = moving_pods(old, new, is_replaced=replacement is not None)
    return Plan(
        plan=token_of_wish(wish, foreseen.replacement, differences),
        kind=wish.kind,
        from_version=current.version.version if current else None,
        to_version=wanted.version.version if wanted else None,
        from_revision=current.number if current else None,
        to_revision=wanted.number if isinstance(wanted, Revision) else None,
        from_replicas=old,
        desired_replicas=new,
        stopping_replicas=stopping,
        starting_replicas=starting,
        lowest_serving_replicas=lowest_serving(old, new, replacement),
        changes=planned_differences(wish),
        quota=foreseen.needs,
        highest_replicas=foreseen.highest_replicas,
        fit=foreseen if starting else without_new_pods(foreseen),
        strategy=replacement.as_json() if replacement else None,
        strategy_reason=why_replaced(wish.settings["strategy"], replacement),
        steps=foreseen.steps,
        expected_seconds=expected_of(wish),
    )


def foreseen_of(wish: Wish) -> Preflight:
    """Return what admission would say; what runs may be deleted whatever the quota says."""
    held = admission.reserved_by(wish.service.pk)
    if wish.wanted is not None:
        return preflight_of(wish.change_to(wish.wanted, held=held))
    allowance = admission.allowance_of(Quota.objects.get(environment=wish.service.environment_id))
    return Preflight(
        verdict=Verdict.UNKNOWN,
        reason=Reason.NODES_NOT_CHECKED,
        message=NOTHING_SAID,
        replicas=0,
        highest_replicas=None,
        replacement=None,
        steps=[],
        needs=quota.needs(allowance, held=held, wanted=Share(NOTHING)),
    )


def without_new_pods(foreseen: Preflight) -> Preflight:
    """Return the verdict on a change that starts no pod: no node has to have room."""
    if foreseen.verdict is not Verdict.UNKNOWN:
        return foreseen
    message = Message("No pod starts, so no node needs room.")
    return replace(foreseen, verdict=Verdict.FITS, reason=Reason.ADMITTED, message=message)


def moving_pods(old: int, new: int, *, is_replaced: bool) -> tuple[int, int]:
    """Return how many pods stop and how many start."""
    return (old, new) if is_replaced else (max(old - new, 0), max(new - old, 0))


def lowest_serving(old: int, new: int, replacement: Replacement | None) -> int:
    """Return the fewest pods that serve meanwhile, if all that run do."""
    if replacement is None:
        return min(old, new)
    return 0 if replacement.recreates else replacement.room(old=old, new=new).least


def why_replaced(stated: dict[str, Any], way: Replacement | None) -> Message:
    """Say why pods are replaced in this way."""
    if way is None:
        return Message("No pod is replaced.")
    if way.type in (Strategy.RECREATE, Strategy.BLUE_GREEN) or BOUND_NAMES & stated.keys():
        return Message("The service's settings say so.")
    if stated.get("type") in STEPPED and way.type not in STEPPED:
        return Message("Only the deploy of a new revision goes by steps.")
    if way.max_surge:
        return counted(
            "The quota has room for %(count)s extra pod.",
            "The quota has room for %(count)s extra pods.",
            count=way.max_surge,
        )
    return Message("The quota has no room for an extra pod.")


def planned_differences(wish: Wish) -> list[dict[str, Any]]:
    """Return what differs between what runs and what is wished, as settings name it."""
    before, after = running_side(wish), wished_side(wish)
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"object": "", "field": name, "from": before.get(name), "to": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def running_side(wish: Wish) -> dict[str, Any]:
    """Return what runs: its content, how many pods, and how they are replaced."""
    service = wish.service
    if service.current_revision is None:
        return {}
    numbers = {
        "replicas": service.desired_replicas,
        "temporary_expires_at": service.temporary_expires_at,
        "strategy": service.strategy,
    }
    return frozen_in(service.current_revision) | drafts.plain_settings(numbers)


def wished_side(wish: Wish) -> dict[str, Any]:
    """Return what is wished, as `running_side` has what runs."""
    if wish.wanted is None:
        return running_side(wish) | {"version": None, "image": None, "replicas": 0}
    settings = wish.settings
    numbers = {
        "replicas": wish.replicas,
        "temporary_expires_at": settings["temporary_expires_at"],
        "strategy": settings["strategy"],
    }
    return frozen_in(wish.wanted) | drafts.plain_settings(numbers)


def frozen_in(revision: Revision | Content) -> dict[str, Any]:
    """Return what a revision freezes, in its JSON form."""
    content: dict[str, Any] = msgspec.to_builtins(revision.frozen_spec)
    return content


def expected_of(wish: Wish) -> Expected | None:
    """Return how long the last such rollouts of the service took; None if there are too few."""
    before = Rollout.objects.filter(
        service=wish.service, kind=wish.kind, phase=Phase.SUCCEEDED
    ).order_by("-created_at", "-id")
    times = before.values_list("created_at", "finished_at")[:LOOKED_BACK_ON]
    took = sorted((end - begin).total_seconds() for begin, end in times if end is not None)
    return expected_after(took)


def expected_after(took: Sequence[float]) -> Expected | None:
    """Return the median and the 90th percentile of sorted times, by nearest rank."""
    if len(took) < FEWEST:
        return None
    return Expected(*(took[ceil(len(took) * share) - 1] for share in (0.5, 0.9)))
