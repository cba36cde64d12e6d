"""What people can ask of services and rollouts: one transaction each, no network calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.actor import Actor
from audit.record import record
from core.database import locking, with_known
from core.errors import Conflict
from core.messages import NOTHING_SAID, Message, counted
from core.prepared import prepared
from core.reasons import Reason
from core.resources import NOTHING
from core.stream import announce
from core.wakeup import wake_worker
from projects import admission
from projects.models import Environment, Project, Reservation
from registry.images import refuse_source
from registry.models import ModelVersion, RegisteredModel
from serving.change import Change, brought_by, is_what_runs, next_spec
from serving.diagnosis.health import NEVER_DEPLOYED
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import id_left_behind
from serving.models import ModelService, Revision, Rollout, Secret, SecretVersion
from serving.objects import refuse_large
from serving.rules import drafts, lifecycle, temporary
from serving.rules.lifecycle import Phase, RolloutKind, Verb
from serving.rules.strategy import Replacement
from serving.rules.temporary import Replicas
from serving.secrets import vault
from serving.timeline import move, open_timeline


@transaction.atomic
def create_service(
    *,
    environment: Environment,
    name: str,
    model: RegisteredModel,
    settings: Mapping[str, Any],
    by: Actor,
) -> ModelService:
    """Record a new service; nothing runs until its first rollout.

    If the cluster still runs a service of this name that our database has lost, the new row gets
    its id, and what the cluster has shows as drift.

    Raises:
        QuotaExceeded, Invalid: the environment allows no pod with these settings.
    """
    refuse_settings(environment, settings)
    vault.refuse_unknown_secrets(environment.pk, settings)
    place = {"project": environment.project, "environment": environment, "name": name}
    service = ModelService(**place, model=model, **settings)
    service.reason, service.message = NEVER_DEPLOYED.reason, NEVER_DEPLOYED.message
    refuse_large_settings(service, service.settings)
    left_behind = id_left_behind(environment, name)
    service.pk = left_behind or service.pk
    service.save(force_insert=True)
    if left_behind:
        refresh_services({service.pk})
        service.refresh_from_db()
    after = drafts.audited(service.settings)
    record("service.create", service, by=by, project=project_of(service), after=after)
    announce("service", service.pk, project=project_of(service).name)
    return service


@transaction.atomic
def update_service(*, service: ModelService, changes: Mapping[str, Any], by: Actor) -> ModelService:
    """Draft settings for the next rollout; what is running does not change.

    Before the first rollout nothing runs that a draft could differ from, so the settings
    themselves are changed.

    Raises:
        QuotaExceeded, Invalid: the environment allows no pod with these settings.
    """
    service = locked(service)
    refuse_settings(service.environment, changes)
    draft = {**drafts.settings_from(service.draft), **changes}
    refuse_large_settings(service, {**service.settings, **draft})
    if changes.keys() & {"env", "secrets"}:
        vault.refuse_unknown_secrets(service.environment_id, {**service.settings, **draft})
    if not service.rollouts.exists():
        save_settings(service, changes, by=by)
        return service
    if not service.rollouts.unfinished().exists():
        # Not during a rollout: what equals the present settings may differ from those it brings.
        draft = drafts.differing(service.settings, draft)
    save_draft(service, draft, action="service.draft", by=by)
    return service


@transaction.atomic
def discard_draft(*, service: ModelService, by: Actor) -> ModelService:
    """Discard drafted settings that have not been rolled out."""
    service = locked(service)
    save_draft(service, {}, action="service.discard_draft", by=by)
    return service


@transaction.atomic
def start_deploy(
    *,
    service: ModelService,
    version: ModelVersion,
    changes: Mapping[str, Any],
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Start a rollout that serves `version`; a worker carries it out.

    Raises:
        QuotaExceeded: the service's peak requests do not fit the environment's headroom.
        Conflict: the service already has an unfinished rollout, or the version has no image.
    """
    service = locked(service)
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
    settings = {**service.settings, **brought}
    revision = next_revision(service, version, settings, point, by=by)
    return start(
        service, RolloutKind.DEPLOY, to_revision=revision, brings=brought, note=note, by=by
    )


