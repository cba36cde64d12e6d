"""The Kubernetes objects of an environment, built whole from frozen values."""

from collections.abc import Mapping
from typing import Any

import msgspec

from clusters.manifests import PREFIX, Manifest
from core.resources import Resources
from core.words import joined, kept

NAME = "slipway"
# Containers that state nothing are counted as this, so that the ResourceQuota admits them.
DEFAULT_REQUESTS = {"cpu": "100m", "memory": "128Mi"}


class Tenancy(msgspec.Struct, frozen=True, kw_only=True):
    """Whose namespace it is."""

    project: str
    environment: str
    namespace: str


def owner_labels(tenancy: Tenancy) -> dict[str, str]:
    """Return the labels that say that a namespace is ours, and whose."""
    return {
        "app.kubernetes.io/managed-by": "slipway",
        f"{PREFIX}/project": tenancy.project,
        f"{PREFIX}/environment": tenancy.environment,
    }


def is_owned_by(tenancy: Tenancy, labels: Mapping[str, str], *, is_known: bool) -> bool:
    """Return whether a namespace is a tenancy's, by its labels.

    One that is known to have been made for it may have lost labels. It is somebody else's all the
    same where they name another owner.
    """
    wanted = owner_labels(tenancy)
    owner = {name: value for name, value in wanted.items() if name.startswith(PREFIX)}
    is_contradicted = any(labels.get(name, value) != value for name, value in owner.items())
    return wanted.items() <= labels.items() or (is_known and not is_contradicted)


def held_by(found: Mapping[str, Any]) -> str:
    """Say what keeps a namespace from going, as far as the cluster says it."""
    conditions = (found.get("status") or {}).get("conditions") or []
    said = [c.get("message") or "" for c in conditions if c.get("status") == "True"]
    metadata, spec = found.get("metadata") or {}, found.get("spec") or {}
    finalizers = [*(metadata.get("finalizers") or []), *(spec.get("finalizers") or [])]
    own = sorted(set(finalizers) - {"kubernetes"})
    if own:
        said += [kept("Finalizers of its own hold it."), ", ".join(own)]
    return joined(*(text if text.endswith(".") else f"{text}." for text in said if text))


def namespace(tenancy: Tenancy) -> Manifest:
    """Build the namespace; its pods must meet Pod Security `restricted`."""
    security = "pod-security.kubernetes.io"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": tenancy.namespace,
            "labels": {
                **owner_labels(tenancy),
                f"{security}/enforce": "restricted",
                f"{security}/enforce-version": "latest",
            },
        },
    }


def resource_quota(tenancy: Tenancy, limits: Resources) -> Manifest:
    """Build the second fence behind our ledger."""
    hard = {f"requests.{name}": text for name, text in limits.canonical().items()}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(tenancy),
        "spec": {"hard": hard},
    }


def limit_range(tenancy: Tenancy) -> Manifest:
    """Build the requests of containers that state none; stated ones are left alone."""
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata(tenancy),
        "spec": {"limits": [{"type": "Container", "defaultRequest": DEFAULT_REQUESTS}]},
    }


def metadata(tenancy: Tenancy) -> Manifest:
    """Return the metadata of what lives in the namespace."""
    return {"name": NAME, "namespace": tenancy.namespace, "labels": owner_labels(tenancy)}
