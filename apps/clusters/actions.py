"""Changes that platform admins make to clusters: one transaction each, without the network."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from audit.record import record
from clusters.credentials import UnreadableCredentials, decrypt_access, encrypt_access
from clusters.errors import ClusterError
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from core.encryption import is_of_present_key
from core.errors import Conflict
from core.messages import Message
from core.reasons import Reason
from core.stream import announce
from core.wakeup import wake_worker


@transaction.atomic
def register_cluster(
    *, name: str, access: ClusterAccess, details: Mapping[str, str], by: Actor
) -> Cluster:
    """Register a cluster; the informer picks it up, and a probe tells whether it answers."""
    if Cluster.objects.filter(name=name).exists():
        taken = Message("A cluster named %(name)s exists.", name=name)
        raise Conflict(taken, errors=[{"pointer": "/name", "detail": taken}])
    refuse_known(access, Cluster.objects.all())
    cluster = Cluster.objects.create(
        name=name, server=access.server, credentials=encrypt_access(access, cluster=name), **details
    )
    record("cluster.register", cluster, by=by, after={"server": access.server, **details})
    changed(cluster)
    return cluster


@transaction.atomic
def update_cluster(
    *, cluster: Cluster, access: ClusterAccess | None, details: Mapping[str, str], by: Actor
) -> Cluster:
    """Change a cluster's credentials or description."""
    before = {"server": cluster.server, **{field: getattr(cluster, field) for field in details}}
    written: tuple[str, ...] = ()
    for field, value in details.items():
        setattr(cluster, field, value)
    if access is not None:
        refuse_known(access, Cluster.objects.exclude(pk=cluster.pk))
        cluster.server = access.server
        cluster.credentials = encrypt_access(access, cluster=cluster.name)
        # The new credentials may have other permissions.
        cluster.missing_permissions = cluster.permissions_checked_at = None
        written = ("server", "credentials", "missing_permissions", "permissions_checked_at")
    cluster.save(update_fields=[*details, *written, "updated_at"])
    after = {"server": cluster.server, **details, "credentials_replaced": access is not None}
    record("cluster.update", cluster, by=by, before=before, after=after)
    changed(cluster)
    return cluster


@transaction.atomic
def delete_cluster(*, cluster: Cluster, by: Actor) -> None:
    """Forget a cluster that no environment uses."""
    # Its mirror is written all the time: an open write waits for this lock, and then fails.
    cluster = Cluster.objects.select_for_update().get(pk=cluster.pk)
    if cluster.environments.exists():
        raise Conflict(
            Message("Environments still use %(cluster)s.", cluster=cluster.name),
            reason=Reason.IN_USE,
        )
    record("cluster.delete", cluster, by=by, before={"server": cluster.server})
    announce("cluster", cluster.pk, project=None)
    cluster.delete()


def reencrypt() -> tuple[int, list[str]]:
    """Encrypt again, with the present key, the credentials that an earlier key encrypted.

    Returns how many there were, and the names of the clusters whose credentials do not decrypt.
    """
    done, unreadable = 0, []
    for pk in Cluster.objects.order_by("name").values_list("pk", flat=True):
        with transaction.atomic():
            cluster = Cluster.objects.select_for_update().filter(pk=pk).first()
            if cluster is None or is_of_present_key(bytes(cluster.credentials)):
                continue
            try:
                access = decrypt_access(bytes(cluster.credentials), cluster=cluster.name)
            except UnreadableCredentials:
                unreadable.append(cluster.name)
                continue
            cluster.credentials = encrypt_access(access, cluster=cluster.name)
            cluster.save(update_fields=["credentials"])
            done += 1
    return done, unreadable


def refuse_known(access: ClusterAccess, others: QuerySet[Cluster]) -> None:
    """Refuse the address and authority of a cluster that is registered under another name.

    One cluster with two addresses is detected by its first probe.
    """
    for other in others.only("name", "server", "credentials"):
        if endpoint_of(other.server) == endpoint_of(access.server) and authority(other) in (
            None,
            access.ca.strip(),
        ):
            known = Message("This cluster is registered as %(name)s.", name=other.name)
            raise Conflict(
                known,
                reason=Reason.DUPLICATE_CLUSTER,
                errors=[{"pointer": "/kubeconfig", "detail": known}],
            )


def endpoint_of(server: str) -> tuple[str | None, int, str]:
    """Return where an address leads, however it is written."""
    parts = urlsplit(server)
    return parts.hostname, parts.port or 443, parts.path.rstrip("/")


def authority(cluster: Cluster) -> str | None:
    """Return the CA that a cluster's certificate is checked against; None if it is unreadable."""
    try:
        return decrypt_access(bytes(cluster.credentials), cluster=cluster.name).ca.strip()
    except ClusterError:
        return None


def changed(cluster: Cluster) -> None:
    """Have the cluster probed, and tell listeners."""
    wake_worker("clusters.probe_cluster", cluster.pk)
    announce("cluster", cluster.pk, project=None)
