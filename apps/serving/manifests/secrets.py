"""The Kubernetes Secrets of a service, one for each version."""

from base64 import b64encode
from collections.abc import Mapping

import msgspec

from clusters.kinds import Manifest

DOCKER_CONFIG = ".dockerconfigjson"


def secret(
    namespace: str, name: str, owner: Mapping[str, str], values: Mapping[str, str]
) -> Manifest:
    """Build the Secret of one version; each version is an object of its own.

    Source: kubernetes.io/docs/concepts/configuration/secret, immutable Secrets
    """
    is_registry = values.keys() == {DOCKER_CONFIG}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": "slipway", **owner},
        },
        "type": "kubernetes.io/dockerconfigjson" if is_registry else "Opaque",
        "immutable": True,
        "data": {key: b64encode(text.encode()).decode() for key, text in values.items()},
    }


def docker_config(server: str, username: str, password: str) -> dict[str, str]:
    """Return what a node presents to a registry, as the one key of its Secret."""
    auth = b64encode(f"{username}:{password}".encode()).decode()
    entry = {"username": username, "password": password, "auth": auth}
    return {DOCKER_CONFIG: msgspec.json.encode({"auths": {server: entry}}).decode()}
