"""Rows for tests: plain functions with defaults; a test states only what it is about."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import orjson
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from clusters.credentials import encrypt_access
from clusters.kubeconfig import ClusterAccess
from clusters.load import keep_requested
from clusters.models import Cluster, ClusterEvent, Companion, Node, Pod, Workload
from core.resources import Resources, of_one_pod
from projects.models import Environment, Membership, Project, Quota, Reservation, Role
from registry.models import ModelVersion, RegisteredModel
from serving.manifests.spec import ServiceSpec
from serving.models import (
    ModelService,
    Revision,
    Rollout,
    Secret,
    SecretVersion,
    ServiceObject,
)
from serving.objects import at_rest
from serving.rules.lifecycle import FINISHED, Phase, RolloutKind
from serving.rules.strategy import Replacement
from serving.secrets import vault

serial = count(1)
SMALL = Resources.parse({"cpu": "1", "memory": "1Gi"})
LIMITS = Resources.parse({"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "8"})


def make_user(username: str = "", *, is_platform_admin: bool = False, password: str = "") -> User:
    """Make a person; without a password nobody can sign in as them."""
    return User.objects.create_user(
        username or f"person-{next(serial)}",
        password=password or None,
        is_superuser=is_platform_admin,
    )


def signed_in(user: User, *, expires_at: datetime | None = None) -> APIClient:
    """Return a client that calls the API with a token of this user."""
    _, secret = tokens.issue(user, name="test", expires_at=expires_at, by=user)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def make_cluster(name: str = "", *, token: str = "", is_heard: bool = True) -> Cluster:
    """Make a cluster at an address where nothing listens."""
    name, server = name or f"cluster-{next(serial)}", "https://127.0.0.1:1"
    access = ClusterAccess(server=server, ca="", token=token or secrets.token_hex())
    return Cluster.objects.create(
        name=name,
        server=server,
        credentials=encrypt_access(access, cluster=name),
        mirrored_at=timezone.now() if is_heard else None,
    )


def make_project(name: str = "") -> Project:
    """Make a tenant without members."""
    return Project.objects.create(name=name or f"project-{next(serial)}")


def make_member(project: Project, role: Role, user: User | None = None) -> User:
    """Give a person a role; return the person."""
    user = user or make_user()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_robot(project: Project, role: Role, environments: Sequence[Environment] = ()) -> User:
    """Make the identity behind a project's token."""
    robot = User.objects.create(
        username=f"robot-{next(serial)}", display_name="ci-bot", is_robot=True
    )
    membership = Membership.objects.create(
        project=project, user=robot, role=role, is_restricted=bool(environments)
    )
    membership.environments.set(environments)
    return robot


def make_environment(
    project: Project | None = None,
    name: str = "production",
    *,
    cluster: Cluster | None = None,
    limits: Resources = LIMITS,
    phase: Environment.Phase = Environment.Phase.READY,
) -> Environment:
    """Make an environment with its quota; what is ready was looked at just now."""
    project = project or make_project()
    rest = timedelta(minutes=10) if phase == Environment.Phase.READY else timedelta(0)
    environment = Environment.objects.create(
        project=project,
        name=name,
        cluster=cluster or make_cluster(),
        namespace=f"{project.name}-{name}",
        phase=phase,
        next_run_at=timezone.now() + rest,
    )
    Quota.objects.create(environment=environment, limits=limits)
    return environment


def make_secret(environment: Environment | None = None, name: str = "", **values: str) -> Secret:
    """Make a secret in its first version."""
    secret = Secret.objects.create(
        environment=environment or make_environment(),
        name=name or f"secret-{next(serial)}",
        keys=sorted(values),
        version=1,
        changed_by="ci-bot",
    )
    seal_version(secret, values or {"password": secrets.token_hex()})
    return secret


def make_pull_credential(environment: Environment, name: str = "") -> Secret:
    """Make a login for a registry."""
    credential = Secret.objects.create(
        environment=environment,
        kind=Secret.Kind.PULL_CREDENTIAL,
        name=name or f"registry-{next(serial)}",
        server="registry.example.com",
        version=1,
        changed_by="ci-bot",
    )
    seal_version(credential, {"username": "ci-bot", "password": secrets.token_hex()})
    return credential


def seal_version(secret: Secret, values: dict[str, str]) -> None:
    """Make the present version of a secret."""
    version = SecretVersion(secret=secret, number=secret.version)
    vault.encrypt_values(version, values)
    version.save()


