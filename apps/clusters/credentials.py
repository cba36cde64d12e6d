"""Cluster credentials at rest, bound to the row they belong to."""

import msgspec

from clusters.errors import ClusterForbidden
from clusters.kubeconfig import ClusterAccess
from core import encryption
from core.messages import Message


class UnreadableCredentials(ClusterForbidden):
    """The stored credentials were made with another key or for another cluster."""


def encrypt_access(access: ClusterAccess, *, cluster: str) -> bytes:
    """Encrypt credentials for one cluster."""
    return encryption.encrypt(msgspec.json.encode(access), place=place_of(cluster))


def decrypt_access(sealed: bytes, *, cluster: str) -> ClusterAccess:
    """Decrypt credentials; those copied from another cluster's row do not decrypt."""
    try:
        plain = encryption.decrypt(sealed, place=place_of(cluster))
    except encryption.Undecryptable as error:
        raise UnreadableCredentials(
            Message("The stored credentials of this cluster cannot be decrypted.")
        ) from error
    return msgspec.json.decode(plain, type=ClusterAccess)


def place_of(cluster: str) -> str:
    """Name the table, column and row of a cluster's credentials."""
    return f"clusters.Cluster.credentials/{cluster}"
