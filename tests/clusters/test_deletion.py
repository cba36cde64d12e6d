"""What is deleted just while somebody else writes what belongs to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from clusters import mirror
from clusters.mirror import ALL_MIRRORED, Batch, Synced
from clusters.models import Cluster
from core.lease import LeaseLost
from projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def delete_while(
    write: Callable[[], object], path: str, model: type[Cluster | Project], *, seconds: float
) -> Any:
    """Delete, and write before the last row goes; return the answer and what became of writing.

    Writing may have to wait for the deletion, which therefore goes on after so many seconds.
    """
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))

    def write_and_close() -> None:
        try:
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        writing = []

        def before(execute: Any, sql: str, *arguments: Any) -> Any:
            if sql.startswith(f'DELETE FROM "{model._meta.db_table}"'):
                writing.append(elsewhere.submit(write_and_close))
                wait(writing, timeout=seconds)
            return execute(sql, *arguments)

        with connection.execute_wrapper(before):
            answer = admin.delete(path)
    return answer, writing[0].exception()


def test_a_cluster_goes_while_its_mirror_is_written():
    cluster = factories.make_cluster()

    def hear() -> None:
        mirror.write(cluster, Batch.of([Synced(ALL_MIRRORED[0], "7", timezone.now())]))

    path = f"/api/v1/clusters/{cluster.name}"
    answer, failure = delete_while(hear, path, Cluster, seconds=1)
    assert answer.status_code == 204, answer.content
    assert isinstance(failure, LeaseLost)
    assert not Cluster.objects.filter(pk=cluster.pk).exists()


def test_a_project_that_goes_takes_no_environment_meanwhile():
    project = factories.make_project()
    path = f"/api/v1/projects/{project.name}"
    answer, failure = delete_while(
        lambda: factories.make_environment(project), path, Project, seconds=1
    )
    assert answer.status_code == 204, answer.content
    assert isinstance(failure, IntegrityError)
    assert not Project.objects.filter(pk=project.pk).exists()


def test_what_is_gone_before_it_can_be_locked_is_not_found():
    cluster = factories.make_cluster()
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))

    def before(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.endswith("FOR UPDATE"):
            Cluster.objects.all().delete()
        return execute(sql, *arguments)

    with connection.execute_wrapper(before):
        answer = admin.delete(f"/api/v1/clusters/{cluster.name}")
    assert answer.status_code == 404
