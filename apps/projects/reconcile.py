"""Reconciles environments: the namespace and its setup, as their spec asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from clusters.apply import FieldsOfOthers, Overridden, Policy, applied
from clusters.client import ClusterClient, client_for
from clusters.differences import ObjectKey, entries_of, key_of
from clusters.drift import Difference
from clusters.errors import ClusterConflict, ClusterError
from clusters.kinds import LIMIT_RANGE, NAMESPACE, NETWORK_POLICY, RESOURCE_QUOTA, ObjectKind
from clusters.observed import revision
from core import pace, supervision
from core.answers import Answer
from core.database import lock
from core.lease import LeaseLost, renewing
from core.leased import COLUMNS
from core.messages import NOTHING_SAID, Message
from core.outages import is_outage
from core.reasons import Reason
from core.stream import announce
from core.supervision import one_by_one, record_fault
from core.wakeup import wake_worker
from projects.drift import FOREIGN, is_to_repair, lacking_namespace, to_repair, verdict_of
from projects.manifests import deletion_blockers
from projects.models import Environment, EnvironmentQuerySet, Project

RETRY, CHECK_AGAIN = timedelta(seconds=15), timedelta(seconds=3)
# Even without an event: a mirror may not be allowed to see a namespace's setup.
RESYNC_AFTER = timedelta(minutes=10)
ANNOUNCED = ("phase", "reason", "message", "drift")
SEEN = ("seen_version", "observed_generation", "namespace_uid")
EnvironmentPhase = Environment.Phase


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A namespace and its setup, and how far the cluster was when they were read."""

    found: dict[ObjectKey, dict[str, Any]]
    namespace: dict[str, Any] | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found out, to be written if the environment is still claimed by whoever looked.

    What is None was not found out, and stays as it is in the row.
    """

    phase: str | None = None
    # With its message.
    reason: str | None = ""
    message: Message = NOTHING_SAID
    requeue_after: timedelta = RESYNC_AFTER
    differences: Sequence[Difference] | None = None
    snapshot: Snapshot | None = None
    # The spec is met, as far as the policy allows.
    is_reached: bool = False
    # Something was put back just now.
    is_written: bool = False
    # Nothing of it is left, or nothing there was its own.
    is_gone: bool = False


# For an unexpected error: we do not know what to do, and look again later.
LATER = Finding(reason=Reason.INTERNAL_ERROR, message=supervision.UNEXPECTED, requeue_after=RETRY)
UNDONE = Message("Somebody keeps undoing that, so it is done less often.")
GONE = Finding(EnvironmentPhase.TERMINATING, is_gone=True)


def due_environments() -> list[int]:
    """Return the environments that somebody should look at."""
    return list(Environment.objects.due(now=timezone.now()).values_list("pk", flat=True))


def reconcile_environment(environment_id: int) -> bool:
    """Look at an environment and do what its spec asks for; return whether to look again at once.

    If this call is lost, a sweep makes up for it; to repeat it does no harm.
    """
    environment = claim(environment_id)
    if environment is None:
        return False
    try:
        return commit(environment, outcome_of(environment))
    except LeaseLost:
        return False
    except Exception as error:
        if is_outage(error):
            raise
        cluster = environment.cluster.name
        supervision.record_fault(
            error, loop="environments", cluster=cluster, about=str(environment)
        )
        return commit(environment, LATER)


def outcome_of(environment: Environment) -> Finding:
    """Do what a claimed environment's spec asks for, and return what came of it."""
    try:
        client = client_for(environment.cluster).fenced(partial(check_claimed, environment))
        with renewing(partial(renew, environment)):
            return step(environment, client)
    except ClusterConflict:
        # Somebody wrote at the same time, such as the cluster into the status of a ResourceQuota.
        return unchanged(requeue_after=timedelta(0))
    except ClusterError as error:
        return on_cluster_error(environment, error)


