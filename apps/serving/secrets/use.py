"""Which services use the secrets of an environment, and which versions they run with."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.models import ModelService, Rollout, Secret

# The services that use a secret, by its kind and name.
Uses = dict[tuple[str, str], list["SecretUse"]]
VALUES, PULL_CREDENTIAL = Secret.Kind.VALUES, Secret.Kind.PULL_CREDENTIAL


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A service that uses a secret; `version` is what its pods run with, None if they have none.

    `keys` are those that its settings or its draft name.
    """

    service: str
    version: int | None
    keys: frozenset[str] = frozenset()


def uses_in(environment_id: int) -> Uses:
    """Return who uses which secret of an environment, in a constant number of queries."""
    unfinished = Rollout.objects.unfinished().filter(service__environment=environment_id)
    coming = dict(unfinished.values_list("service_id", "to_revision__spec"))
    services = ModelService.objects.filter(environment=environment_id).order_by("name")
    uses: Uses = defaultdict(list)
    for pk, name, current, *settings in services.values_list(
        "pk", "name", "current_revision__spec", "secrets", "draft__secrets"
    ):
        for secret, use in uses_of(name, current or {}, coming.get(pk) or {}, settings):
            uses[secret].append(use)
    return uses


def uses_of(
    service: str, current: Mapping[str, Any], coming: Mapping[str, Any], settings: list[Any]
) -> list[tuple[tuple[str, str], SecretUse]]:
    """Return the secrets that a service's settings, draft and running and coming revisions use."""
    keys: dict[str, set[str]] = defaultdict(set)
    for use in [use for uses in settings for use in uses or ()]:
        keys[use["secret"]] |= {use["key"]} if "key" in use else set()
    found = []
    for kind, field in ((VALUES, "secret_versions"), (PULL_CREDENTIAL, "pull_credentials")):
        running = current.get(field, {})
        named = keys if kind is VALUES else {}
        for name in sorted({*running, *coming.get(field, {}), *named}):
            use = SecretUse(service, running.get(name), frozenset(named.get(name, ())))
            found.append(((kind.value, name), use))
    return found
