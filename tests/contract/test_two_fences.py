"""The ledger and the cluster's own fences agree on any pod, one way and the other."""

import random
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from clusters.client import ClusterClient
from clusters.errors import ClusterForbidden, ClusterInvalid
from clusters.kinds import (
    LIMIT_RANGE,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    RESOURCE_QUOTA,
    Manifest,
    ObjectKind,
)
from clusters.models import Cluster
from core.errors import Refusal
from core.resources import PODS, Resources, of_one_pod
from core.waiting import wait_until
from projects import admission
from projects.models import Environment, Quota
from projects.quota import Share
from projects.reconcile import reconcile_environment
from serving.api.settings_serializers import ResourceRequirementsSerializer
from serving.manifests.spec import NO_SECRETS, Identity, ServiceSpec
from serving.manifests.workload import pod_template
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
GPU, SLICE = "nvidia.com/gpu", "nvidia.com/mig-1g.5gb"
LIMITS = Resources.parse({"cpu": "2", "memory": "2Gi", GPU: "3", PODS: "5"}, also=(PODS,))
IMAGE = f"models.example.com/scorer@sha256:{'a' * 64}"
AMOUNTS = {
    "cpu": (None, None, "0", "9m", "10m", "100m", "500m", "1500m"),
    "memory": (None, None, "0", "15Mi", "16Mi", "256Mi", "700Mi", "1500Mi"),
}
CARDS = {GPU: (0, 0, 0, 1, 2), SLICE: (0, 0, 0, 0, 1)}
Stated = dict[str, dict[str, str]]


@pytest.fixture(params=[{}, {"cpu": "1", "memory": "1Gi"}], ids=["no limits", "default limits"])
def environment(
    cluster: Cluster, client: ClusterClient, request: pytest.FixtureRequest
) -> Iterator[Environment]:
    """An environment whose fences stand, on a cluster with cards that its quota does not list."""
    factories.make_node(cluster, capacity=Resources({GPU: 8, SLICE: 8, "cpu": 64_000}))
    environment = factories.make_environment(
        factories.make_project(f"fences-{uuid4().hex[:8]}"),
        cluster=cluster,
        limits=LIMITS,
        phase=Environment.Phase.PENDING,
    )
    given = Resources.parse(request.param)
    Quota.objects.filter(environment=environment).update(default_limits=given)
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert environment.phase == "Ready", str(environment.message)
    assert wait_until(lambda: stand(client, environment) or None, timeout_seconds=60)
    yield environment
    client.delete(NAMESPACE, None, environment.namespace)


def stand(client: ClusterClient, environment: Environment) -> bool:
    """Return whether the cluster counts already, and knows what a container is at least."""
    quota = live(client, RESOURCE_QUOTA, environment)
    is_counted = (quota.get("status") or {}).get("hard") == quota["spec"]["hard"]
    nothing: Stated = {"requests": {"cpu": "0", "memory": "0"}, "limits": {}}
    return is_counted and not is_created(client, pod_of(environment, "probe", nothing))


def live(client: ClusterClient, kind: ObjectKind, environment: Environment) -> Any:
    body = client.get(kind, environment.namespace, "slipway")
    assert body is not None
    return orjson.loads(body)


def pod_of(environment: Environment, name: str, stated: Mapping[str, Any]) -> Manifest:
    """Build a pod as Slipway builds those of a service."""
    identity = Identity(
        project=environment.project.name,
        environment=environment.name,
        namespace=environment.namespace,
        service="scorer",
        service_id=str(uuid4()),
    )
    spec = ServiceSpec(
        model="scorer", version="1", image=IMAGE, protocol="http", port=8080, **stated
    )
    metadata = {"name": name, "namespace": environment.namespace}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": pod_template(identity, spec, 1, NO_SECRETS)["spec"],
    }


def is_created(client: ClusterClient, pod: Manifest) -> bool:
    """Return whether the cluster lets a pod in."""
    path = POD.path(pod["metadata"]["namespace"])
    try:
        client.request("POST", path, body=orjson.dumps(pod))
    except (ClusterForbidden, ClusterInvalid):
        return False
    return True


