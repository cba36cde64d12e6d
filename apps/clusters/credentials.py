"""Cluster credentials at rest: AES-GCM, bound to the row they belong to."""

import base64
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from clusters.kubeconfig import ClusterAccess

# The first byte says which key and format follow, so that keys can be rotated.
FORMAT = b"\x01"
NONCE_BYTES = 12


class UnreadableCredentials(Exception):
    """The stored credentials were made with another key or for another cluster."""


def seal(access: ClusterAccess, *, cluster: str) -> bytes:
    """Encrypt credentials for one cluster, named as additional data."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher().encrypt(nonce, msgspec.json.encode(access), additional_data(cluster))
    return FORMAT + nonce + sealed


def unseal(sealed: bytes, *, cluster: str) -> ClusterAccess:
    """Decrypt credentials; text copied from another cluster's row does not open."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        plain = cipher().decrypt(nonce, body, additional_data(cluster))
    except (InvalidTag, ValueError) as error:
        raise UnreadableCredentials(f"the credentials of cluster {cluster} do not open") from error
    return msgspec.json.decode(plain, type=ClusterAccess)


def cipher() -> AESGCM:
    """Return the cipher of the configured key."""
    return AESGCM(base64.urlsafe_b64decode(settings.ENCRYPTION_KEY))


def additional_data(cluster: str) -> bytes:
    """Bind a ciphertext to its table, column and row."""
    return f"clusters.Cluster.credentials/{cluster}".encode()
