"""Of two requests for one row the second waits, and then sees what the first has made of it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import SYSTEM
from clusters import actions as clusters
from clusters.credentials import decrypt_access
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from core.database import lock
from core.resources import Resources
from projects import actions as projects
from projects.models import Environment, Membership, Project, Reservation, Role
from serving import actions, expiry
from serving.models import ModelService, Rollout, Secret
from serving.secrets import actions as secrets
from tests import factories
from tests.factories import make_member, make_service
from tests.waiting import waited

pytestmark = pytest.mark.django_db(transaction=True)
VALUES = Secret.Kind.VALUES


@pytest.fixture
def service() -> ModelService:
    amounts = {"cpu": "1", "memory": "1Gi"}
    limits = Resources.parse({"cpu": "4", "memory": "4Gi"})
    return make_service(requests=Resources.parse(amounts), limits=limits)


@pytest.fixture
def admin() -> Any:
    client = factories.signed_in(factories.make_user(is_platform_admin=True))
    client.raise_request_exception = False
    return client


def place_of(environment: Environment) -> str:
    return f"/api/v1/projects/{environment.project.name}/environments/{environment.name}"


def path_of(service: ModelService) -> str:
    return f"{place_of(service.environment)}/services/{service.name}"


def drafted(service: ModelService, **changes: Any) -> Callable[[], object]:
    return lambda: actions.update_service(service=service, changes=changes, by=SYSTEM)


def quota_set(environment: Environment) -> object:
    row = Environment.objects.filter(pk=environment.pk)
    lock(row)
    limits = Resources.parse({"cpu": "77", "memory": "64Gi"})
    return projects.set_quota(environment=row.get(), limits=limits, gpu_products={}, by=SYSTEM)


def test_who_has_read_a_service_of_before_does_not_undo_its_change(
    admin: Any, service: ModelService
) -> None:
    read = admin.get(path_of(service))["ETag"]
    wish = {"env": {"B": "2"}}
    answer = waited(
        lambda: admin.patch(path_of(service), wish, HTTP_IF_MATCH=read),
        drafted(service, env={"A": "1"}),
    )
    assert answer.status_code == 412
    service.refresh_from_db()
    assert service.env == {"A": "1"}


def test_who_has_read_a_secret_of_before_takes_no_key_away(
    admin: Any, service: ModelService
) -> None:
    environment = service.environment
    factories.make_secret(environment, "db", a="1")
    path = f"{place_of(environment)}/secrets/db"
    read = admin.get(path)["ETag"]
    kept = {"environment": environment, "kind": VALUES, "name": "db", "by": SYSTEM}
    answer = waited(
        lambda: admin.put(path, {"values": {"a": "9"}}, HTTP_IF_MATCH=read),
        lambda: secrets.put_secret(values={"a": "1", "c": "3"}, **kept),
    )
    assert answer.status_code == 412
    assert Secret.objects.get(name="db").keys == ["a", "c"]


@pytest.mark.parametrize("method", ["put", "delete"])
def test_who_has_read_an_environment_of_before_changes_nothing(
    admin: Any, service: ModelService, method: str
) -> None:
    environment = service.environment
    path = place_of(environment)
    read = admin.get(path)["ETag"]
    address, wish = (f"{path}/quota", {"limits": {"cpu": "1"}}) if method == "put" else (path, None)
    answer = waited(
        lambda: getattr(admin, method)(address, wish, HTTP_IF_MATCH=read),
        lambda: quota_set(environment),
    )
    assert answer.status_code == 412
    environment.refresh_from_db()
    assert (environment.quota.limits["cpu"], environment.generation) == (77_000, 2)


def test_two_wishes_of_an_environment_are_two_generations(
    admin: Any, service: ModelService
) -> None:
    wish = {"foreign_fields": "refuse"}
    answer = waited(
        lambda: admin.patch(place_of(service.environment), wish),
        lambda: quota_set(service.environment),
    )
    assert answer.status_code == 200, answer.json()
    assert Environment.objects.get(pk=service.environment_id).generation == 3


def test_limits_alone_leave_the_requests_that_somebody_has_just_stated(
    admin: Any, service: ModelService
) -> None:
    more = Resources.parse({"cpu": "3", "memory": "1Gi"})
    wish = {"resources": {"limits": {"cpu": "4", "memory": "8Gi"}}}
    answer = waited(lambda: admin.patch(path_of(service), wish), drafted(service, requests=more))
    assert answer.status_code == 200, answer.json()
    service.refresh_from_db()
    assert service.requests["cpu"] == 3000


def test_credentials_that_were_replaced_stay_so(admin: Any) -> None:
    cluster = factories.make_cluster()
    access = ClusterAccess(server=cluster.server, token="new")
    row = Cluster.objects.get(pk=cluster.pk)
    answer = waited(
        lambda: admin.patch(f"/api/v1/clusters/{cluster.name}", {"display_name": "East"}),
        lambda: clusters.update_cluster(cluster=row, access=access, details={}, by=SYSTEM),
    )
    assert answer.status_code == 200, answer.json()
    row.refresh_from_db()
    assert decrypt_access(bytes(row.credentials), cluster=row.name).token == "new"


def test_the_last_admin_stays_also_where_somebody_has_just_become_it(admin: Any) -> None:
    project = factories.make_project()
    first, second = make_member(project, Role.ADMIN), make_member(project, Role.VIEWER)
    client = factories.signed_in(first)
    path = f"/api/v1/projects/{project.name}/members/{second.username}"
    roles = Membership.objects.filter(project=project)

    def exchange() -> None:
        lock(roles)
        roles.filter(user=second).update(role=Role.ADMIN)
        roles.filter(user=first).update(role=Role.VIEWER)

    waited(lambda: client.delete(path), exchange)
    assert roles.filter(role=Role.ADMIN).exists()


def test_a_secret_that_somebody_begins_to_use_stays(admin: Any, service: ModelService) -> None:
    factories.make_secret(service.environment, "db", a="1")
    uses = [{"secret": "db", "key": "a", "env": "A"}]
    answer = waited(
        lambda: admin.delete(f"{place_of(service.environment)}/secrets/db"),
        drafted(service, secrets=uses),
    )
    assert (answer.status_code, answer.json()["reason"]) == (409, "InUse")


def test_a_temporary_scale_does_not_end_over_drift_that_was_just_seen() -> None:
    service = factories.make_drifted_service()
    rows = ModelService.objects.filter(pk=service.pk)
    over = service.created_at
    rows.update(drift=[], temporary_replicas=3, temporary_expires_at=over)
    seen = service.drift
    waited(lambda: expiry.end_temporary_scale(str(service.pk)), lambda: rows.update(drift=seen))
    assert not Rollout.objects.unfinished().exists()


def test_no_environment_is_added_to_a_project_that_is_going(
    admin: Any, service: ModelService
) -> None:
    project, cluster = service.environment.project, service.environment.cluster
    Reservation.objects.all().delete()
    answer = waited(
        lambda: admin.post(
            f"/api/v1/projects/{project.name}/environments",
            {"name": "late", "cluster": cluster.name},
        ),
        lambda: projects.delete_project(project=Project.objects.get(pk=project.pk), by=SYSTEM),
    )
    assert answer.status_code == 409
    assert not project.environments.filter(name="late").exists()


def test_what_is_gone_meanwhile_is_not_found(admin: Any) -> None:
    project = factories.make_project()
    path = f"/api/v1/projects/{project.name}"
    answer = waited(
        lambda: admin.patch(path, {"description": "x"}),
        lambda: projects.delete_project(project=Project.objects.get(pk=project.pk), by=SYSTEM),
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "once"}], ids=["bare", "keyed"])
def test_what_belongs_to_what_is_going_is_a_conflict(
    admin: Any, service: ModelService, key: dict[str, str]
) -> None:
    """The database looks at that last, when the answer is made already."""
    environment = service.environment
    wish = {"name": "other", "model": service.model.name, "resources": {"requests": {"cpu": "1"}}}

    def leave() -> None:
        ModelService.objects.filter(pk=service.pk).delete()
        environment.quota.delete()
        Environment.objects.filter(pk=environment.pk).delete()

    answer = waited(lambda: admin.post(f"{place_of(environment)}/services", wish, **key), leave)
    assert answer.status_code in (404, 409), answer.content