def make_model(project: Project | None = None, name: str = "") -> RegisteredModel:
    """Make a model without versions."""
    return RegisteredModel.objects.create(
        project=project or make_project(), name=name or f"model-{next(serial)}"
    )


def make_version(model: RegisteredModel, version: str = "", **fields: Any) -> ModelVersion:
    """Make a version that is an image."""
    number = next(serial)
    content = {"image": f"models/{model.name}@sha256:{number:064x}", **fields}
    return ModelVersion.objects.create(
        model=model,
        version=version or str(number),
        content_digest=f"{number:064x}",
        created_by="ci-bot",
        **content,
    )


def make_service(
    environment: Environment | None = None,
    name: str = "",
    *,
    model: RegisteredModel | None = None,
    **wish: Any,
) -> ModelService:
    """Make a service that was never deployed."""
    environment = environment or make_environment()
    return ModelService.objects.create(
        project=environment.project,
        environment=environment,
        name=name or f"service-{next(serial)}",
        model=model or make_model(environment.project),
        **{"requests": SMALL, **wish},
    )


def make_revision(service: ModelService, version: ModelVersion | None = None) -> Revision:
    """Make the next revision of a service, with its settings as they are."""
    version = version or make_version(service.model)
    spec = ServiceSpec(
        model=service.model.name,
        version=version.version,
        image=version.image,
        protocol="http",
        port=service.port,
        requests=service.requests.canonical(),
        limits=service.limits.canonical(),
    )
    return Revision.objects.create(
        service=service,
        number=service.revisions.count() + 1,
        version=version,
        spec=msgspec.to_builtins(spec),
        created_by="ci-bot",
    )


def make_deployed_service(
    environment: Environment | None = None, name: str = "", *, model: RegisteredModel | None = None
) -> ModelService:
    """Make a service whose first revision runs, with its share of the quota."""
    service = make_service(environment, name, model=model)
    revision = make_revision(service)
    now = timezone.now()
    Revision.objects.filter(pk=revision.pk).update(succeeded_at=now)
    service.current_revision, service.desired_replicas = revision, service.replicas
    service.save()
    make_rollout(service, phase=Phase.SUCCEEDED, to_revision=revision)
    hold_quota(service)
    return service


def make_drifted_service(environment: Environment | None = None, name: str = "") -> ModelService:
    """Make a service that runs, and of whose Deployment somebody else has changed the number."""
    service = make_deployed_service(environment, name)
    drift(service)
    return service


def drift(service: ModelService) -> None:
    """Let the mirror show one pod more than a service was told to have."""
    assert service.current_revision is not None
    *others, deployment = at_rest(service, service.current_revision)
    for manifest in others:
        make_companion(service, manifest)
    deployment["spec"]["replicas"] += 1
    found = {"content": content_of(deployment), "desired_replicas": 2}
    named = {"namespace": service.environment.namespace, "name": service.name}
    if not Workload.objects.filter(kind="Deployment", **named).update(**found):
        make_workload(service, **found)
    entry = {"object": f"Deployment/{service.name}", "field": "spec.replicas", "manager": "kubectl"}
    service.drift = [{**entry, "wanted": 1, "found": 2, "since": timezone.now().isoformat()}]
    service.save()


def content_of(manifest: dict[str, Any]) -> str:
    """Return a manifest as the mirror keeps the object that it makes."""
    metadata = {**manifest["metadata"], "uid": str(uuid.uuid4())}
    return orjson.dumps({"metadata": metadata, "spec": manifest["spec"]}).decode()


def make_companion(service: ModelService, manifest: dict[str, Any]) -> Companion:
    """Make a mirrored object beside a service's Deployment."""
    return Companion.objects.create(
        cluster=service.cluster,
        uid=str(uuid.uuid4()),
        name=manifest["metadata"]["name"],
        resource_version=next(serial),
        created_at=timezone.now(),
        kind=manifest["kind"],
        namespace=service.environment.namespace,
        goes_with=service.name,
        content=content_of(manifest),
    )


def hold_quota(service: ModelService) -> None:
    """Reserve what a service's pods ask for."""
    quota = service.environment.quota
    share = of_one_pod(service.requests) * service.replicas
    Reservation.objects.create(quota=quota, service_id=service.pk, resources=share)
    quota.reserved = quota.reserved + share
    quota.save()


