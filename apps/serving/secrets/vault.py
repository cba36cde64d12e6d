"""The values of secrets, which versions a revision has, and their names in its cluster.

Database only, inside the caller's transaction. Versions are locked in the order of their ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db.models import F, Q, QuerySet
from django.utils.crypto import get_random_string

from core import encryption
from core.database import lock
from core.errors import Conflict, Invalid
from core.messages import Message
from core.prepared import prepared
from core.reasons import Reason
from serving.manifests.spec import NO_SECRETS, SecretNames, ServiceSpec
from serving.models import Revision, Secret, SecretObject, SecretVersion

SUFFIX_LENGTH, SUFFIX_LETTERS = 12, "bcdfghjklmnpqrstvwxz2456789"


def encrypt_values(version: SecretVersion, values: Mapping[str, str]) -> None:
    """Encrypt values into a version; the caller saves it."""
    version.sealed = encryption.encrypt(msgspec.json.encode(values), place=place_of(version))


def values_of(version: SecretVersion) -> dict[str, str]:
    """Return the values of a version by key.

    Raises:
        Undecryptable: they were encrypted with another key, or for another version.
    """
    plain = encryption.decrypt(bytes(version.sealed), place=place_of(version))
    return msgspec.json.decode(plain, type=dict[str, str])


def place_of(version: SecretVersion) -> str:
    """Name the table, column and row of a version's values."""
    return f"serving.SecretVersion.sealed/{version.pk}"


def refuse_unknown_secrets(environment_id: int, settings: Mapping[str, Any]) -> None:
    """Refuse settings that name an unknown secret or key, or set one variable twice."""
    uses: Sequence[Mapping[str, str]] = settings.get("secrets", ())
    if not uses:
        return
    secrets = Secret.objects.current().filter(
        environment=environment_id, kind=Secret.Kind.VALUES, name__in=[u["secret"] for u in uses]
    )
    # Whoever removes one of them, or a key, waits for this and then sees that it is used.
    lock(secrets)
    keys = dict(secrets.values_list("name", "keys"))
    variables = set(settings.get("env", ()))
    for index, use in enumerate(uses):
        name, key = use["secret"], use.get("key", "")
        if name not in keys:
            message = Message("The environment has no secret %(secret)s.", secret=name)
            raise Invalid(message, pointer=f"/secrets/{index}/secret")
        if key and key not in keys[name]:
            message = Message("%(secret)s has no key %(key)s.", secret=name, key=key)
            raise Invalid(message, pointer=f"/secrets/{index}/key")
        if use.get("env") in variables:
            message = Message("The variable %(name)s is set twice.", name=use["env"])
            raise Invalid(message, pointer=f"/secrets/{index}/env")


def newest(environment_id: int, uses: Iterable[Mapping[str, str]]) -> list[SecretVersion]:
    """Return the versions that a revision made now has: of its secrets and pull credentials."""
    return newest_versions(environment_id, [use["secret"] for use in uses])


@prepared
def newest_versions(environment_id: int, names: list[str]) -> QuerySet[SecretVersion]:
    """Read the newest versions of an environment's pull credentials and of some secrets."""
    wanted = Q(secret__kind=Secret.Kind.PULL_CREDENTIAL) | Q(
        secret__kind=Secret.Kind.VALUES, secret__name__among=names
    )
    current = Q(secret__deleted_at=None, number=F("secret__version"))
    versions = SecretVersion.objects.filter(current, wanted, secret__environment=environment_id)
    return versions.select_related("secret")


def numbers_of(versions: Iterable[SecretVersion]) -> dict[str, dict[str, int]]:
    """Return versions as a revision's spec states them."""
    numbers: dict[str, dict[str, int]] = {"secret_versions": {}, "pull_credentials": {}}
    for version in versions:
        is_login = version.secret.kind == Secret.Kind.PULL_CREDENTIAL
        field = "pull_credentials" if is_login else "secret_versions"
        numbers[field][version.secret.name] = version.number
    return numbers


def has_any(spec: ServiceSpec) -> bool:
    """Return whether a revision has secrets at all."""
    return bool(spec.secret_versions or spec.pull_credentials)


def is_whole(revision: Revision) -> bool:
    """Return whether all secrets of a revision are still stored."""
    spec = revision.frozen_spec
    wanted = len(spec.secret_versions) + len(spec.pull_credentials)
    # The versions themselves are counted: one may be gone while the link to it is still there.
    return not wanted or len(revision.secret_versions.values_list("number")) == wanted


def refuse_incomplete(revision: Revision) -> None:
    """Refuse a revision that used secrets which are no longer stored."""
    if not is_whole(revision):
        raise Conflict(
            Message(
                "Revision %(revision)s used secrets that are no longer stored. Roll out its "
                "version instead.",
                revision=revision.number,
            ),
            reason=Reason.NOTHING_TO_ROLL_BACK_TO,
        )


def retain(revision: Revision) -> None:
    """Assign cluster names to the secrets of a revision that is about to run.

    Raises:
        Conflict: some of them are no longer stored.
    """
    if not has_any(revision.frozen_spec):
        return
    locked = revision.secret_versions.select_for_update(of=["self"]).order_by("pk")
    versions = list(locked.select_related("secret"))
    refuse_incomplete(revision)
    for version in versions:
        name = f"{version.secret.name}-{get_random_string(SUFFIX_LENGTH, SUFFIX_LETTERS)}"
        defaults = {"environment_id": version.secret.environment_id, "name": name}
        SecretObject.objects.get_or_create(version=version, defaults=defaults)


def secret_objects(revision: Revision) -> list[SecretObject]:
    """Return the Secrets that a revision's pods need."""
    if not has_any(revision.frozen_spec):
        return []
    objects = SecretObject.objects.filter(version__revisions=revision).order_by("pk")
    return list(objects.select_related("version__secret"))


def names_of(revision: Revision) -> SecretNames:
    """Return the names of a revision's Secrets in the cluster."""
    if not has_any(revision.frozen_spec):
        return NO_SECRETS
    names = SecretNames({}, {})
    for found in secret_objects(revision):
        secret = found.version.secret  # type: ignore[union-attr]
        is_login = secret.kind == Secret.Kind.PULL_CREDENTIAL
        (names.pull_credentials if is_login else names.secrets)[secret.name] = found.name
    return names
