"""What a caller may do now, by the rules that would refuse it, so that every button works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from accounts.models import User
from core.errors import Conflict, Refusal
from core.messages import NOTHING_SAID, Message
from core.prepared import prepared
from core.reasons import Reason
from projects.models import Environment
from projects.permissions import require
from registry.models import ModelVersion
from serving import wishes
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase, RolloutKind, Verb, check_verb


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """A verb, whether a request would be allowed now, and if not, why."""

    verb: str
    allowed: bool
    reason: str = ""
    message: Message = NOTHING_SAID


def refuse_without_servable_version(service: ModelService) -> None:
    """Refuse to roll out a model that has no version with an image."""
    if not a_servable_version(service.model_id):
        raise Conflict(
            Message(
                "%(model)s has no version with an image. Register one first.",
                model=service.model.name,
            ),
            reason=Reason.VERSION_WITHOUT_IMAGE,
        )


@prepared
def a_servable_version(model_id: int) -> QuerySet[ModelVersion]:
    """Read one version of a model that has an image, if there is one."""
    return ModelVersion.objects.filter(model=model_id).exclude(image="").order_by().only("pk")[:1]


def refuse_without_drift(service: ModelService, drift: Sequence[object]) -> None:
    """Refuse to resolve drift if there is none."""
    if not drift:
        raise Conflict(
            Message("%(service)s matches what was rolled out.", service=service.name),
            reason=Reason.NOTHING_DIFFERS,
        )


def refuse_unless_restorable(service: ModelService) -> None:
    """Refuse to restore what never ran; what is back after a decommission can be deleted again."""
    refuse_without_drift(service, service.drift)
    if service.applied:
        wishes.running_revision(service)


def refuse_unless_takeable(service: ModelService) -> None:
    """Refuse a takeover if no revision is running for it to follow."""
    refuse_without_drift(service, service.drift)
    wishes.running_revision(service)


# What each verb requires of the service; all of them also require that no rollout is in progress.
NEEDS: Mapping[str, Callable[[ModelService], object]] = {
    "roll_out": refuse_without_servable_version,
    "roll_back": partial(wishes.revision_to_return_to, number=None),
    "scale": wishes.running_revision,
    "restart": wishes.running_revision,
    "decommission": wishes.refuse_where_nothing_runs,
    "restore": refuse_unless_restorable,
    "take_over": refuse_unless_takeable,
}


def service_actions(service: ModelService, user: User) -> list[AllowedAction]:
    """Return what a caller may start; the quota is not checked, as needs depend on the request."""
    environment = service.environment
    gate = lack_of(user, "rollout.start", environment) or refusal_of(
        lambda: wishes.refuse_second_rollout(service)
    )
    return [
        allowed_action(verb, gate or refusal_of(partial(need, service)))
        for verb, need in NEEDS.items()
    ]


def rollout_actions(rollout: Rollout, user: User) -> list[AllowedAction]:
    """Return what a caller may ask of a rollout."""
    environment = rollout.service.environment
    gate = lack_of(user, "rollout.steer", environment)
    check = partial(
        check_verb,
        kind=RolloutKind(rollout.kind),
        phase=Phase(rollout.phase),
        changes_revision=rollout.changes_revision,
        position=rollout.position,
    )
    starts = lack_of(user, "rollout.start", environment)
    again = partial(wishes.refuse_unless_retriable, rollout)
    return [
        *(
            allowed_action(verb.name.lower(), gate or refusal_of(partial(check, verb)))
            for verb in Verb
        ),
        allowed_action(
            "promote_fully", gate or refusal_of(partial(check, Verb.PROMOTE, is_full=True))
        ),
        allowed_action("retry", starts or refusal_of(again)),
    ]


def lack_of(user: User, permission: str, environment: Environment) -> Refusal | None:
    """Return the refusal of a caller who lacks a permission in an environment."""
    return refusal_of(
        lambda: require(user, environment.project, permission, environment=environment)
    )


def refusal_of(rule: Callable[[], object]) -> Refusal | None:
    """Apply a rule and return its refusal, if it refuses."""
    try:
        rule()
    except Refusal as refusal:
        return refusal
    return None


def allowed_action(verb: str, refusal: Refusal | None) -> AllowedAction:
    """Return a verb as allowed, or with the reason why it is not."""
    if refusal is None:
        return AllowedAction(verb, allowed=True)
    return AllowedAction(verb, allowed=False, reason=refusal.reason, message=refusal.message)
