"""Drives rollouts: claim the row, read live, decide by the rules, apply, record.

No transaction is held across a network call, and nothing waits: a pass ends as soon as there is
nothing to do, and an event or the sweep starts the next.
"""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from clusters.apply import FieldsOfOthers, NameTaken
from clusters.client import ClusterClient, client_for
from clusters.errors import ClusterConflict, ClusterError, ClusterForbidden, ClusterNotFound
from core import supervision
from core.answers import Answer
from core.lease import LeaseLost, renewing
from core.messages import Message
from core.outages import is_outage
from core.reasons import Reason
from projects.actions import look_at_environment
from projects.models import Environment
from serving.diagnosis.drift import whose_backup
from serving.diagnosis.read import root_cause_pod_of
from serving.models import ModelService, Rollout
from serving.rules.lifecycle import Phase
from serving.worker.claim import check_claimed, claim, renew
from serving.worker.commit import commit
from serving.worker.last_words import last_lines_of
from serving.worker.outcome import (
    REQUEUE_AFTER,
    REQUEUE_SOON,
    Finding,
    Overtaken,
    at_the_latest,
    in_time,
    target_of,
    unchanged,
)
from serving.worker.pausing import pause
from serving.worker.removal import remove_service
from serving.worker.rolling import drive
from serving.worker.stepping import go_by_steps

CONFLICTS_IN_A_ROW = 5
WAY_OUT = Message("See what differs on the service's page, then restore it or take it over.")


def reconcile_rollout(rollout_id: str) -> bool:
    """Take a rollout one step further; return whether to look again at once.

    A lost call costs a wait for the sweep, a duplicate nothing; a worker killed in it costs a wait
    for the end of its lease.
    """
    rollout = claim(rollout_id)
    if rollout is None:
        return False
    try:
        return commit(rollout, outcome_of(rollout))
    except LeaseLost:
        return False
    except Exception as error:
        if is_outage(error):
            raise
        cluster = rollout.service.cluster.name
        supervision.record_fault(error, loop="rollouts", cluster=cluster, about=rollout_id)
        return commit(rollout, unexpected(rollout))


def outcome_of(rollout: Rollout) -> Finding:
    """Take a claimed rollout one step further, and return the finding."""
    try:
        client = client_for(rollout.service.cluster).fenced(partial(check_claimed, rollout))
        with renewing(partial(renew, rollout)):
            return look(rollout, client)
    except Overtaken as overtaken:
        return overtaken_by(rollout, overtaken.epoch)
    except ClusterError as error:
        return on_cluster_error(rollout, error)


def unexpected(rollout: Rollout) -> Finding:
    """Report an unexpected error; if it persists, the rollout ends at its deadline."""
    phase, requeue_after = Phase(rollout.phase), at_the_latest(rollout, REQUEUE_AFTER)
    waiting = Finding(
        phase, Reason.INTERNAL_ERROR, supervision.UNEXPECTED, requeue_after=requeue_after
    )
    return in_time(rollout, waiting)


def look(rollout: Rollout, client: ClusterClient) -> Finding:
    """Advance; if an object changes between the read and the write, retry a few times."""
    for _ in range(CONFLICTS_IN_A_ROW):
        with suppress(ClusterConflict):
            return with_last_lines(rollout, advance(rollout, client), client)
    return in_time(rollout, unchanged(rollout, requeue_after=REQUEUE_SOON))


def advance(rollout: Rollout, client: ClusterClient) -> Finding:
    """Do what the rollout's phase asks for, as far as is possible now."""
    environment = rollout.service.environment
    if environment.phase != Environment.Phase.READY:
        message = environment.message or Message("The namespace is being created.")
        waiting = unchanged(rollout, requeue_after=REQUEUE_SOON)
        waiting = replace(waiting, reason=Reason.WAITING_FOR_ENVIRONMENT, message=message)
        is_outage = environment.reason == Reason.CLUSTER_UNAVAILABLE
        return in_time(rollout, replace(waiting, is_outage=is_outage))
    if target_of(rollout) is None:
        return remove_service(rollout, client)
    if rollout.steps:
        return go_by_steps(rollout, client)
    if rollout.phase == Phase.PAUSED:
        return pause(rollout, client)
    return drive(rollout, client)


def with_last_lines(rollout: Rollout, found: Finding, client: ClusterClient) -> Finding:
    """Add a crashed container's last lines, at the moment when it makes the rollout fail."""
    is_failing = found.phase in (Phase.ROLLING_BACK, Phase.FAILED)
    if rollout.phase == Phase.ROLLING_BACK or not is_failing or rollout.to_revision is None:
        return found
    root_cause = root_cause_pod_of(rollout, rollout.to_revision)
    namespace = rollout.service.environment.namespace
    return replace(found, last_lines=last_lines_of(client, namespace, root_cause))


def overtaken_by(rollout: Rollout, epoch: int) -> Finding:
    """Leave it to the later worker; if the database knows of none, a backup was restored.

    Then the rollout fails, and nothing is changed until somebody has seen what differs and chosen.
    """
    known = ModelService.objects.values_list("epoch", flat=True).get(pk=rollout.service_id)
    if known >= epoch:
        return unchanged(rollout)
    message = whose_backup(known, epoch) + Message("Nothing was changed.") + WAY_OUT
    return Finding(Phase.FAILED, Reason.BACKUP_RESTORED, message, seen_epoch=epoch)


def on_cluster_error(rollout: Rollout, error: ClusterError) -> Finding:
    """Report what is wrong with the cluster; if it keeps refusing, the deadline ends that."""
    waiting = replace(
        unchanged(rollout, requeue_after=at_the_latest(rollout, REQUEUE_AFTER)),
        reason=error.reason,
        message=error.message,
        is_outage=error.answer is Answer.AWAY,
    )
    if isinstance(error, ClusterNotFound | ClusterForbidden):
        # The namespace may be gone, or terminating.
        look_at_environment(rollout.service.environment)
    if isinstance(error, FieldsOfOthers | NameTaken) and rollout.phase != Phase.PAUSED:
        return replace(waiting, phase=Phase.FAILED)
    return in_time(rollout, waiting)
