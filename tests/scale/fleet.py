"""A fleet of the size that this is built for, as rows: nobody runs any of it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from typing import Any, TypeVar

import msgspec
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from clusters.load import keep_requested
from clusters.models import Cluster, Node, Pod, Workload
from core.resources import Resources, of_one_pod
from projects.models import Environment, Project, Quota, Reservation
from registry.models import ModelVersion, RegisteredModel
from serving.diagnosis.health import Health
from serving.manifests.spec import ServiceSpec
from serving.models import ModelService, Revision, Rollout
from serving.rules.lifecycle import Phase, RolloutKind
from serving.rules.strategy import Replacement
from tests import factories
from usage.models import MetricsStatus

PRODUCTS = ("NVIDIA-A10", "Tesla-T4", "NVIDIA-A100-SXM4-80GB", "")
M = TypeVar("M", bound=Model)
ROOM = Resources.parse({"cpu": "96", "memory": "768Gi", "nvidia.com/gpu": "8"})
REQUESTS = Resources.parse({"cpu": "2", "memory": "8Gi", "nvidia.com/gpu": "1"})
NO_LIMIT = Resources.parse({"cpu": "1M", "memory": "1Pi", "nvidia.com/gpu": "1M"})


@dataclass(frozen=True)
class Size:
    """How many there are of what."""

    nodes: int
    services: int
    pods: int
    rollouts: int
    # Projects beside the big one, with one environment and an equal share of nothing.
    projects: int = 20
    # Of use, of every service.
    minutes: int = 60
    # Of the model that all of the big project's services serve.
    versions: int = 100_000


SMALL = Size(nodes=20, services=60, pods=120, rollouts=120, projects=2, minutes=2, versions=50)
BIG = Size(nodes=1_213, services=1_120, pods=6_250, rollouts=100_000)


@dataclass(frozen=True)
class Fleet:
    """The project that has it all."""

    project: Project
    environment: Environment

    @property
    def cluster(self) -> Cluster:
        return self.environment.cluster


def make_fleet(size: Size, name: str = "vision") -> Fleet:
    """Make a cluster and a project that fills it."""
    cluster = factories.make_cluster()
    project = factories.make_project(name)
    environment = factories.make_environment(
        project, "production", cluster=cluster, limits=NO_LIMIT
    )
    fleet = Fleet(project, environment)
    many(Node, nodes(cluster), size.nodes)
    services = make_services(environment, size.services)
    make_pods(environment, services, size)
    make_windows(environment, size.minutes)
    keep_requested(cluster.pk, [node_name(number) for number in range(size.nodes)])
    make_rollouts(services, size.rollouts)
    make_versions(services[0].model, size.versions)
    for _ in range(size.projects):
        other = factories.make_environment(cluster=cluster, limits=NO_LIMIT)
        make_services(other, 5)
    return fleet


def many(model: type[M], rows: Iterator[M], number: int) -> list[M]:
    """Write so many of some rows."""
    return model._default_manager.bulk_create(list(islice(rows, number)), batch_size=2_000)


def seen(number: int) -> dict[str, Any]:
    """Return what every mirrored object has."""
    return {"uid": str(uuid.uuid4()), "resource_version": number, "created_at": timezone.now()}


def nodes(cluster: Cluster) -> Iterator[Node]:
    for number in count():
        yield Node(
            **seen(number),
            cluster=cluster,
            name=node_name(number),
            capacity=ROOM,
            allocatable=ROOM,
            gpu_product=PRODUCTS[number % len(PRODUCTS)],
            is_ready=number % 50 != 0,
        )


def node_name(number: int) -> str:
    return f"gpu-{number:05}"


def make_services(environment: Environment, number: int) -> list[ModelService]:
    """Make services that run their only revision, with their share of the quota."""
    model = factories.make_model(environment.project)
    version = factories.make_version(model)
    spec = ServiceSpec(
        model=model.name,
        version=version.version,
        image=version.image,
        protocol="http",
        port=8080,
        requests=REQUESTS.canonical(),
        limits={},
    )
    rows = (
        ModelService(
            project=environment.project,
            environment=environment,
            name=f"ranker-{n:05}",
            model=model,
            replicas=5,
            requests=REQUESTS,
            desired_replicas=5,
            health=Health.HEALTHY,
            ready_replicas=5,
        )
        for n in count()
    )
    services = many(ModelService, rows, number)
    content = msgspec.to_builtins(spec)
    revisions = many(
        Revision,
        (
            Revision(service=s, number=1, version=version, spec=content, created_by="ci-bot")
            for s in services
        ),
        number,
    )
    for service, revision in zip(services, revisions, strict=True):
        service.current_revision = revision
    ModelService.objects.bulk_update(services, ["current_revision"], batch_size=1_000)
    share = of_one_pod(REQUESTS) * 5
    many(
        Reservation,
        (Reservation(quota=environment.quota, service_id=s.pk, resources=share) for s in services),
        number,
    )
    Quota.objects.filter(environment=environment).update(reserved=share * number)
    return services


def make_pods(environment: Environment, services: list[ModelService], size: Size) -> None:
    """Spread pods over services and nodes, each below a ReplicaSet of a Deployment."""
    place = {"cluster": environment.cluster, "namespace": environment.namespace}
    deployments = many(
        Workload,
        (
            Workload(
                **seen(n),
                **place,
                kind="Deployment",
                name=service.name,
                goes_with=service.name,
                revision=1,
            )
            for n, service in enumerate(services)
        ),
        len(services),
    )
    replica_sets = many(
        Workload,
        (
            Workload(
                **{**seen(n), **place},
                kind="ReplicaSet",
                name=f"{deployment.name}-7d9f",
                owner_uid=deployment.uid,
                revision=1,
            )
            for n, deployment in enumerate(deployments)
        ),
        len(services),
    )
    many(
        Pod,
        (
            Pod(
                **seen(n),
                **place,
                name=f"{replica_sets[n % len(services)].name}-{n:05}",
                node_name=node_name(n % size.nodes),
                owner_uid=replica_sets[n % len(services)].uid,
                revision=1,
                phase="Running",
                is_ready=True,
                requests=REQUESTS,
            )
            for n in count()
        ),
        size.pods,
    )


def make_windows(environment: Environment, minutes: int) -> None:
    """Give an environment and its services a past of use, a minute each."""
    MetricsStatus.objects.create(
        cluster=environment.cluster, observed_at=timezone.now(), tried_at=timezone.now()
    )
    statement = """
        INSERT INTO usage_usagewindow (environment_id, service_id, resource, window_seconds,
            starts_at, requested_total, requested_count, used_total, used_count, used_peak,
            pods_expected, pods_measured, is_shared)
        SELECT %s, holder.id, resource, 60,
            date_bin('60 s', now(), 'epoch') - make_interval(mins => minute),
            20, 2, 10 + random(), 2, 6, 10, 10, false
        FROM generate_series(0, %s - 1) minute
        CROSS JOIN unnest(%s::text[]) resource
        CROSS JOIN (
            SELECT id FROM serving_modelservice WHERE environment_id = %s
            UNION ALL SELECT NULL
        ) holder
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [environment.pk, minutes, [*REQUESTS], environment.pk])


