"""What a request wants of a service, read without a lock or under the action's: one for both.

An action carries a wish out and a plan shows it, so the two cannot differ.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import orjson
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.errors import Conflict
from core.messages import Message
from core.prepared import prepared
from core.reasons import Reason
from projects.models import Quota, Reservation
from projects.quota import Share
from registry.models import ModelVersion
from serving.change import Change, brought_by, is_what_runs, next_spec
from serving.manifests.spec import ServiceSpec
from serving.models import ModelService, Revision, Rollout, Secret, SecretVersion
from serving.objects import refuse_large
from serving.rules import drafts, temporary
from serving.rules.lifecycle import RETRIABLE, Phase, RolloutKind, verb_refusal
from serving.rules.strategy import Replacement
from serving.rules.temporary import Replicas
from serving.secrets import vault


@dataclass(frozen=True, slots=True)
class Content:
    """What a revision freezes that is not there yet."""

    version: ModelVersion
    frozen_spec: ServiceSpec
    secrets: Sequence[SecretVersion] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request wants of a service, and what there is of it."""

    service: ModelService
    kind: RolloutKind
    point: "StartingPoint"
    # What its pods are to run; None if none is to be left.
    wanted: Revision | Content | None
    # The settings that become the service's once it has succeeded.
    brings: Mapping[str, Any] = field(default_factory=dict)
    # For how long a temporary scale is to last.
    lasts: timedelta | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The service's settings as the wish has them."""
        return {**self.service.settings, **self.brings}

    @property
    def counts(self) -> Replicas:
        """How many pods it is to have."""
        settings = self.settings
        return Replicas(*(settings[name] for name in drafts.NUMBERS))

    @property
    def replicas(self) -> int:
        """How many pods are left at its end."""
        return self.counts.now if self.wanted else 0

    def change_to(self, wanted: Revision | Content, *, held: Share) -> Change:
        """Return what its pods become, beside what the service holds before."""
        return Change(
            self.service,
            wanted.frozen_spec,
            self.counts,
            self.settings["strategy"],
            held,
            is_scale=self.kind is RolloutKind.SCALE,
            goes_by_steps=self.may_go_by_steps,
        )

    @property
    def may_go_by_steps(self) -> bool:
        """Whether a candidate can prove itself beside what runs: what is known good need not."""
        is_new = self.kind is RolloutKind.DEPLOY and self.replaces_pods
        return is_new and self.service.current_revision is not None

    @property
    def replaces_pods(self) -> bool:
        """Whether pods that there are give way to another revision."""
        return self.wanted is not None and self.wanted != self.service.current_revision


def wished_deploy(
    service: ModelService, *, version: ModelVersion, changes: Mapping[str, Any]
) -> Wish:
    """Wish to serve `version` with the draft and these changes."""
    point = refuse_second_rollout(service)
    if not version.image:
        raise Conflict(
            Message(
                "Version %(version)s has no image. Register one that has to serve it.",
                version=version.version,
            ),
            reason=Reason.VERSION_WITHOUT_IMAGE,
        )
    brought = brought_by(service, changes)
    wanted = next_content(service, version, {**service.settings, **brought}, point)
    return Wish(service, RolloutKind.DEPLOY, point, wanted, brought)


def wished_rollback(service: ModelService, *, number: int | None) -> Wish:
    """Wish settings and image of an earlier revision back, by default of the last good one."""
    point = refuse_second_rollout(service)
    revision = revision_to_return_to(service, number)
    vault.refuse_incomplete(revision)
    return Wish(service, RolloutKind.ROLLBACK, point, revision, drafts.of_spec(revision.spec))


def wished_scale(
    service: ModelService, *, replicas: int, expires_in: timedelta | None = None
) -> Wish:
    """Wish for another number of pods, permanently or until `expires_in` has passed."""
    point = refuse_second_rollout(service)
    revision = running_revision(service)
    vault.refuse_incomplete(revision)
    expires_at = timezone.now() + expires_in if expires_in is not None else None
    scaled = temporary.scaled(service.replica_counts, replicas, expires_at=expires_at)
    return Wish(service, RolloutKind.SCALE, point, revision, scaled.as_columns(), expires_in)