@transaction.atomic
def start_rollback(
    *, service: ModelService, number: int | None, note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Roll settings and image back to an earlier revision, by default the last good one."""
    service = locked(service)
    refuse_second_rollout(service)
    revision = revision_to_return_to(service, number)
    brought = drafts.of_spec(revision.spec)
    return start(
        service, RolloutKind.ROLLBACK, to_revision=revision, brings=brought, note=note, by=by
    )


@transaction.atomic
def start_scale(
    *,
    service: ModelService,
    replicas: int,
    expires_in: timedelta | None = None,
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Change the number of pods, permanently or until `expires_in` has passed."""
    service = locked(service)
    refuse_second_rollout(service)
    revision = running_revision(service)
    expires_at = timezone.now() + expires_in if expires_in is not None else None
    scaled = temporary.scaled(service.replica_counts, replicas, expires_at=expires_at)
    brought = scaled.as_columns()
    return start(service, RolloutKind.SCALE, to_revision=revision, brings=brought, note=note, by=by)


@transaction.atomic
def start_return(*, service: ModelService, now: datetime, by: Actor) -> Rollout | None:
    """End a temporary scale that has expired; return None if that needs no rollout.

    Raises:
        Conflict: another rollout is in progress; the return has to wait for it.
        QuotaExceeded: there is no room for the larger number of pods to return to.
    """
    service = locked(service)
    counts = service.replica_counts
    if service.drift or not counts.is_over(now=now):
        return None
    refuse_second_rollout(service)
    brought = temporary.without_temporary(counts).as_columns()
    revision = service.current_revision
    if revision is None or service.desired_replicas == service.replicas:
        save_settings(service, brought, by=by)
        return None
    note = counted(
        "The temporary scale to %(count)s replica has ended.",
        "The temporary scale to %(count)s replicas has ended.",
        count=counts.temporary or 0,
    )
    return start(service, RolloutKind.SCALE, to_revision=revision, brings=brought, note=note, by=by)


@transaction.atomic
def start_restart(*, service: ModelService, note: Message = NOTHING_SAID, by: Actor) -> Rollout:
    """Replace every pod with an identical one, through a new revision with the same content."""
    service = locked(service)
    point = refuse_second_rollout(service)
    revision = copied_revision(service, running_revision(service), point, by=by)
    return start(service, RolloutKind.RESTART, to_revision=revision, note=note, by=by)


@transaction.atomic
def start_decommission(
    *, service: ModelService, note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Start deleting what runs; the quota is released once all of it is gone."""
    service = locked(service)
    refuse_second_rollout(service)
    refuse_where_nothing_runs(service)
    brought = temporary.without_temporary(service.replica_counts).as_columns()
    return start(
        service, RolloutKind.DECOMMISSION, to_revision=None, brings=brought, note=note, by=by
    )


@transaction.atomic
def control(verb: Verb, *, rollout: Rollout, by: Actor) -> Rollout:
    """Pause, resume, promote or abort a running rollout.

    A worker that has claimed it notices at its next compare-and-set that the phase has changed.
    """
    rollout = Rollout.objects.select_for_update(of=["self"]).get(pk=rollout.pk)
    before = Phase(rollout.phase)
    lifecycle.check_verb(
        verb,
        kind=RolloutKind(rollout.kind),
        phase=before,
        changes_revision=rollout.changes_revision,
    )
    now = timezone.now()
    if verb is Verb.ABORT:
        rollout.failure_reason = Reason.ABORTED
        rollout.failure_message = Message("It was aborted.")
    rollout.count_anew(now=now)
    move(rollout, verb.leads_to, verb.reason, verb.sentence, by=by)
    due_now(rollout)
    rollout.save()
    record(
        f"rollout.{verb.name.lower()}",
        rollout,
        by=by,
        project=project_of(rollout.service),
        before={"phase": before},
        after={"phase": rollout.phase},
    )
    return rollout


def due_now(rollout: Rollout) -> None:
    """End any lease on a rollout, make it due and wake a worker; the caller saves."""
    rollout.take_away(now=timezone.now())
    wake_worker("serving.reconcile_rollout", str(rollout.pk))


def start(
    service: ModelService,
    kind: RolloutKind,
    *,
    to_revision: Revision | None,
    brings: Mapping[str, Any] | None = None,
    resolves: Sequence[Mapping[str, Any]] = (),
    removes: Sequence[Mapping[str, str]] = (),
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Admit a change against the quota and insert it with its first timeline entry.

    The settings it `brings` become the service's only once it has succeeded.
    """
    requested_at = timezone.now()
    wanted = {**service.settings, **(brings or {})}
    counts = Replicas(*(wanted[name] for name in drafts.NUMBERS))
    replicas = counts.now if to_revision else 0
    replacement = reserve_peak(service, kind, to_revision, counts, wanted["strategy"])
    now = timezone.now()
    rollout = Rollout(
        service=service,
        project=service.environment.project,
        kind=kind,
        strategy=replacement.as_json(),
        from_revision=service.current_revision,
        to_revision=to_revision,
        from_replicas=service.desired_replicas if service.current_revision else 0,
        to_replicas=replicas,
        settings=drafts.plain_settings(drafts.differing(service.settings, brings or {})),
        resolves=list(resolves),
        removes=list(removes),
        reason=Reason.ADMITTED,
        message=Message("The quota has room for it."),
        **by.signed("started_by"),
        note=note,
        created_at=requested_at,
        admitted_at=now,
        progressed_at=now,
        next_run_at=now,
    )
    rollout.save(force_insert=True)
    open_timeline(rollout)
    if to_revision is not None:
        vault.retain(to_revision)
    record("rollout.start", rollout, by=by, project=project_of(service), after=shown_start(rollout))
    wake_worker("serving.reconcile_rollout", str(rollout.pk))
    return rollout


def reserve_peak(
    service: ModelService,
    kind: RolloutKind,
    to_revision: Revision | None,
    counts: Replicas,
    stated: dict[str, Any],
) -> Replacement:
    """Reserve the peak of the gentlest replacement that fits the quota; return the replacement."""
    if to_revision is None:
        return Replacement(recreate=True)
    current, spec = service.current_revision, to_revision.frozen_spec
    ledger = admission.locked_ledger(service.environment_id, service.pk)
    if current is None or current.frozen_spec.image != spec.image:
        refuse_source(spec.image, environment=ledger.image_registries)
    is_scale = kind is RolloutKind.SCALE
    change = Change(service, spec, counts, stated, ledger.held, is_scale=is_scale)
    change.refuse_pods(ledger.quota)
    replacement, wanted = change.gentlest(ledger.allowance)
    ledger.reserve(wanted)
    return replacement


def refuse_settings(environment: Environment, settings: Mapping[str, Any]) -> None:
    """Refuse requests and limits, if stated, that no pod of the environment may have."""
    if "requests" in settings:
        requests, limits = settings["requests"], settings.get("limits", NOTHING)
        admission.refuse_pods(environment.quota, requests=requests, limits=limits)


def locked(service: ModelService) -> ModelService:
    """Lock a service and return it as it is now; actions on one run one after another.

    What it belongs to is the caller's, as that does not change under this lock.
    """
    for row in locked_service(service.pk):
        return with_known(row, service)
    raise ModelService.DoesNotExist


@prepared
def locked_service(service_id: UUID) -> QuerySet[ModelService]:
    """Lock the row of a service."""
    return locking(ModelService.objects.filter(pk=service_id))


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
    (point,) = map(StartingPoint._make, starting_point(service.pk))
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


def next_revision(
    service: ModelService,
    version: ModelVersion,
    settings: Mapping[str, Any],
    point: StartingPoint,
    *,
    by: Actor,
) -> Revision:
    """Freeze settings and a version in a revision; if nothing differs, it is the current one."""
    vault.refuse_unknown_secrets(service.environment_id, settings)
    uses = settings["secrets"]
    has_any = uses or point.has_pull_credentials
    secrets = vault.newest(service.environment_id, uses) if has_any else []
    spec = next_spec(service, version, settings, secrets)
    if service.current_revision is not None and is_what_runs(service, spec):
        return service.current_revision
    refuse_large(service, spec)
    return add_revision(service, version, msgspec.to_builtins(spec), secrets, point, by=by)


def refuse_large_settings(service: ModelService, settings: Mapping[str, Any]) -> None:
    """Refuse settings that are too large to be rolled out with any version."""
    refuse_large(service, drafts.frozen(settings, model=service.model.name, version="", image=""))


def copied_revision(
    service: ModelService, revision: Revision, point: StartingPoint, *, by: Actor
) -> Revision:
    """Append a revision with the same content, so that rolling it out replaces the pods."""
    secrets = list(revision.secret_versions.all())
    return add_revision(service, revision.version, revision.spec, secrets, point, by=by)


def add_revision(
    service: ModelService,
    version: ModelVersion,
    spec: dict[str, Any],
    secrets: Sequence[SecretVersion],
    point: StartingPoint,
    *,
    by: Actor,
) -> Revision:
    """Append a revision; the caller has locked the service, so numbers have no gaps."""
    revision = Revision.objects.create(
        service=service,
        number=point.newest_revision + 1,
        version=version,
        spec=spec,
        **by.signed("created_by"),
    )
    if secrets:
        revision.secret_versions.set(secrets)
    return revision


def save_settings(service: ModelService, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Save the settings that change, and audit the change."""
    before = service.settings
    changed = drafts.differing(before, changes)
    if not changed:
        return
    for name, value in changed.items():
        setattr(service, name, value)
    service.save(update_fields=[*changed, "updated_at"])
    record(
        "service.update",
        service,
        by=by,
        project=project_of(service),
        before=drafts.audited(before),
        after=drafts.audited(service.settings),
    )
    announce("service", service.pk, project=project_of(service).name)


def save_draft(service: ModelService, draft: Mapping[str, Any], *, action: str, by: Actor) -> None:
    """Save a draft if it differs from the stored one, and audit the change."""
    before, service.draft = service.draft, drafts.plain_settings(draft)
    if service.draft == before:
        return
    service.save(update_fields=["draft", "updated_at"])
    record(
        action,
        service,
        by=by,
        project=project_of(service),
        before=drafts.audited(drafts.settings_from(before)),
        after=drafts.audited(draft),
    )
    announce("service", service.pk, project=project_of(service).name)


def shown_start(rollout: Rollout) -> dict[str, Any]:
    """Return what an audit row records about a new rollout."""
    return {
        "kind": rollout.kind,
        "service": rollout.service.name,
        "environment": rollout.service.environment.name,
        "revision": rollout.to_revision.number if rollout.to_revision else None,
        "version": rollout.to_revision.version.version if rollout.to_revision else None,
        "replicas": rollout.to_replicas,
        "strategy": rollout.strategy,
        "settings": drafts.audited(drafts.settings_from(rollout.settings)),
        "note": str(rollout.note),
    }


def project_of(service: ModelService) -> Project:
    """Return the project of a service."""
    return service.environment.project
