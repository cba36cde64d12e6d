"""What the mirror's rows say of environments, on PostgreSQL."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clusters.models import Cluster, Companion, MirrorCursor
from projects import actions
from projects.apps import on_objects_observed
from projects.models import Environment
from projects.observe import SETUP, record_drift
from projects.reconcile import EnvironmentPhase, Finding, claim, commit
from tests import factories

pytestmark = pytest.mark.django_db


def made(cluster: Cluster) -> Environment:
    """Make an environment that was reached, and the mirror's rows of what it is made of."""
    environment = factories.make_environment(cluster=cluster)
    Environment.objects.filter(pk=environment.pk).update(
        observed_generation=1, next_run_at=timezone.now() + timezone.timedelta(minutes=9)
    )
    for manifest in environment.setup.manifests:
        mirrored(environment, manifest)
    return Environment.objects.get(pk=environment.pk)


def mirrored(environment: Environment, content: dict[str, Any]) -> None:
    kind, name = content["kind"], content["metadata"]["name"]
    uid = f"{environment.namespace}/{kind}/{name}"
    Companion.objects.create(
        cluster=environment.cluster,
        uid=uid,
        name=name,
        resource_version=7,
        created_at=timezone.now(),
        kind=kind,
        namespace=environment.namespace,
        content=json.dumps({**content, "metadata": {**content["metadata"], "uid": uid}}),
    )


def synced(cluster: Cluster, version: str, *kinds: str) -> None:
    for kind in kinds or SETUP:
        MirrorCursor.objects.update_or_create(
            cluster=cluster,
            kind=kind,
            defaults={"resource_version": version, "heard_at": timezone.now()},
        )


@pytest.fixture
def cluster() -> Cluster:
    cluster = factories.make_cluster()
    synced(cluster, "9")
    return cluster


def lose(environment: Environment, kind: str) -> None:
    Companion.objects.filter(namespace=environment.namespace, kind=kind).delete()


def objects(environment: Environment) -> list[str]:
    environment.refresh_from_db()
    return [entry["object"] for entry in environment.drift]


def test_what_is_whole_is_left_as_it_is(cluster):
    environment = made(cluster)
    record_drift(cluster.pk, None)
    assert objects(environment) == []
    assert environment.next_run_at > timezone.now()


def test_only_what_sets_up_a_namespace_is_looked_at(cluster):
    environment = made(cluster)
    lose(environment, "LimitRange")
    on_objects_observed(cluster.pk, {(environment.namespace, "scorer"), ("other", "")})
    assert objects(environment) == []
    on_objects_observed(cluster.pk, {(environment.namespace, "")})
    assert objects(environment) == ["LimitRange/slipway"]
    assert environment.next_run_at <= timezone.now()


def test_a_mirror_that_has_read_nothing_yet_says_nothing(cluster):
    environment = made(cluster)
    MirrorCursor.objects.all().delete()
    Companion.objects.all().delete()
    record_drift(cluster.pk, None)
    assert objects(environment) == []


def test_a_kind_that_could_never_be_read_says_nothing(cluster):
    """Such as namespaces, of which our credentials may not know."""
    environment = made(cluster)
    lose(environment, "Namespace")
    unread = {"resource_version": "", "heard_at": None, "reason": "ClusterForbidden"}
    MirrorCursor.objects.filter(kind="Namespace").update(**unread)
    record_drift(cluster.pk, None)
    assert objects(environment) == []
    assert environment.phase == Environment.Phase.READY


def test_what_the_mirror_saw_before_a_worker_looked_is_the_past(cluster):
    environment = made(cluster)
    Environment.objects.update(seen_version=20)
    lose(environment, "LimitRange")
    record_drift(cluster.pk, None)
    assert objects(environment) == []
    synced(cluster, "20", "LimitRange")
    record_drift(cluster.pk, None)
    assert objects(environment) == ["LimitRange/slipway"]


def test_what_is_known_of_a_kind_stays_while_the_mirror_is_behind_with_it(cluster):
    environment = made(cluster)
    lose(environment, "LimitRange")
    record_drift(cluster.pk, None)
    Environment.objects.update(seen_version=20)
    synced(cluster, "21", "ResourceQuota")
    lose(environment, "ResourceQuota")
    record_drift(cluster.pk, None)
    assert sorted(objects(environment)) == ["LimitRange/slipway", "ResourceQuota/slipway"]


@pytest.mark.parametrize(
    "state",
    [{"generation": 2}, {"phase": Environment.Phase.TERMINATING}],
    ids=["a new wish", "being given up"],
)
def test_what_is_being_changed_is_not_compared(cluster, state):
    environment = made(cluster)
    Companion.objects.all().delete()
    Environment.objects.update(**state)
    record_drift(cluster.pk, None)
    assert objects(environment) == []


def test_nothing_can_be_rolled_out_without_a_namespace(cluster):
    environment = made(cluster)
    Companion.objects.all().delete()
    record_drift(cluster.pk, None)
    environment.refresh_from_db()
    assert (environment.phase, environment.reason) == ("Pending", "Missing")


def test_since_when_something_is_missing_is_kept(cluster):
    environment = made(cluster)
    lose(environment, "LimitRange")
    record_drift(cluster.pk, None)
    environment.refresh_from_db()
    before = environment.drift
    lose(environment, "ResourceQuota")
    record_drift(cluster.pk, None)
    environment.refresh_from_db()
    assert before[0] in environment.drift


def test_the_number_of_queries_does_not_depend_on_the_number_of_environments(cluster):
    counts = []
    for _ in range(2):
        for _ in range(3):
            made(cluster)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            record_drift(cluster.pk, None)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def looked_at(environment: Environment) -> Environment:
    """Return an environment as a worker has it that looks right now."""
    Environment.objects.filter(pk=environment.pk).wake(now=timezone.now())
    claimed = claim(environment.pk)
    assert claimed is not None
    return claimed


def test_what_is_heard_during_a_look_leads_to_another_at_once(cluster):
    environment = made(cluster)
    claimed = looked_at(environment)
    lose(environment, "LimitRange")
    record_drift(cluster.pk, None)
    assert claim(environment.pk) is None, "it is not taken from whoever looks"
    assert commit(claimed, Finding(EnvironmentPhase.READY, differences=[]))
    environment.refresh_from_db()
    assert environment.drift == []
    assert environment.next_run_at <= timezone.now()


@pytest.mark.parametrize("reason", [None, "ClusterUnavailable"])
def test_a_look_that_saw_nothing_leaves_what_was_heard_meanwhile(cluster, reason):
    environment = made(cluster)
    claimed = looked_at(environment)
    lose(environment, "Namespace")
    record_drift(cluster.pk, None)
    assert commit(claimed, Finding(reason=reason))
    assert objects(environment) == [f"Namespace/{environment.namespace}"]
    assert (environment.phase, environment.reason) == ("Pending", reason or "Missing")


def test_a_rollout_in_trouble_makes_its_environment_due_once(cluster):
    environment = made(cluster)
    actions.look_at_environment(environment)
    environment.refresh_from_db()
    first = environment.next_run_at
    assert first <= timezone.now()
    actions.look_at_environment(environment)
    environment.refresh_from_db()
    assert environment.next_run_at == first


def test_a_rollout_in_trouble_is_heard_by_whoever_looks_at_its_environment(cluster):
    environment = made(cluster)
    claimed = looked_at(environment)
    actions.look_at_environment(environment)
    assert commit(claimed, Finding(EnvironmentPhase.READY))
