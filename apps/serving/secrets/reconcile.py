"""Writes the Secrets of a revision to its cluster, and removes those that no pod needs.

Nothing is read there: each is created whole and immutable, under a name that is never reused.
"""

import structlog

from clusters.client import ClusterClient, client_for
from clusters.errors import ClusterError, ClusterForbidden
from clusters.kinds import SECRET, Manifest
from clusters.labels import PREFIX
from core import encryption
from core.messages import Message
from projects.models import Environment
from serving.manifests import secrets as manifests
from serving.models import Revision, SecretObject
from serving.secrets import vault

log = structlog.get_logger(__name__)


def write_secrets(revision: Revision, client: ClusterClient) -> None:
    """Create the Secrets that a revision's pods need; those that exist stay as they are.

    Raises:
        ClusterError: the cluster does not take one, or its values cannot be decrypted.
    """
    for found in vault.secret_objects(revision):
        client.create(manifest_of(found))


def manifest_of(found: SecretObject) -> Manifest:
    """Build the Secret of a version."""
    version = found.version
    assert version is not None  # noqa: S101  (it was found by its version)
    secret = version.secret
    try:
        values = vault.values_of(version)
    except encryption.Undecryptable as error:
        raise ClusterForbidden(
            Message("The stored values of a secret cannot be decrypted.")
        ) from error
    if secret.server:
        values = manifests.docker_config(secret.server, values["username"], values["password"])
    owner = {
        f"{PREFIX}/environment": secret.environment.name,
        f"{PREFIX}/secret": secret.name,
        f"{PREFIX}/secret-version": str(version.number),
    }
    return manifests.secret(secret.environment.namespace, found.name, owner, values)


def remove_released(environment_id: int) -> None:
    """Delete the Secrets of an environment that were released; another call changes nothing."""
    released = SecretObject.objects.filter(environment=environment_id, version=None)
    environment = Environment.objects.select_related("cluster").filter(pk=environment_id).first()
    if environment is None:
        return
    try:
        client = client_for(environment.cluster)
        for found in released:
            client.delete(SECRET, environment.namespace, found.name)
            found.delete()
    except ClusterError as error:
        log.warning("secret not removed", environment=str(environment_id), error=str(error))


def released_in() -> list[int]:
    """Return the environments whose cluster still has Secrets that were released."""
    released = SecretObject.objects.filter(version=None).order_by("environment_id")
    return list(released.values_list("environment_id", flat=True).distinct())
