"""What a caller may do now, by the rules that would refuse it: for buttons that always work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from accounts.models import User
from core.errors import Conflict, Refusal
from core.messages import NOTHING_SAID, Message
from core.reasons import Reason
from projects.permissions import require
from serving import actions
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase, RolloutKind, Verb, check_verb


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """A verb, whether a request would be let through, and if not, why."""

    verb: str
    allowed: bool
    reason: str = ""
    message: Message = NOTHING_SAID


def refuse_without_servable_version(service: ModelService) -> None:
    """Refuse to roll out a model none of whose versions would be let through."""
    if not service.model.versions.exclude(image="").exists():
        raise Conflict(
            Message(
                "%(model)s has no version with an image. Register one first.",
                model=service.model.name,
            ),
            reason=Reason.VERSION_WITHOUT_IMAGE,
        )


def refuse_without_drift(service: ModelService, drift: Sequence[object]) -> None:
    """Refuse to resolve what is as it was rolled out."""
    if not drift:
        raise Conflict(
            Message("%(service)s matches what was rolled out.", service=service.name),
            reason=Reason.NOTHING_DIFFERS,
        )


def refuse_unless_restorable(service: ModelService) -> None:
    """Refuse to put back what never ran; what was decommissioned and came back can go again."""
    refuse_without_drift(service, service.drift)
    if service.applied:
        actions.running_revision(service)


def refuse_unless_takeable(service: ModelService) -> None:
    """Refuse to take over where nothing runs whose next revision it could be."""
    refuse_without_drift(service, service.drift)
    actions.running_revision(service)


# What each verb needs of the service; that no other change is running, all of them need.
NEEDS: Mapping[str, Callable[[ModelService], object]] = {
    "roll_out": refuse_without_servable_version,
    "roll_back": partial(actions.revision_to_return_to, number=None),
    "scale": actions.running_revision,
    "restart": actions.running_revision,
    "decommission": actions.refuse_where_nothing_runs,
    "restore": refuse_unless_restorable,
    "take_over": refuse_unless_takeable,
}


def service_actions(service: ModelService, user: User) -> list[AllowedAction]:
    """Return what a caller may start; whether the quota has room depends on what they ask for."""
    environment = service.environment
    gate = refusal_of(
        lambda: require(user, service.project, "rollout.start", environment=environment)
    ) or refusal_of(lambda: actions.refuse_second_rollout(service))
    return [
        allowed_action(verb, gate or refusal_of(partial(need, service)))
        for verb, need in NEEDS.items()
    ]


def rollout_actions(rollout: Rollout, user: User) -> list[AllowedAction]:
    """Return what a caller may ask of a rollout."""
    environment = rollout.service.environment
    gate = refusal_of(
        lambda: require(user, environment.project, "rollout.steer", environment=environment)
    )
    check = partial(
        check_verb,
        kind=RolloutKind(rollout.kind),
        phase=Phase(rollout.phase),
        is_replacing=rollout.is_replacing,
    )
    return [
        allowed_action(verb.name.lower(), gate or refusal_of(partial(check, verb))) for verb in Verb
    ]


def refusal_of(rule: Callable[[], object]) -> Refusal | None:
    """Ask a rule, and return how it refuses."""
    try:
        rule()
    except Refusal as refusal:
        return refusal
    return None


def allowed_action(verb: str, refusal: Refusal | None) -> AllowedAction:
    """Return a verb with what speaks against it."""
    if refusal is None:
        return AllowedAction(verb, allowed=True)
    return AllowedAction(verb, allowed=False, reason=refusal.reason, message=refusal.message)
