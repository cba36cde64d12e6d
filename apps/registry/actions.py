"""Changes that people make to the registry: one transaction each, without the network."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import transaction

from accounts.actor import Actor
from audit.record import record
from core.errors import Conflict
from core.messages import Message
from core.reasons import Reason
from core.stream import announce
from projects.models import Project
from registry.images import refuse_source
from registry.models import ModelVersion, RegisteredModel


@transaction.atomic
def create_model(
    *, project: Project, name: str, details: Mapping[str, Any], by: Actor
) -> RegisteredModel:
    """Register a model's name."""
    model = RegisteredModel.objects.create(project=project, name=name, **details)
    record("model.create", model, by=by, project=project, after={"name": name, **details})
    announce("model", model.pk, project=project.name)
    return model


@transaction.atomic
def update_model(
    *, model: RegisteredModel, changes: Mapping[str, Any], by: Actor
) -> RegisteredModel:
    """Change how a model is described."""
    before = {field: getattr(model, field) for field in changes}
    for field, value in changes.items():
        setattr(model, field, value)
    model.save(update_fields=[*changes, "updated_at"])
    project = model.project
    record("model.update", model, by=by, project=project, before=before, after=dict(changes))
    announce("model", model.pk, project=project.name)
    return model


@transaction.atomic
def delete_model(*, model: RegisteredModel, by: Actor) -> None:
    """Delete a model and its versions, none of which a service may name.

    The caller holds the model's lock; a service that begins to use it meanwhile fails.

    Raises:
        Conflict: says which services use it.
    """
    # Whoever adds a service of it comes before this lock, and is seen.
    RegisteredModel.objects.select_for_update().get(pk=model.pk)
    place = ("environment__name", "name")
    users = ["/".join(names) for names in model.services.order_by(*place).values_list(*place)]
    if users:
        raise Conflict(
            Message(
                "Services still name %(model)s: %(services)s. A service goes with its environment.",
                model=model.name,
                services=", ".join(users),
            ),
            reason=Reason.IN_USE,
            details={"services": users},
        )
    project = model.project
    before = {"description": model.description, "versions": model.versions.count()}
    record("model.delete", model, by=by, project=project, before=before)
    announce("model", model.pk, project=project.name)
    model.delete()


@transaction.atomic
def register_version(
    *, model: RegisteredModel, version: str, content: Mapping[str, Any], by: Actor
) -> tuple[ModelVersion, bool]:
    """Register an immutable version; return it and whether it is new.

    Registering the same content again returns the same version, so that CI may repeat itself.

    Raises:
        Conflict: the version exists with other content.
        Forbidden: the platform does not take images from there.
    """
    RegisteredModel.objects.select_for_update().get(pk=model.pk)
    digest = content_digest(content)
    known = ModelVersion.objects.filter(model=model, version=version).first()
    if known is not None and known.content_digest == digest:
        return known, False
    if known is not None:
        raise Conflict(
            Message(
                "Version %(version)s of %(model)s exists with other content, and versions do not "
                "change. Register a new version.",
                version=version,
                model=model.name,
            ),
            reason=Reason.VERSION_EXISTS,
            details={"version": version, "registered_at": known.created_at.isoformat()},
        )
    if content.get("image"):
        refuse_source(content["image"])
    created = ModelVersion.objects.create(
        model=model, version=version, content_digest=digest, **by.signed("created_by"), **content
    )
    after = {"version": version, "image": created.image, "artifact_uri": created.artifact_uri}
    record("version.register", created, by=by, project=model.project, after=after)
    announce("model", model.pk, project=model.project.name, version=version)
    return created, True


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the digest of a version's content, whatever the order of its keys.

    The tag that the caller wrote is not content; the digest that it was resolved to is.
    """
    meant = {name: value for name, value in content.items() if name != "requested_image"}
    return hashlib.sha256(orjson.dumps(meant, option=orjson.OPT_SORT_KEYS)).hexdigest()
