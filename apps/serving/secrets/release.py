"""Releases versions of secrets in the transaction after which they are no longer needed."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from core.wakeup import wake_worker
from serving.manifests.workload import HISTORY
from serving.models import ModelService, Revision, Rollout, Secret, SecretObject, SecretVersion


def release_unused(environment_id: int) -> None:
    """Delete versions that nothing can return to, and have Secrets that no pod needs removed.

    Starting a rollout retains its versions under the same locks.
    """
    versions = SecretVersion.objects.filter(secret__environment=environment_id)
    if not list(versions.select_for_update(of=["self"]).order_by("pk").values_list("pk")):
        return
    kept, running = returnable(environment_id)
    is_current = Q(secret__deleted_at=None, number=F("secret__version"))
    versions.exclude(is_current).exclude(revisions__in=kept).delete()
    versions.filter(secret__deleted_at__isnull=False).exclude(revisions__in=running).delete()
    objects = SecretObject.objects.filter(environment=environment_id)
    objects.filter(version__isnull=False).exclude(version__revisions__in=running).update(
        version=None
    )
    deleted = Secret.objects.filter(environment=environment_id, deleted_at__isnull=False)
    deleted.filter(versions=None).delete()
    if objects.filter(version=None).exists():
        wake_worker("serving.remove_secrets", environment_id)


def returnable(environment_id: int) -> tuple[set[int], set[int]]:
    """Return the revisions that can be returned to, and those among them whose service has pods.

    For each service: what runs, both ends of its last rollout, and the last good ones.
    """
    of_environment = {"service__environment": environment_id}
    kept = set(last_good(of_environment))
    newest_first = Rollout.objects.filter(**of_environment).order_by("service_id", "-created_at")
    last = newest_first.distinct("service_id")
    for service_id, *revisions in last.values_list("service_id", "from_revision", "to_revision"):
        kept |= {(service_id, revision) for revision in revisions}
    services = ModelService.objects.filter(environment=environment_id)
    kept |= set(services.values_list("pk", "current_revision"))
    unfinished = Rollout.objects.unfinished().filter(**of_environment)
    at_work = services.exclude(current_revision=None, applied=[])
    ids = {*at_work.values_list("pk", flat=True), *unfinished.values_list("service_id", flat=True)}
    return revisions_among(kept), revisions_among(pair for pair in kept if pair[0] in ids)


def last_good(of_environment: Mapping[str, Any]) -> Collection[tuple[Any, int]]:
    """Return the last good revisions of each service, as many as a Deployment keeps."""
    rank = Window(RowNumber(), partition_by="service_id", order_by=F("succeeded_at").desc())
    good = Revision.objects.filter(**of_environment, succeeded_at__isnull=False)
    return list(
        good.annotate(rank=rank).filter(rank__lte=HISTORY + 1).values_list("service_id", "pk")
    )


def revisions_among(pairs: Iterable[tuple[Any, int | None]]) -> set[int]:
    """Return the revisions of (service, revision) pairs, leaving out None."""
    return {revision for _, revision in pairs if revision is not None}
