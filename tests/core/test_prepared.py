"""Statements that are written once do what Django's own do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from clusters.models import Node, Workload
from core.fields import JSONField
from core.prepared import prepared, read_rows, save_columns
from core.resources import Resources
from projects.models import Environment, Project
from serving.models import ModelService
from tests import factories

pytestmark = pytest.mark.django_db


@prepared
def environments_of(project: str, names: list[str]) -> QuerySet[Environment]:
    rows = Environment.objects.select_related("project", "cluster")
    return rows.filter(project__name=project, name__among=names).order_by("name")


@prepared
def lengths_of(name: str) -> QuerySet[Project, tuple[str, int]]:
    return Project.objects.filter(name=name).values_list("name", Length("name"))


def test_it_reads_what_the_query_reads_with_each_calls_values():
    fraud, vision = factories.make_project("fraud"), factories.make_project("vision")
    for project, name in ((fraud, "staging"), (fraud, "production"), (vision, "production")):
        factories.make_environment(project, name)
    for project, names in (("fraud", ["staging", "production"]), ("vision", ["production"])):
        found = environments_of(project, names)
        rows = Environment.objects.filter(project__name=project).order_by("name")
        assert [vars(row)["id"] for row in found] == [row.pk for row in rows]
        with CaptureQueriesContext(connection) as queries:
            assert {row.project.name for row in found} == {project}
            assert all(row.cluster.name for row in found)
        assert len(queries) == 0
        assert [row.traffic for row in found] == [row.traffic for row in rows]
    assert environments_of("fraud", []) == environments_of("none", ["staging"]) == []
    assert lengths_of("fraud") == [("fraud", 5)]


def test_a_call_names_every_value():
    with pytest.raises(ValueError, match="zip"):
        lengths_of("fraud", "vision")


@pytest.mark.django_db(transaction=True)
def test_threads_have_their_own_values_and_connections():
    names = [f"project-{number}" for number in range(8)]
    for name in names:
        factories.make_project(name)

    def read(name: str) -> str:
        try:
            ((found, _),) = lengths_of(name)
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, names * 8)) == names * 8


def test_columns_are_saved_and_others_are_left_alone():
    services = [factories.make_service(name=name) for name in ("a", "b", "c")]
    for number, service in enumerate(services):
        service.ready_replicas, service.drift = number, [{"field": "'\"\\", "at": number}]
        service.observed_at = datetime(2026, 11, 30, tzinfo=UTC) if number else None
        service.port = 1
    columns = ["ready_replicas", "drift", "observed_at", "requests"]
    with CaptureQueriesContext(connection) as queries:
        save_columns(services[:2], columns)
    assert len(queries) == 1
    for service, saved in zip(services, (True, True, False), strict=True):
        kept = ModelService.objects.get(pk=service.pk)
        assert kept.port != 1
        assert (kept.drift == service.drift) is saved
        for name in columns if saved else ():
            assert getattr(kept, name) == getattr(service, name), name
    save_columns([], columns)


def test_all_columns_are_saved_with_the_times_that_set_themselves():
    service = factories.make_service()
    before = ModelService.objects.get(pk=service.pk)
    service.name, service.requests = "renamed", Resources({"cpu": 7})
    save_columns([service])
    after = ModelService.objects.get(pk=service.pk)
    assert (after.name, after.requests) == ("renamed", {"cpu": 7})
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at
    service.name = "again"
    service.save()
    twin = ModelService.objects.get(pk=service.pk)
    save_columns([service])
    kept = ModelService.objects.get(pk=service.pk)
    differing = {
        field.name
        for field in ModelService._meta.concrete_fields
        if getattr(twin, field.attname) != getattr(kept, field.attname)
    }
    assert differing == {"updated_at"}


def test_rows_of_plain_sql_are_as_django_reads_them():
    environment = factories.make_environment()
    labels = {"app": "scorer", "text": "ü\"'"}
    uid, created = str(uuid4()), datetime(2026, 11, 30, tzinfo=UTC)
    Node.objects.create(
        cluster=environment.cluster,
        uid=uid,
        name="node",
        labels=labels,
        capacity=Resources({"cpu": 4}),
        created_at=created,
        resource_version=1,
    )
    (read,) = read_rows(Node, "SELECT {columns} FROM clusters_node WHERE uid = %s", [uid])
    row = Node.objects.get(uid=uid)
    for field in Node._meta.concrete_fields:
        assert getattr(read, field.attname) == getattr(row, field.attname), field.name
    assert type(read.capacity) is Resources
    read.name = "renamed"
    read.save()
    assert Node.objects.get().name == "renamed"
    assert read_rows(Workload, "SELECT {columns} FROM clusters_workload", []) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ('{"a": [1, 2.5, null, "ü"]}', {"a": [1, 2.5, None, "ü"]}),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e400", float("inf")),
        (None, None),
    ],
)
def test_json_is_read_as_django_reads_it(text, value):
    assert JSONField().from_db_value(text, None, connection) == value


@prepared
def locked_project(name: str) -> QuerySet[Project]:
    return Project.objects.filter(name=name).select_for_update()


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_taken_in_a_transaction_or_not_at_all():
    factories.make_project("fraud")
    for _ in range(2):
        with transaction.atomic():
            assert [project.name for project in locked_project("fraud")] == ["fraud"]
        with pytest.raises(TransactionManagementError):
            locked_project("fraud")
