"""A service's Kubernetes objects, built from its rows."""

import orjson

from clusters.kinds import Manifest
from core.errors import Invalid
from core.messages import Message
from serving.manifests import traffic, workload
from serving.manifests.spec import Identity, Scale, SecretNames, ServiceSpec, Stamp
from serving.models import ModelService, Revision
from serving.secrets.vault import names_of

# etcd takes 1.5 MB and keeps six of a service's revisions; anything this large is a mistake.
LARGEST_MANIFEST_BYTES = 262_144


def identity_of(service: ModelService) -> Identity:
    """Return a service's identity as the value that manifests are built from."""
    return Identity(
        project=service.environment.project.name,
        environment=service.environment.name,
        namespace=service.environment.namespace,
        service=service.name,
        service_id=str(service.pk),
    )


def objects_for(
    service: ModelService, revision: Revision, scale: Scale, stamp: Stamp
) -> list[Manifest]:
    """Build every object of a service, in the order in which they are applied."""
    identity, spec = identity_of(service), revision.frozen_spec
    return [
        traffic.service(identity, spec),
        traffic.pod_disruption_budget(identity, spec),
        workload.deployment(identity, spec, scale, stamp, names_of(revision)),
    ]


def at_rest(service: ModelService, revision: Revision) -> list[Manifest]:
    """Build what a service should be if the applied manifests were not kept.

    Which rollout wrote them and how it replaced pods is unknown then, and left out.
    """
    scale = Scale(replicas=service.desired_replicas)
    stamp = Stamp(revision=revision.number, rollout="", epoch=0)
    *others, deployment = objects_for(service, revision, scale, stamp)
    del deployment["metadata"]["annotations"], deployment["spec"]["strategy"]
    return [*others, deployment]


def refuse_large(service: ModelService, spec: ServiceSpec) -> None:
    """Refuse settings whose Deployment would be too large to be applied.

    Raises:
        Invalid: it would be; the message states its size.
    """
    stamp = Stamp(revision=0, rollout=str(service.pk), epoch=0)
    scale, names = Scale(replicas=0), SecretNames({use.secret: use.secret for use in spec.secrets})
    manifest = workload.deployment(identity_of(service), spec, scale, stamp, names)
    size = len(orjson.dumps(manifest))
    if size > LARGEST_MANIFEST_BYTES:
        raise Invalid(
            Message(
                "Its Deployment would have %(size)s kB; at most %(most)s kB are applied. "
                "Shorten env, command or args.",
                size=size // 1024,
                most=LARGEST_MANIFEST_BYTES // 1024,
            )
        )
