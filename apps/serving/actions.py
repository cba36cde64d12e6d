"""What people ask of services and rollouts: one transaction each, and no network."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from audit.record import record
from core.database import lock
from core.doorbell import ring
from core.errors import Conflict, QuotaExceeded
from core.messages import NOTHING_SAID, Message, counted
from core.reasons import Reason
from core.resources import NOTHING
from core.stream import announce
from projects import admission
from projects.models import Environment, Project, Reservation
from registry.images import refuse_source
from registry.models import ModelVersion, RegisteredModel
from serving.change import Change, brought_by
from serving.diagnosis.health import NEVER_DEPLOYED
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import id_left_behind
from serving.models import ModelService, Revision, Rollout, SecretVersion
from serving.objects import refuse_large
from serving.rules import drafts, lifecycle, temporary
from serving.rules.lifecycle import Phase, RolloutKind, Verb
from serving.rules.strategy import Replacement
from serving.rules.temporary import Replicas
from serving.secrets import vault
from serving.timeline import move


@transaction.atomic
def create_service(
    *,
    environment: Environment,
    name: str,
    model: RegisteredModel,
    settings: Mapping[str, Any],
    by: Actor,
) -> ModelService:
    """Write down a service; nothing runs until its first rollout.

    What the cluster still has of one that our database has lost is its own, and differs.

    Raises:
        QuotaExceeded, Invalid: no pod of the environment may be like that.
    """
    refuse_settings(environment.pk, settings)
    vault.refuse_unknown(environment.pk, settings)
    service = ModelService(environment=environment, name=name, model=model, **settings)
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
    """Draft what the next rollout will apply; what runs stays as it is.

    Before there was a rollout nothing runs beside which a draft could be shown.

    Raises:
        QuotaExceeded, Invalid: no pod of the environment may be like that.
    """
    service = locked(service)
    refuse_settings(service.environment_id, changes)
    draft = {**drafts.settings_from(service.draft), **changes}
    refuse_large_settings(service, {**service.settings, **draft})
    if changes.keys() & {"env", "secrets"}:
        vault.refuse_unknown(service.environment_id, {**service.settings, **draft})
    if not service.rollouts.exists():
        save_settings(service, changes, by=by)
        return service
    if not service.rollouts.unfinished().exists():
        # What the running rollout brings may differ from what is the same as now.
        draft = drafts.differing(service.settings, draft)
    save_draft(service, draft, action="service.draft", by=by)
    return service


@transaction.atomic
def discard_draft(*, service: ModelService, by: Actor) -> ModelService:
    """Drop what was drafted and not rolled out."""
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
    """Record that `version` is to be served; a worker makes it true.

    Raises:
        QuotaExceeded: the service's peak requests do not fit the environment's headroom.
        Conflict: the service already has an unfinished rollout, or the version has no image.
    """
    service = locked(service)
    refuse_second_rollout(service)
    if not version.image:
        raise Conflict(
            Message(
                "Version %(version)s has no image. Register one that has to serve it.",
                version=version.version,
            ),
            reason=Reason.VERSION_WITHOUT_IMAGE,
        )
    brought = brought_by(service, changes)
    revision = next_revision(service, version, {**service.settings, **brought}, by=by)
    return start(
        service, RolloutKind.DEPLOY, to_revision=revision, brings=brought, note=note, by=by
    )


@transaction.atomic
def start_rollback(
    *, service: ModelService, number: int | None, note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Return to an earlier revision, settings and image together; by default the last good one."""
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
    """Change the number of pods: for good, or until it expires and the service returns."""
    service = locked(service)
    refuse_second_rollout(service)
    revision = running_revision(service)
    expires_at = timezone.now() + expires_in if expires_in is not None else None
    scaled = temporary.scaled(service.replica_counts, replicas, expires_at=expires_at)
    brought = scaled.as_columns()
    return start(service, RolloutKind.SCALE, to_revision=revision, brings=brought, note=note, by=by)


@transaction.atomic
def start_return(*, service: ModelService, now: datetime, by: Actor) -> Rollout | None:
    """End a temporary scale that is over; None when there is nothing to change for it.

    Raises:
        Conflict: another rollout runs; the return waits for it.
        QuotaExceeded: there is no room to return to more pods.
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
    """Replace every pod by one of the same settings: a new revision with the same content."""
    service = locked(service)
    refuse_second_rollout(service)
    revision = copied_revision(service, running_revision(service), by=by)
    return start(service, RolloutKind.RESTART, to_revision=revision, note=note, by=by)


@transaction.atomic
def start_decommission(
    *, service: ModelService, note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Delete what runs, wait until it is gone, and give the quota back."""
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

    Whoever drives it now finds at its next compare-and-set that the phase has moved on.
    """
    rollout = Rollout.objects.select_for_update(of=["self"]).get(pk=rollout.pk)
    before = Phase(rollout.phase)
    lifecycle.check_verb(
        verb, kind=RolloutKind(rollout.kind), phase=before, is_replacing=rollout.is_replacing
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
    """Take a rollout from whoever holds it and ring the doorbell; the caller saves."""
    rollout.take_away(now=timezone.now())
    ring("serving.reconcile_rollout", str(rollout.pk))


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

    What it `brings` becomes the service's settings when it has succeeded, and not before.
    """
    requested_at = timezone.now()
    wanted = {**service.settings, **(brings or {})}
    counts = Replicas(*(wanted[name] for name in drafts.NUMBERS))
    replicas = counts.now if to_revision else 0
    replacement = reserve_peak(service, kind, to_revision, counts, wanted["strategy"])
    now = timezone.now()
    rollout = Rollout(
        service=service,
        kind=kind,
        strategy=replacement.as_json(),
        from_revision=service.current_revision,
        to_revision=to_revision,
        from_replicas=service.desired_replicas if service.current_revision else 0,
        to_replicas=replicas,
        settings=drafts.plain_settings(drafts.differing(service.settings, brings or {})),
        resolves=list(resolves),
        removes=list(removes),
        **by.signed("started_by"),
        note=note,
        created_at=requested_at,
        admitted_at=now,
        progressed_at=now,
        next_run_at=now,
    )
    # The history's foreign key is checked at the end of the transaction.
    move(rollout, Phase.PENDING, Reason.ADMITTED, Message("The quota has room for it."), by=by)
    rollout.save(force_insert=True)
    if to_revision is not None:
        vault.retain(to_revision)
    record("rollout.start", rollout, by=by, project=project_of(service), after=shown_start(rollout))
    ring("serving.reconcile_rollout", str(rollout.pk))
    return rollout