def wished_restart(service: ModelService) -> Wish:
    """Wish for every pod anew, in a revision with the same content."""
    point = refuse_second_rollout(service)
    revision = running_revision(service)
    vault.refuse_incomplete(revision)
    return Wish(service, RolloutKind.RESTART, point, copied_content(revision))


def wished_decommission(service: ModelService) -> Wish:
    """Wish that nothing of a service is left."""
    point = refuse_second_rollout(service)
    refuse_where_nothing_runs(service)
    brought = temporary.without_temporary(service.replica_counts).as_columns()
    return Wish(service, RolloutKind.DECOMMISSION, point, None, brought)


def wished_retry(service: ModelService, *, rollout: Rollout) -> Wish:
    """Wish for what a rollout of the service asked for that failed or was aborted.

    Pods get the content they would have had then, whatever was drafted or sealed since.
    """
    refuse_unless_retriable(rollout)
    point = refuse_second_rollout(service)
    kind, settings = RolloutKind(rollout.kind), drafts.settings_from(rollout.settings)
    if kind is RolloutKind.SCALE:
        expires_at = settings.get("temporary_expires_at")
        lasts = expires_at - rollout.created_at if expires_at else None
        return wished_scale(service, replicas=rollout.to_replicas, expires_in=lasts)
    if kind is RolloutKind.RESTART:
        return wished_restart(service)
    revision = rollout.to_revision
    if revision is None:
        return wished_decommission(service)
    vault.refuse_incomplete(revision)
    brings = {**drafts.of_spec(revision.spec), **settings}
    return Wish(service, kind, point, revision, brings)


def refuse_unless_retriable(rollout: Rollout) -> None:
    """Refuse to retry what runs, what succeeded, and what resolved drift as it was then."""
    if rollout.phase not in RETRIABLE:
        raise verb_refusal("retry", Phase(rollout.phase))
    if rollout.resolves or rollout.removes:
        sentence = Message(
            "It resolved what differed then. Look at what differs now, and restore it or take it "
            "over."
        )
        raise verb_refusal("retry", Phase(rollout.phase), sentence)


