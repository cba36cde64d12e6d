"""What people can ask of secrets: one transaction each, no network calls."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from audit.record import record
from core import encryption
from core.database import lock
from core.errors import Conflict, Invalid
from core.messages import Message
from core.reasons import Reason
from core.stream import announce
from projects.models import Environment
from serving.models import Secret, SecretVersion
from serving.secrets import vault
from serving.secrets.release import release_unused
from serving.secrets.use import SecretUse, uses_in

MOST_SECRETS, MOST_KEYS = 200, 100
# The most that a Kubernetes Secret may hold.
LARGEST_SECRET = 1024**2


@transaction.atomic
def put_secret(
    *,
    environment: Environment,
    kind: Secret.Kind,
    name: str,
    values: Mapping[str, str],
    server: str = "",
    by: Actor,
) -> Secret:
    """Create a secret, or replace its content with a new version, unless nothing changes.

    Raises:
        Conflict: a key that services use would be removed, or there are too many secrets.
    """
    secret = found(environment, kind, name)
    if secret is None:
        refuse_too_many(environment)
        secret = Secret(environment=environment, kind=kind, name=name)
        # Pods may still run with versions of a deleted secret of this name: no number is reused.
        former = Secret.objects.filter(environment=environment, kind=kind, name=name)
        secret.version = max(former.values_list("version", flat=True), default=0)
    return keep(secret, values, server=server, by=by)


@transaction.atomic
def change_secret(
    *, environment: Environment, name: str, changes: Mapping[str, str | None], by: Actor
) -> Secret:
    """Change some keys of a secret and leave the others; None removes a key."""
    secret = found(environment, Secret.Kind.VALUES, name)
    if secret is None:
        raise Conflict(Message("The secret %(secret)s was deleted meanwhile.", secret=name))
    held = newest_values(secret)
    if held is None:
        raise Conflict(
            Message(
                "%(secret)s can no longer be decrypted. Set all of its values again.",
                secret=name,
            )
        )
    merged = {**held, **changes}
    return keep(secret, {k: text for k, text in merged.items() if text is not None}, by=by)


@transaction.atomic
def delete_secret(*, secret: Secret, by: Actor) -> None:
    """Delete a secret that no service uses, or a pull credential, which new revisions then lack.

    What pods run with stays in the cluster until they are replaced.
    """
    users = services_using(secret)
    if users and secret.kind == Secret.Kind.VALUES:
        names = ", ".join(use.service for use in users)
        raise Conflict(
            Message("%(services)s use %(secret)s.", services=names, secret=secret.name),
            reason=Reason.IN_USE,
            details={"services": [use.service for use in users]},
        )
    secret.deleted_at = timezone.now()
    secret.save(update_fields=["deleted_at"])
    before = audit_view(secret)
    release_unused(secret.environment_id)
    note(secret, "delete", before=before, by=by)


def found(environment: Environment, kind: Secret.Kind, name: str) -> Secret | None:
    """Return a secret of an environment, locked."""
    secrets = Secret.objects.current().select_for_update(of=["self"])
    return secrets.filter(environment=environment, kind=kind, name=name).first()


def newest_values(secret: Secret) -> dict[str, str] | None:
    """Return the values that a secret holds now; None if they cannot be decrypted."""
    version = secret.versions.filter(number=secret.version).first()
    try:
        return vault.values_of(version) if version else {}
    except encryption.Undecryptable:
        return None


def keep(secret: Secret, values: Mapping[str, str], *, server: str = "", by: Actor) -> Secret:
    """Save the next version of a secret, if it differs from the newest."""
    refuse_too_large(values)
    is_new = secret.pk is None
    before = (None if is_new else newest_values(secret)) or {}
    if not is_new and (before, secret.server) == (dict(values), server):
        return secret
    if not is_new:
        refuse_used_keys(secret, {*secret.keys} - values.keys())
    was = None if is_new else audit_view(secret)
    is_login = secret.kind == Secret.Kind.PULL_CREDENTIAL
    secret.keys, secret.server = ([] if is_login else sorted(values)), server
    secret.version, secret.changed_by = secret.version + 1, by.name
    secret.save()
    version = SecretVersion(secret=secret, number=secret.version)
    vault.encrypt_values(version, values)
    version.save(force_insert=True)
    changed = sorted(key for key, text in values.items() if before.get(key) != text)
    after = {**audit_view(secret), "changed": changed}
    release_unused(secret.environment_id)
    note(secret, "create" if is_new else "update", before=was, after=after, by=by)
    return secret


def refuse_too_many(environment: Environment) -> None:
    """Refuse too many secrets in an environment, even if two are created at once."""
    lock(Environment.objects.filter(pk=environment.pk))
    if Secret.objects.current().filter(environment=environment).count() >= MOST_SECRETS:
        raise Conflict(Message("An environment has at most %(most)s secrets.", most=MOST_SECRETS))


def refuse_too_large(values: Mapping[str, str]) -> None:
    """Refuse an empty secret, too many keys, or more than a Secret can hold."""
    if not values or len(values) > MOST_KEYS:
        raise Invalid(
            Message("A secret has 1 to %(most)s keys.", most=MOST_KEYS),
            pointer="/values",
        )
    if sum(len(text.encode()) for text in values.values()) > LARGEST_SECRET:
        raise Invalid(
            Message("The values are larger than %(most)s bytes together.", most=LARGEST_SECRET),
            pointer="/values",
        )


def refuse_used_keys(secret: Secret, gone: Any) -> None:
    """Refuse to remove keys that the next rollout of a service would miss."""
    for use in services_using(secret):
        for key in sorted(use.keys & gone):
            raise Conflict(
                Message(
                    "%(service)s uses the key %(key)s of %(secret)s.",
                    service=use.service,
                    key=key,
                    secret=secret.name,
                ),
                reason=Reason.IN_USE,
                details={"services": [use.service]},
            )


def services_using(secret: Secret) -> list[SecretUse]:
    """Return the services that use a secret."""
    return uses_in(secret.environment_id).get((secret.kind, secret.name), [])


def audit_view(secret: Secret) -> dict[str, Any]:
    """Return a secret as audit rows show it."""
    return {"name": secret.name, "keys": secret.keys, "version": secret.version}


def note(secret: Secret, verb: str, *, by: Actor, **states: Any) -> None:
    """Audit a change to a secret, and announce it."""
    project = secret.environment.project
    noun = "pull_credential" if secret.kind == Secret.Kind.PULL_CREDENTIAL else "secret"
    record(f"{noun}.{verb}", secret, by=by, project=project, **states)
    announce("environment", secret.environment_id, project=project.name)


def reencrypt() -> tuple[int, list[str]]:
    """Encrypt with the present key what is encrypted with an earlier one.

    Returns how many versions that were, and which others cannot be decrypted at all.
    """
    done, unreadable = 0, []
    for pk in SecretVersion.objects.values_list("pk", flat=True):
        with transaction.atomic():
            version = SecretVersion.objects.select_for_update().filter(pk=pk).first()
            if version is None or encryption.is_of_present_key(bytes(version.sealed)):
                continue
            try:
                vault.encrypt_values(version, vault.values_of(version))
            except encryption.Undecryptable:
                unreadable.append(str(version))
                continue
            version.save(update_fields=["sealed"])
            done += 1
    return done, unreadable