def reserve_peak(
    service: ModelService,
    kind: RolloutKind,
    to_revision: Revision | None,
    counts: Replicas,
    stated: dict[str, Any],
) -> Replacement:
    """Reserve the peak of a change: the gentlest replacement that fits the quota."""
    if to_revision is None:
        return Replacement(recreate=True)
    current, spec = service.current_revision, to_revision.frozen_spec
    if current is None or current.frozen_spec.image != spec.image:
        refuse_source(spec.image, environment=service.environment.image_registries)
    held = admission.reserved_by(service.pk)
    change = Change(service, spec, counts, stated, held, is_scale=kind is RolloutKind.SCALE)
    change.refuse_pods()
    for replacement, wanted in change.ways():
        try:
            admission.reserve(service.environment_id, service.pk, wanted)
        except QuotaExceeded as error:
            refusal = error
        else:
            return replacement
    raise refusal


def refuse_settings(environment_id: int, settings: Mapping[str, Any]) -> None:
    """Refuse settings of which no pod of an environment may be, where they are about that."""
    if "requests" in settings:
        requests, limits = settings["requests"], settings.get("limits", NOTHING)
        admission.refuse_pods(environment_id, requests=requests, limits=limits)


def locked(service: ModelService) -> ModelService:
    """Lock a service's row; every action on one service waits for the one before."""
    row = ModelService.objects.filter(pk=service.pk)
    lock(row)
    return row.select_related(
        "environment__project", "environment__cluster", "current_revision__version", "model"
    ).get()


def refuse_second_rollout(service: ModelService) -> None:
    """Say which rollout is running, before the database's constraint would."""
    running = service.rollouts.unfinished().first()
    if running:
        raise Conflict(
            Message(
                "A %(kind)s of %(service)s is %(phase)s. Wait for it, or abort it, then try again.",
                kind=running.kind,
                service=service.name,
                phase=running.phase,
            ),
            reason=Reason.ROLLOUT_IN_PROGRESS,
            details={"rollout": str(running.pk), "kind": running.kind, "phase": running.phase},
        )


def refuse_where_nothing_runs(service: ModelService) -> None:
    """Refuse to take away what is not there; what failed at first still holds its promise."""
    if not Reservation.objects.filter(service_id=service.pk).exists():
        raise Conflict(Message("No pod of this service runs."), reason=Reason.NOT_DEPLOYED)


def running_revision(service: ModelService) -> Revision:
    """Return what runs now, or refuse."""
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
    """Find the revision of a rollback: the named one, else the last good one that differs."""
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
    service: ModelService, version: ModelVersion, settings: Mapping[str, Any], *, by: Actor
) -> Revision:
    """Freeze settings with a version; the same content as now is the same revision."""
    vault.refuse_unknown(service.environment_id, settings)
    secrets = vault.newest(service.environment_id, settings["secrets"])
    spec = drafts.frozen(
        settings,
        model=service.model.name,
        version=version.version,
        image=version.image,
        **vault.numbers_of(secrets),
    )
    current = service.current_revision
    if current is not None and current.frozen_spec == spec:
        return current
    refuse_large(service, spec)
    return add_revision(service, version, msgspec.to_builtins(spec), secrets, by=by)


def refuse_large_settings(service: ModelService, settings: Mapping[str, Any]) -> None:
    """Refuse settings that no version could be rolled out with."""
    refuse_large(service, drafts.frozen(settings, model=service.model.name, version="", image=""))


def copied_revision(service: ModelService, revision: Revision, *, by: Actor) -> Revision:
    """Append a revision of the same content, whose pods are new ones."""
    secrets = list(revision.secret_versions.all())
    return add_revision(service, revision.version, revision.spec, secrets, by=by)


def add_revision(
    service: ModelService,
    version: ModelVersion,
    spec: dict[str, Any],
    secrets: Sequence[SecretVersion],
    *,
    by: Actor,
) -> Revision:
    """Append a revision; the service's row is locked, so numbers have no gaps."""
    latest = service.revisions.order_by("-number").values_list("number", flat=True).first()
    revision = Revision.objects.create(
        service=service,
        number=(latest or 0) + 1,
        version=version,
        spec=spec,
        **by.signed("created_by"),
    )
    if secrets:
        revision.secret_versions.set(secrets)
    return revision


def save_settings(service: ModelService, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Write changes of the settings and audit them."""
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
    """Write a draft, if it is another, and audit it."""
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
    """Return what an audit row says of a new rollout."""
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