def admitted(environment: Environment, holder: UUID, stated: Stated) -> Stated | None:
    """Ask the first fence, as a request would; return what a revision would state."""
    parser = ResourceRequirementsSerializer(
        data=stated, context={"bounds": Quota.objects.get(environment=environment).bounds}
    )
    try:
        parser.is_valid(raise_exception=True)
        wanted = parser.validated_data
        with transaction.atomic():
            admission.refuse_pods(environment.quota, **wanted)
            share = Share(of_one_pod(wanted["requests"]))
            admission.locked_ledger(environment.pk, holder).reserve(share)
    except (Refusal, ValidationError):
        return None
    return {name: amounts.canonical() for name, amounts in wanted.items()}


def any_container(chance: random.Random) -> Stated:
    """Return what somebody may state of a container."""
    picked = {kind: {n: chance.choice(of) for n, of in AMOUNTS.items()} for kind in KINDS}
    cards = {name: str(n) for name, of in CARDS.items() if (n := chance.choice(of))}
    return {
        kind: {**{n: text for n, text in amounts.items() if text is not None}, **cards}
        for kind, amounts in picked.items()
    }


KINDS = ("requests", "limits")


@pytest.mark.parametrize("seed", [1, 2])
def test_what_one_fence_lets_in_the_other_lets_in(environment, client, seed):
    chance = random.Random(seed)
    running: dict[str, UUID] = {}
    verdicts = {True: 0, False: 0}
    for number in range(60):
        name, holder, stated = f"pod-{number}", uuid4(), any_container(chance)
        if not any(chance.random() < 0.4 for _ in KINDS):
            stated["limits"] = {n: t for n, t in stated["limits"].items() if n in CARDS}
        wanted = admitted(environment, holder, stated)
        is_in = is_created(client, pod_of(environment, name, wanted or stated))
        assert is_in is (wanted is not None), (stated, wanted, running)
        verdicts[is_in] += 1
        if is_in:
            running[name] = holder
        if running and chance.random() < 0.4:
            name, holder = running.popitem()
            leave(environment, client, name, holder, remaining=len(running))
    assert min(verdicts.values()) > 10, verdicts


def leave(
    environment: Environment, client: ClusterClient, name: str, holder: UUID, *, remaining: int
) -> None:
    """Let a pod go, and wait until the cluster counts those that remain.

    What it counted before says nothing: its controller may count from a list that lacks the
    newest pod yet, and looks again only when a pod goes.
    """
    body = orjson.dumps({"gracePeriodSeconds": 0})
    client.request_or_none("DELETE", POD.path(environment.namespace, name), body=body)
    assert wait_until(lambda: used(client, environment) == remaining or None, timeout_seconds=60)
    with transaction.atomic():
        admission.locked_ledger(environment.pk, holder).reserve(Share())


def used(client: ClusterClient, environment: Environment) -> int:
    return int(live(client, RESOURCE_QUOTA, environment)["status"]["used"][PODS])


def test_what_sets_up_a_namespace_is_there_as_it_was_written(environment, client):
    hard = live(client, RESOURCE_QUOTA, environment)["spec"]["hard"]
    assert (hard[PODS], hard[f"requests.{SLICE}"]) == ("5", "0")
    (container,) = live(client, LIMIT_RANGE, environment)["spec"]["limits"]
    assert container["min"] == {"cpu": "10m", "memory": "16Mi"}
    policy = live(client, NETWORK_POLICY, environment)["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    writes = environment.writes
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    reconcile_environment(environment.pk)
    environment.refresh_from_db()
    assert (environment.drift, environment.writes) == ([], writes), "nothing is written again"


def test_fifty_seven_pods_of_nothing_do_not_come_to_be(environment, client):
    nothing: Stated = {"requests": {"cpu": "0", "memory": "0"}, "limits": {}}
    assert admitted(environment, uuid4(), nothing) is None
    pods = [pod_of(environment, f"pod-{n}", nothing) for n in range(57)]
    assert not any(is_created(client, pod) for pod in pods)