def make_rollout(
    service: ModelService | None = None, *, phase: Phase = Phase.PROGRESSING, **fields: Any
) -> Rollout:
    """Make a change of a service."""
    service = service or make_service()
    return Rollout.objects.create(
        service=service,
        project=service.project,
        phase=phase,
        finished_at=timezone.now() if phase in FINISHED else None,
        **{
            "kind": RolloutKind.DEPLOY,
            "to_replicas": service.replicas,
            "strategy": Replacement(max_surge=1).as_json(),
            "started_by": "ci-bot",
            "next_run_at": None,
            **fields,
        },
    )


def make_node(cluster: Cluster | None = None, **fields: Any) -> Node:
    """Make a mirrored node with room for pods."""
    number = next(serial)
    defaults = {
        "cluster": cluster or make_cluster(),
        "uid": str(uuid.uuid4()),
        "name": f"node-{number}",
        "resource_version": number,
        "created_at": timezone.now(),
        "capacity": LIMITS,
        "allocatable": LIMITS,
        "is_ready": True,
    }
    node = Node.objects.create(**{**defaults, **fields})
    keep_requested(node.cluster_id, [node.name])
    return node


def make_workload(service: ModelService, kind: str = "Deployment", **fields: Any) -> Workload:
    """Make a service's mirrored Deployment or ReplicaSet, of which the content is not known."""
    number = next(serial)
    defaults = {
        "cluster": service.cluster,
        "uid": str(uuid.uuid4()),
        "goes_with": service.name if kind == "Deployment" else "",
        "name": service.name if kind == "Deployment" else f"{service.name}-{number}",
        "namespace": service.environment.namespace,
        "resource_version": number,
        "created_at": timezone.now(),
        "kind": kind,
    }
    return Workload.objects.create(**{**defaults, **fields})


def make_replica_set(service: ModelService, revision: int | None = None) -> Workload:
    """Return the mirrored ReplicaSet of a revision; it and its Deployment are made if absent."""
    place = {"cluster": service.cluster, "namespace": service.environment.namespace}
    named = Workload.objects.filter(**place, kind="Deployment", name=service.name)
    deployment = named.first() or make_workload(service)
    own = Workload.objects.filter(**place, owner_uid=deployment.uid, revision=revision)
    return own.first() or make_workload(
        service, "ReplicaSet", owner_uid=deployment.uid, revision=revision
    )


def make_pod(service: ModelService | None = None, **fields: Any) -> Pod:
    """Make a mirrored pod of a service, owned by a ReplicaSet of its Deployment."""
    service = service or make_service()
    number = next(serial)
    owner = make_replica_set(service, fields.get("revision"))
    defaults = {
        "cluster": service.cluster,
        "uid": str(uuid.uuid4()),
        "name": f"{service.name}-{number}",
        "namespace": service.environment.namespace,
        "resource_version": number,
        "created_at": timezone.now(),
        "phase": "Running",
        "requests": service.requests,
        "owner_uid": owner.uid,
    }
    pod = Pod.objects.create(**{**defaults, **fields})
    keep_requested(pod.cluster_id, [pod.node_name])
    return pod


def be_at(cluster: Cluster, server: str) -> None:
    """Let a cluster be at an address."""
    access = ClusterAccess(server=server, token="t")
    sealed = encrypt_access(access, cluster=cluster.name)
    Cluster.objects.filter(pk=cluster.pk).update(server=server, credentials=sealed)


def make_cluster_event(service: ModelService | None = None, **fields: Any) -> ClusterEvent:
    """Make a mirrored event about a pod that was once a service's."""
    service = service or make_service()
    number = next(serial)
    now = timezone.now()
    uid = fields.setdefault("involved_uid", str(uuid.uuid4()))
    ServiceObject.objects.get_or_create(service=service, uid=uid, defaults={"seen_at": now})
    defaults = {
        "cluster": service.cluster,
        "uid": str(uuid.uuid4()),
        "name": f"event-{number}",
        "namespace": service.environment.namespace,
        "resource_version": number,
        "created_at": now,
        "involved_kind": "Pod",
        "involved_name": f"{service.name}-{number}",
        "type": "Normal",
        "event_reason": "Scheduled",
        "last_seen_at": now - timedelta(seconds=number),
    }
    return ClusterEvent.objects.create(**{**defaults, **fields})
