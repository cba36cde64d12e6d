"""Compares environments with the mirror: are they still as they were set up?

Database only. Called by the informer after each batch; a worker reads live and puts things back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from clusters.differences import Entry, ObjectKey, entries_of
from clusters.drift import Difference
from clusters.kinds import LIMIT_RANGE, NAMESPACE, NETWORK_POLICY, RESOURCE_QUOTA
from clusters.models import Companion, Node
from clusters.standing import read_up_to
from core.database import lock
from core.reasons import Reason
from core.stream import announce
from core.wakeup import wake_worker
from projects.drift import is_to_repair, lacking_namespace, to_repair, verdict_of
from projects.models import Environment, EnvironmentQuerySet

SETUP = (NAMESPACE.name, LIMIT_RANGE.name, RESOURCE_QUOTA.name, NETWORK_POLICY.name)
# What a worker does not put back until something changes.
LEFT_ALONE = (Reason.FIELDS_OF_OTHERS, Reason.OVERRIDDEN, Reason.NAMESPACE_CONFLICT)


def record_drift(cluster_id: int, namespaces: Collection[str] | None) -> None:
    """Compare environments with the mirror; keep what differs, and have it put back.

    Usually nothing differs, so rows are locked only if something has to be written.
    """
    environments = Environment.objects.reached().filter(cluster=cluster_id)
    if namespaces is not None:
        environments = environments.filter(namespace__among=namespaces)
    differing = {e.pk for e, _, entries in compared(cluster_id, environments) if entries != e.drift}
    if not differing:
        return
    with transaction.atomic():
        rows = environments.filter(pk__among=differing)
        lock(rows)
        for environment, differences, entries in compared(cluster_id, rows.order_by("pk")):
            if entries != environment.drift:
                save_observed(environment, differences, entries)


def compared(
    cluster_id: int, environments: EnvironmentQuerySet
) -> Iterator[tuple[Environment, list[Difference], list[Entry]]]:
    """Yield environments with what differs, in four queries however many there are.

    For kinds that the mirror has not read since a worker looked, the known differences stay.
    """
    rows = list(environments.select_related("project", "quota"))
    reached = read_up_to(cluster_id)
    devices = Node.objects.filter(cluster=cluster_id).resource_names()
    found = found_in(cluster_id, {row.namespace for row in rows})
    now = timezone.now().isoformat()
    for row in rows:
        kinds = {kind for kind, at in reached.items() if at is None or at >= row.seen_version}
        news = {key: value for key, value in found[row.namespace].items() if key[0] in kinds}
        differences = row.setup_beside(devices).compared_with(news, kinds)
        known = [entry for entry in row.drift if entry["object"].split("/")[0] not in kinds]
        yield row, differences, known + entries_of(differences, before=row.drift, now=now)


def found_in(
    cluster_id: int, namespaces: Collection[str]
) -> dict[str, dict[ObjectKey, dict[str, Any]]]:
    """Return the setup of some namespaces, by namespace, kind and name."""
    rows = Companion.objects.filter(
        cluster=cluster_id, namespace__among=namespaces, goes_with="", kind__in=SETUP
    )
    found: dict[str, dict[ObjectKey, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row.namespace][row.kind, row.name] = orjson.loads(row.content)
    return found


def save_observed(
    environment: Environment, differences: list[Difference], entries: list[Entry]
) -> None:
    """Record what differs now; have new differences put back."""
    is_worse = any(entry not in environment.drift for entry in filter(is_to_repair, entries))
    environment.drift = entries
    if is_worse:
        wrong = to_repair(differences)
        environment.reason, environment.message = verdict_of(wrong)
        if lacking_namespace(wrong):
            environment.phase = Environment.Phase.PENDING
    environment.save(update_fields=["drift", "reason", "message", "phase"])
    if is_worse or environment.reason in LEFT_ALONE:
        Environment.objects.filter(pk=environment.pk).wake(now=timezone.now())
        wake_worker("projects.reconcile_environment", environment.pk)
    announce("environment", environment.pk, project=environment.project.name)
