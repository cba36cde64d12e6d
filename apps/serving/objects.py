"""A service's Kubernetes objects, built from its rows."""

from clusters import manifests
from clusters.manifests import Identity, Manifest, Scale, Stamp
from serving.models import ModelService, Revision
from serving.secrets.vault import names_of


def identity_of(service: ModelService) -> Identity:
    """Return a service as the value that manifests are built from."""
    return Identity(
        project=service.project.name,
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
        manifests.service(identity, spec),
        manifests.pod_disruption_budget(identity, spec),
        manifests.deployment(identity, spec, scale, stamp, names_of(revision)),
    ]


def at_rest(service: ModelService, revision: Revision) -> list[Manifest]:
    """Build what a service should be where nobody kept what was applied.

    Which rollout wrote it, and how it replaced pods, is not known then and not stated.
    """
    scale = Scale(replicas=service.desired_replicas)
    stamp = Stamp(revision=revision.number, rollout="", epoch=0)
    *others, deployment = objects_for(service, revision, scale, stamp)
    del deployment["metadata"]["annotations"], deployment["spec"]["strategy"]
    return [*others, deployment]