def claim(environment_id: int) -> Environment | None:
    """Lease an environment if it is due; if somebody has looked since the wake-up, it no longer is.

    If somebody else has it, leave a wake-up, as there is something new to look at.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = Environment.objects.filter(pk=environment_id)
        lock(rows)
        environment = rows.select_related("cluster", "project", "quota").first()
        if environment is None:
            return None
        is_taken = environment.take(now=now)
        environment.save(update_fields=COLUMNS)
    return environment if is_taken else None


def renew(claimed: Environment, until: datetime) -> None:
    """Extend the lease of a claimed environment, unless somebody has taken it away."""
    still_claimed(claimed).update(lease_until=until)


def still_claimed(claimed: Environment) -> EnvironmentQuerySet:
    """Return the row if whoever claimed it still has it, and its spec is the same."""
    rows = Environment.objects.still_leased(claimed.pk, claimed.attempts)
    return rows.filter(generation=claimed.generation)


def check_claimed(claimed: Environment) -> None:
    """Refuse to write for a spec that was replaced, or that is now somebody else's to write.

    Raises:
        LeaseLost: it is so, or the environment is gone.
    """
    if not still_claimed(claimed).exists():
        raise LeaseLost


def step(environment: Environment, client: ClusterClient) -> Finding:
    """Do what the phase asks for, as far as that is possible now."""
    snapshot = read_snapshot(client, environment.namespace)
    differences = environment.setup.compared_with(snapshot.found)
    want = lacking_namespace(differences)
    is_foreign = want is not None and want.found == FOREIGN
    if environment.phase == EnvironmentPhase.TERMINATING:
        # If the namespace is somebody else's, nothing in it is ours.
        return leave(environment, client, None if is_foreign else snapshot.namespace)
    if want is not None and snapshot.namespace is not None:
        reason, message = verdict_of(differences)
        message = message if is_foreign else message + deletion_blockers(snapshot.namespace)
        pause = RETRY if is_foreign else CHECK_AGAIN
        return Finding(EnvironmentPhase.PENDING, reason, message, pause, differences, snapshot)
    return put_back(environment, client, snapshot)


def read_snapshot(client: ClusterClient, name: str) -> Snapshot:
    """Read a namespace and its setup, including what others put there."""
    body = client.get(NAMESPACE, None, name)
    if body is None:
        return Snapshot({})
    namespace = orjson.loads(body)
    version, ranges = listed(client, LIMIT_RANGE, name)
    _, quotas = listed(client, RESOURCE_QUOTA, name)
    _, policies = listed(client, NETWORK_POLICY, name)
    found = {key_of(item): item for item in (namespace, *ranges, *quotas, *policies)}
    return Snapshot(found, namespace, version)


def listed(
    client: ClusterClient, kind: ObjectKind, namespace: str
) -> tuple[int | None, list[dict[str, Any]]]:
    """Read a namespace's objects of a kind, and add the kind, which lists leave out."""
    body = orjson.loads(client.list(kind, namespace))
    items = [{**item, "kind": kind.name, "apiVersion": kind.api_version} for item in body["items"]]
    return revision(body["metadata"]["resourceVersion"]), items


def leave(
    environment: Environment, client: ClusterClient, namespace: Mapping[str, Any] | None
) -> Finding:
    """Delete the namespace, and wait until it is gone; say what blocks that."""
    if namespace is None or not client.delete(
        NAMESPACE, None, environment.namespace, uid=namespace["metadata"]["uid"]
    ):
        return GONE
    message = Message("The namespace is being deleted.") + deletion_blockers(namespace)
    return Finding(EnvironmentPhase.TERMINATING, Reason.WAITING_FOR_DELETION, message, CHECK_AGAIN)


def put_back(environment: Environment, client: ClusterClient, snapshot: Snapshot) -> Finding:
    """Make whatever is missing or differs what it should be, as far as the policy allows.

    What is undone again and again is put back at ever longer intervals.
    """
    refusals: list[ClusterError] = []
    setup, policy = environment.setup, Policy(environment.foreign_fields)
    wrong = {(d.kind, d.name) for d in to_repair(setup.compared_with(snapshot.found))}
    if not wrong:
        return judged(environment, snapshot, refusals)
    wait = pace.left_to_wait(environment.writes, environment.written_at, now=timezone.now())
    if wait:
        again = judged(environment, snapshot, refusals)
        return replace(again, message=again.message + UNDONE, requeue_after=wait)
    is_written = False
    for manifest in setup.manifests:
        if key_of(manifest) not in wrong:
            continue
        try:
            applied(client, manifest, snapshot.found.get(key_of(manifest)), policy=policy)
        except FieldsOfOthers as error:
            refusals.append(error)
            continue
        except Overridden as error:
            refusals.append(error)
        is_written = True
    snapshot = read_snapshot(client, environment.namespace)
    return replace(judged(environment, snapshot, refusals), is_written=is_written)


def judged(
    environment: Environment, snapshot: Snapshot, refusals: Sequence[ClusterError]
) -> Finding:
    """Return how an environment is, now that everything allowed has been done."""
    differences = environment.setup.compared_with(snapshot.found)
    wrong = to_repair(differences)
    want = lacking_namespace(wrong)
    if want is not None or (wrong and not refusals):
        # It was deleted, or changed again, at this very moment.
        phase = EnvironmentPhase.PENDING if want is not None else EnvironmentPhase.READY
        return Finding(phase, *verdict_of(wrong), CHECK_AGAIN, differences, snapshot)
    return Finding(
        EnvironmentPhase.READY,
        refusals[0].reason if refusals else "",
        sum((refusal.message for refusal in refusals), NOTHING_SAID),
        differences=differences,
        snapshot=snapshot,
        is_reached=True,
    )