def token_of_wish(
    wish: Wish, replacement: Replacement | None, differences: Sequence[Sequence[Any]] = ()
) -> str:
    """Return a plan's token: a hash of what is wished, how, what runs, and what the quota grants.

    What is reserved is left out: it changes as pods come and go. How pods are replaced depends on
    it, and is a part of the plan.
    """
    service = wish.service
    quota = Quota.objects.get(environment=service.environment_id)
    # When a temporary scale ends is counted from its start, so it is another at each look.
    brings = {name: wish.brings[name] for name in wish.brings if name != "temporary_expires_at"}
    basis = (
        wish.kind,
        wish.wanted and msgspec.to_builtins(wish.wanted.frozen_spec),
        drafts.plain_settings(brings),
        service.current_revision_id,
        service.desired_replicas,
        drafts.plain_settings(service.settings),
        quota.limits.canonical(),
        quota.gpu_products,
        wish.lasts and wish.lasts.total_seconds(),
        replacement and replacement.as_json(),
        differences,
    )
    return hashlib.sha256(orjson.dumps(basis, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def refuse_stale_plan(
    wish: Wish, plan: str, differences: Sequence[Sequence[Any]], replacement: Replacement | None
) -> None:
    """Refuse to start by a plan that would be another one now; without a plan, do nothing."""
    if plan and plan != token_of_wish(wish, replacement, differences):
        raise Conflict(
            Message(
                "The service, its quota or what runs has changed since the plan was made. "
                "Review it again."
            ),
            reason=Reason.PLAN_STALE,
        )


def next_content(
    service: ModelService,
    version: ModelVersion,
    settings: Mapping[str, Any],
    point: "StartingPoint",
) -> Revision | Content:
    """Return what settings and a version make; if nothing differs, it is the current revision."""
    vault.refuse_unknown_secrets(service.environment_id, settings)
    uses = settings["secrets"]
    has_any = uses or point.has_pull_credentials
    secrets = vault.newest(service.environment_id, uses) if has_any else []
    spec = next_spec(service, version, settings, secrets)
    if service.current_revision is not None and is_what_runs(service, spec):
        return service.current_revision
    refuse_large(service, spec)
    return Content(version, spec, secrets)


def copied_content(revision: Revision) -> Content:
    """Return the content of a revision, so that rolling it out replaces the pods."""
    return Content(revision.version, revision.frozen_spec, list(revision.secret_versions.all()))


class StartingPoint(NamedTuple):
    """What a rollout of a service starts from: what there is of it and beside it."""

    newest_revision: int
    # Of its environment: every service has them.
    has_pull_credentials: bool
    # The unfinished rollout, if there is one.
    rollout: UUID | None
    kind: str | None
    phase: str | None


def refuse_second_rollout(service: ModelService) -> StartingPoint:
    """Refuse while a rollout is unfinished, and name it, before the database constraint fails."""
    point = next(map(StartingPoint._make, starting_point(service.pk)), None)
    if point is None:
        raise ModelService.DoesNotExist
    if point.rollout is None:
        return point
    raise Conflict(
        Message(
            "A %(kind)s of %(service)s is %(phase)s. Wait for it, or abort it, then try again.",
            kind=point.kind,
            service=service.name,
            phase=point.phase,
        ),
        reason=Reason.ROLLOUT_IN_PROGRESS,
        details={"rollout": str(point.rollout), "kind": point.kind, "phase": point.phase},
    )


@prepared
def starting_point(service_id: UUID) -> QuerySet[ModelService, tuple[Any, ...]]:
    """Read the columns of a service's `StartingPoint`."""
    of_service, of_environment = OuterRef("pk"), OuterRef("environment")
    newest = Revision.objects.filter(service=of_service).order_by("-number").values("number")[:1]
    logins = Secret.objects.current().filter(
        environment=of_environment, kind=Secret.Kind.PULL_CREDENTIAL
    )
    return (
        ModelService.objects.with_running_rollout()
        .filter(pk=service_id)
        .values_list(
            Coalesce(Subquery(newest), 0),
            Exists(logins),
            "running__pk",
            "running__kind",
            "running__phase",
        )
    )


def refuse_where_nothing_runs(service: ModelService) -> None:
    """Refuse if a service holds no reservation; after a failed first rollout it still may."""
    if not Reservation.objects.filter(service_id=service.pk).exists():
        raise Conflict(Message("No pod of this service runs."), reason=Reason.NOT_DEPLOYED)


def running_revision(service: ModelService) -> Revision:
    """Return the revision that runs now, or refuse if there is none."""
    if service.current_revision is None:
        raise Conflict(
            Message(
                "%(service)s has no version running. Roll out a version first.",
                service=service.name,
            ),
            reason=Reason.NOT_DEPLOYED,
        )
    return service.current_revision


def revision_to_return_to(service: ModelService, number: int | None) -> Revision:
    """Return the revision to roll back to: the named one, else the last good one that differs."""
    current = service.current_revision
    good = service.revisions.exclude(succeeded_at=None).order_by("-succeeded_at", "-number")
    if number is not None:
        named = service.revisions.filter(number=number).first()
        if named is None or named.succeeded_at is None:
            raise Conflict(
                Message(
                    "Revision %(revision)s of %(service)s never became ready.",
                    revision=number,
                    service=service.name,
                ),
                reason=Reason.NOTHING_TO_ROLL_BACK_TO,
            )
        return named
    for revision in good[:50]:
        is_other = current is None or revision.frozen_spec != current.frozen_spec
        if is_other and vault.is_whole(revision):
            return revision
    raise Conflict(
        Message("%(service)s has no earlier good revision.", service=service.name),
        reason=Reason.NOTHING_TO_ROLL_BACK_TO,
    )
