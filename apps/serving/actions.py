"""What people can ask of services and rollouts: one transaction each, no network calls."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from audit.record import record
from core.database import locking, with_known
from core.messages import NOTHING_SAID, Message, counted
from core.prepared import prepared
from core.reasons import Reason
from core.resources import NOTHING
from core.stream import announce
from core.wakeup import wake_worker
from projects import admission
from projects.models import Environment, Project
from registry.models import ModelVersion, RegisteredModel
from serving.diagnosis.health import NEVER_DEPLOYED
from serving.diagnosis.judging import refresh_services
from serving.diagnosis.read import candidate_left, id_left_behind
from serving.models import ModelService, Revision, Rollout
from serving.objects import refuse_large
from serving.rules import drafts, lifecycle, temporary
from serving.rules.lifecycle import Phase, RolloutKind, Verb
from serving.rules.strategy import Replacement, Strategy
from serving.secrets import vault
from serving.timeline import move, open_timeline
from serving.wishes import (
    Content,
    Wish,
    refuse_second_rollout,
    refuse_stale_plan,
    wished_decommission,
    wished_deploy,
    wished_restart,
    wished_retry,
    wished_rollback,
    wished_scale,
)


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
    plan: str = "",
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Start a rollout that serves `version`; a worker carries it out.

    Raises:
        QuotaExceeded: the service's peak requests do not fit the environment's headroom.
        Conflict: the service already has an unfinished rollout, the version has no image, or the
            plan is out of date.
    """
    wish = wished_deploy(locked(service), version=version, changes=changes)
    return start_wished(wish, plan=plan, note=note, by=by)


@transaction.atomic
def start_rollback(
    *,
    service: ModelService,
    number: int | None,
    plan: str = "",
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Roll settings and image back to an earlier revision, by default the last good one."""
    wish = wished_rollback(locked(service), number=number)
    return start_wished(wish, plan=plan, note=note, by=by)


@transaction.atomic
def start_scale(
    *,
    service: ModelService,
    replicas: int,
    expires_in: timedelta | None = None,
    plan: str = "",
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Change the number of pods, permanently or until `expires_in` has passed."""
    wish = wished_scale(locked(service), replicas=replicas, expires_in=expires_in)
    return start_wished(wish, plan=plan, note=note, by=by)


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
    point = refuse_second_rollout(service)
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
    wish = Wish(service, RolloutKind.SCALE, point, revision, brought)
    return start(wish, note=note, by=by)


@transaction.atomic
def start_restart(
    *, service: ModelService, plan: str = "", note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Replace every pod with an identical one, through a new revision with the same content."""
    return start_wished(wished_restart(locked(service)), plan=plan, note=note, by=by)


@transaction.atomic
def start_decommission(
    *, service: ModelService, plan: str = "", note: Message = NOTHING_SAID, by: Actor
) -> Rollout:
    """Start deleting what runs; the quota is released once all of it is gone."""
    return start_wished(wished_decommission(locked(service)), plan=plan, note=note, by=by)


@transaction.atomic
def start_retry(
    *,
    service: ModelService,
    rollout: Rollout,
    plan: str = "",
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Start again what a rollout of the service asked for that failed or was aborted."""
    wish = wished_retry(locked(service), rollout=rollout)
    return start_wished(wish, plan=plan, note=note, by=by)


@transaction.atomic
def control(verb: Verb, *, rollout: Rollout, is_full: bool = False, by: Actor) -> Rollout:
    """Pause, resume, promote or abort a running rollout; `is_full` promotes past all its steps.

    A worker that has claimed it notices at its next compare-and-set that it was taken away.
    """
    rollout = Rollout.objects.select_for_update(of=["self"]).get(pk=rollout.pk)
    before = Phase(rollout.phase)
    lifecycle.check_verb(
        verb,
        kind=RolloutKind(rollout.kind),
        phase=before,
        changes_revision=rollout.changes_revision,
        position=rollout.position,
        is_full=is_full,
    )
    now = timezone.now()
    if verb is Verb.ABORT:
        rollout.failure_reason = Reason.ABORTED
        rollout.failure_message = Message("It was aborted.")
    if verb is Verb.PROMOTE:
        step = rollout.position.steps if is_full else rollout.step + 1
        rollout.reach(step, now=now)
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


def start_wished(wish: Wish, *, plan: str, note: Message, by: Actor) -> Rollout:
    """Start what is wished of a service that the caller has locked."""
    return start(wish, plan=plan, note=note, by=by)


def start(
    wish: Wish,
    *,
    plan: str = "",
    differences: Sequence[Sequence[Any]] = (),
    resolves: Sequence[Mapping[str, Any]] = (),
    removes: Sequence[Mapping[str, str]] = (),
    note: Message = NOTHING_SAID,
    by: Actor,
) -> Rollout:
    """Admit a change against the quota and insert it with its first timeline entry.

    The settings it brings become the service's only once it has succeeded. A `plan` was made of
    the wish and of the `differences` that it resolves.
    """
    requested_at = timezone.now()
    service, revision = wish.service, ensured_revision(wish, by=by)
    replacement = reserve_peak(wish, partial(refuse_stale_plan, wish, plan, differences))
    now = timezone.now()
    rollout = Rollout(
        service=service,
        project=service.environment.project,
        kind=wish.kind,
        strategy=replacement.as_json(),
        from_revision=service.current_revision,
        to_revision=revision,
        from_replicas=service.desired_replicas if service.current_revision else 0,
        to_replicas=wish.replicas,
        settings=drafts.plain_settings(drafts.differing(service.settings, wish.brings)),
        resolves=list(resolves),
        removes=[*removes, *(one for one in candidate_left(service) if one not in removes)],
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
    if revision is not None:
        vault.retain(revision)
    record("rollout.start", rollout, by=by, project=project_of(service), after=shown_start(rollout))
    wake_worker("serving.reconcile_rollout", str(rollout.pk))
    return rollout


def reserve_peak(wish: Wish, check: Callable[[Replacement | None], None]) -> Replacement:
    """Reserve the peak of the gentlest replacement that fits the quota; return the replacement.

    Before that, `check` is given how pods are replaced, under the lock of what decides it; None if
    no pod is.
    """
    if wish.wanted is None:
        check(None)
        return Replacement(type=Strategy.RECREATE)
    service = wish.service
    ledger = admission.locked_ledger(service.environment_id, service.pk)
    change = wish.change_to(wish.wanted, held=ledger.held)
    change.refuse_image(ledger.image_registries)
    change.refuse_pods(ledger.quota)
    replacement, wanted = change.gentlest(ledger.allowance)
    change.refuse_steps(replacement)
    check(replacement if change.replaces_pods else None)
    with change.naming_what_fits(ledger.allowance):
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


def refuse_large_settings(service: ModelService, settings: Mapping[str, Any]) -> None:
    """Refuse settings that are too large to be rolled out with any version."""
    refuse_large(service, drafts.frozen(settings, model=service.model.name, version="", image=""))


def ensured_revision(wish: Wish, *, by: Actor) -> Revision | None:
    """Return the revision that a wish leads to; it is appended if it is not there yet.

    The caller has locked the service, so numbers have no gaps.
    """
    content = wish.wanted
    if not isinstance(content, Content):
        return content
    revision = Revision.objects.create(
        service=wish.service,
        number=wish.point.newest_revision + 1,
        version=content.version,
        spec=msgspec.to_builtins(content.frozen_spec),
        **by.signed("created_by"),
    )
    if content.secrets:
        revision.secret_versions.set(content.secrets)
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
