"""Makes environments true: namespace, ResourceQuota and LimitRange on their clusters."""

from datetime import datetime, timedelta
from functools import partial

import orjson
from django.db import transaction
from django.utils import timezone

from clusters import namespaces
from clusters.client import ClusterClient, client_for
from clusters.errors import ClusterError
from clusters.kinds import NAMESPACE
from clusters.namespaces import Tenancy
from clusters.observed import decode_what_holds
from core.lease import LEASE, renewing
from core.reasons import Reason
from core.stream import announce
from core.words import joined, kept
from projects.models import Environment

RETRY, CHECK_DELETION = timedelta(seconds=15), timedelta(seconds=3)


class NamespaceConflict(Exception):
    """The namespace exists and is not this environment's."""


def due_environments() -> list[int]:
    """Return the environments that somebody should look at."""
    return list(
        Environment.objects.filter(next_run_at__lte=timezone.now()).values_list("pk", flat=True)
    )


def reconcile_environment(environment_id: int) -> None:
    """Apply an environment's wish once; losing this call costs a sweep, doubling it nothing."""
    environment = claim(environment_id)
    if environment is None:
        return
    try:
        with renewing(partial(renew, environment)):
            client = client_for(environment.cluster)
            done = advance(environment, client)
            holds = [] if done else what_holds(environment, client)
    except NamespaceConflict as error:
        settle(environment, Reason.NAMESPACE_CONFLICT, str(error))
    except ClusterError as error:
        settle(environment, error.reason, error.message)
    else:
        finish(environment) if done else settle(
            environment,
            Reason.WAITING_FOR_DELETION,
            joined(kept("The namespace is being deleted."), *holds),
            CHECK_DELETION,
        )


def claim(environment_id: int) -> Environment | None:
    """Take a due environment; whoever comes second finds it not due."""
    now = timezone.now()
    with transaction.atomic():
        environment = (
            Environment.objects.select_for_update(of=["self"], skip_locked=True)
            .select_related("cluster", "project", "quota")
            .filter(pk=environment_id, next_run_at__lte=now)
            .first()
        )
        if environment is not None:
            environment.next_run_at = now + LEASE
            environment.save(update_fields=["next_run_at"])
        return environment


def renew(claimed: Environment, until: datetime) -> None:
    """Keep a claimed environment from being due, unless its wish has changed."""
    held = Environment.objects.filter(pk=claimed.pk, generation=claimed.generation)
    held.update(next_run_at=until)


def advance(environment: Environment, client: ClusterClient) -> bool:
    """Do what the phase asks for; return whether it is done."""
    tenancy = tenancy_of(environment)
    is_foreign = is_foreign_namespace(client, tenancy)
    if environment.phase == Environment.Phase.TERMINATING:
        # Where the namespace is somebody else's, nothing in it is ours.
        return is_foreign or not client.delete(NAMESPACE, None, tenancy.namespace)
    if is_foreign:
        raise NamespaceConflict(
            joined(
                kept("The namespace %s exists in the cluster and is not this environment's.")
                % tenancy.namespace,
                kept("Delete it there, or create the environment with another namespace."),
            )
        )
    client.apply(namespaces.namespace(tenancy))
    client.apply(namespaces.limit_range(tenancy))
    client.apply(namespaces.resource_quota(tenancy, environment.quota.limits))
    return True


def what_holds(environment: Environment, client: ClusterClient) -> list[str]:
    """Say what is in the way of a namespace that is being deleted, in Kubernetes' own words."""
    found = client.get(NAMESPACE, None, environment.namespace)
    return decode_what_holds(found) if found is not None else []


def is_foreign_namespace(client: ClusterClient, tenancy: Tenancy) -> bool:
    """Tell whether somebody else made the namespace: it is never adopted, and never deleted."""
    found = client.get(NAMESPACE, None, tenancy.namespace)
    if found is None:
        return False
    labels = orjson.loads(found)["metadata"].get("labels") or {}
    return not namespaces.owner_labels(tenancy).items() <= labels.items()


def settle(
    environment: Environment, reason: Reason, message: str, retry_in: timedelta = RETRY
) -> None:
    """Say why it is not done yet and when it is tried again."""
    Environment.objects.filter(pk=environment.pk, generation=environment.generation).update(
        reason=reason, message=message, next_run_at=timezone.now() + retry_in
    )
    announce("environment", environment.pk, project=environment.project.name)


def finish(environment: Environment) -> None:
    """Record what was reached, unless the wish has changed meanwhile."""
    rows = Environment.objects.filter(pk=environment.pk, generation=environment.generation)
    if environment.phase == Environment.Phase.TERMINATING:
        rows.delete()
    else:
        reached = rows.update(
            phase=Environment.Phase.READY,
            reason="",
            message="",
            observed_generation=environment.generation,
            next_run_at=None,
        )
        if not reached:
            Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    announce("environment", environment.pk, project=environment.project.name)


def tenancy_of(environment: Environment) -> Tenancy:
    """Return an environment as the value that manifests are built from."""
    return Tenancy(
        project=environment.project.name,
        environment=environment.name,
        namespace=environment.namespace,
    )