def unchanged(*, requeue_after: timedelta) -> Finding:
    """Return a finding that changes only when to look again."""
    return Finding(reason=None, requeue_after=requeue_after)


def on_cluster_error(environment: Environment, error: ClusterError) -> Finding:
    """Say what is wrong with the cluster; what was well when last seen is in no hurry."""
    is_reached = environment.observed_generation == environment.generation
    is_well = is_reached and not any(map(is_to_repair, environment.drift))
    if environment.phase != EnvironmentPhase.READY or not is_well:
        return Finding(reason=error.reason, message=error.message, requeue_after=RETRY)
    if error.answer in (Answer.AWAY, Answer.BUSY):
        return unchanged(requeue_after=RESYNC_AFTER)
    return Finding(reason=error.reason, message=error.message)


def commit(claimed: Environment, finding: Finding) -> bool:
    """Write a finding if the environment is still as it was claimed; return whether to look again.

    If there was a wake-up meanwhile, another look at once tells what is outdated in it.
    """
    now = timezone.now()
    if finding.is_written:
        count_write(claimed, now=now)
    with transaction.atomic():
        lock(still_claimed(claimed))
        environment = still_claimed(claimed).select_related("project").first()
        if environment is None:
            return False
        if finding.is_gone:
            remove_row(environment)
            # Its project may have waited for it.
            wake_worker("projects.sweep_environments")
            return False
        environment.give_back(claimed, requeue_after=finding.requeue_after, now=now)
        is_shown = record_finding(environment, finding, now=now)
        environment.save(update_fields=[*COLUMNS, *ANNOUNCED, *SEEN])
        if is_shown:
            announce("environment", environment.pk, project=environment.project.name)
    return environment.is_due(now=now)


def remove_row(environment: Environment) -> None:
    """Delete the row of an environment that is gone, once nobody writes to its services."""
    lock(environment.services.all())
    announce("environment", environment.pk, project=environment.project.name)
    environment.delete()


def remove_projects() -> None:
    """Delete the projects that were to be deleted and whose last environment is gone."""

    def leave_out(project_id: int, error: Exception) -> None:
        record_fault(error, loop="projects", about=f"project {project_id}")

    def remove(project_ids: Sequence[int]) -> None:
        for project_id in project_ids:
            remove_project(project_id)

    due = [*Project.objects.to_remove().values_list("pk", flat=True)]
    one_by_one(remove, due, leave_out=leave_out)


@transaction.atomic
def remove_project(project_id: int) -> bool:
    """Delete a project, its models and tokens if that is due; return whether it did.

    What is being added to the project comes before this lock and goes too, or comes after it and
    fails.
    """
    rows = Project.objects.filter(pk=project_id)
    list(rows.select_for_update().only("pk"))
    project = rows.to_remove().first()
    if project is None:
        return False
    User.objects.filter(is_robot=True, memberships__project=project).update(is_active=False)
    announce("project", project.pk, project=project.name)
    project.delete()
    return True


def count_write(claimed: Environment, *, now: datetime) -> None:
    """Count a write, even if the lease has been lost meanwhile.

    With a new spec, counting starts anew.
    """
    writes = pace.counted_up(claimed.writes, claimed.written_at, now=now)
    same = Environment.objects.filter(pk=claimed.pk, generation=claimed.generation)
    same.update(writes=writes, written_at=now)


def record_finding(environment: Environment, finding: Finding, *, now: datetime) -> bool:
    """Copy what a finding knows into the row; return whether anything shown has changed."""
    before = [getattr(environment, name) for name in ANNOUNCED]
    environment.phase = finding.phase or environment.phase
    if finding.reason is not None:
        environment.reason, environment.message = finding.reason, finding.message
    if finding.differences is not None:
        found = entries_of(finding.differences, before=environment.drift, now=now.isoformat())
        environment.drift = found
    if finding.snapshot is not None:
        record_snapshot(environment, finding.snapshot, is_reached=finding.is_reached)
    return before != [getattr(environment, name) for name in ANNOUNCED]


def record_snapshot(environment: Environment, snapshot: Snapshot, *, is_reached: bool) -> None:
    """Record how far the cluster was and, once the spec is met, which namespace is ours."""
    if snapshot.version is not None:
        environment.seen_version = snapshot.version
    if is_reached and snapshot.namespace is not None:
        environment.observed_generation = environment.generation
        environment.namespace_uid = snapshot.namespace["metadata"]["uid"]