def make_versions(model: RegisteredModel, number: int) -> None:
    """Give a model versions like its first, all of whose names begin alike."""
    columns = [f.column for f in ModelVersion._meta.concrete_fields if f.name != "id"]
    values = {
        "version": "'ranker-' || day",
        "created_at": "created_at - make_interval(days => day)",
    }
    statement = f"""
        INSERT INTO registry_modelversion ({", ".join(columns)})
        SELECT {", ".join(values.get(column, column) for column in columns)}
        FROM registry_modelversion CROSS JOIN generate_series(1, %s) AS day
        WHERE model_id = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [number, model.pk])


def make_rollouts(services: list[ModelService], number: int) -> None:
    """Give services a past: one finished rollout each, and then the same again, a day before."""
    now = timezone.now()
    first = many(
        Rollout,
        (
            Rollout(
                service=service,
                project=service.project,
                kind=RolloutKind.DEPLOY,
                phase=Phase.SUCCEEDED,
                to_replicas=5,
                to_revision=service.current_revision,
                strategy=Replacement(max_surge=1).as_json(),
                started_by="ci-bot",
                next_run_at=None,
                created_at=now - timedelta(seconds=n),
                finished_at=now,
            )
            for n, service in enumerate(services)
        ),
        min(number, len(services)),
    )
    columns = [f.column for f in Rollout._meta.concrete_fields]
    values = {"id": "gen_random_uuid()", "created_at": "created_at - make_interval(days => day)"}
    statement = f"""
        INSERT INTO serving_rollout ({", ".join(columns)})
        SELECT {", ".join(values.get(column, column) for column in columns)}
        FROM serving_rollout CROSS JOIN generate_series(1, %s) AS day
        WHERE project_id = %s
        LIMIT %s
    """
    days, rest = -(-number // len(services)) - 1, number - len(first)
    with connection.cursor() as cursor:
        cursor.execute(statement, [days, services[0].project.pk, rest])
