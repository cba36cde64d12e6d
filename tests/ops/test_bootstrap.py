"""`manage.py bootstrap`: tables, the first admin and the first cluster, as often as it is run."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts import tokens
from accounts.models import ApiToken, User
from audit.models import AuditEvent
from clusters.credentials import decrypt_access
from clusters.models import Cluster
from core.errors import Invalid
from tests.api.matrix import KUBECONFIG

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
WISH = {
    "username": "admin",
    "password": PASSWORD,
    "cluster": "embedded",
    "kubeconfig": KUBECONFIG,
    "prometheus_url": "http://127.0.0.1:9090",
}


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(**changes: Any) -> str:
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({**WISH, **changes})))
        call_command("bootstrap", stdout=out)
        return str(json.loads(out.getvalue())["token"])

    return run


def test_it_makes_the_admin_the_cluster_and_a_token(bootstrap: Any) -> None:
    token = tokens.find(bootstrap())
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert admin.check_password(PASSWORD)
    assert token is not None
    assert token.user == admin
    cluster = Cluster.objects.get(name="embedded")
    access = decrypt_access(bytes(cluster.credentials), cluster="embedded")
    assert (access.server, access.token) == ("https://127.0.0.1:1", "kubeconfig-canary")
    assert cluster.prometheus_url == "http://127.0.0.1:9090"
    assert AuditEvent.objects.get(action="cluster.register").actor == "admin"


@pytest.mark.django_db(transaction=True)
def test_it_brings_the_tables_up_to_date(bootstrap: Any) -> None:
    call_command("migrate", "usage", "0004", verbosity=0)
    try:
        bootstrap()
        executor = MigrationExecutor(connection)
        assert not executor.migration_plan(executor.loader.graph.leaf_nodes())
    finally:
        call_command("migrate", verbosity=0)


def test_a_second_run_makes_nothing_twice_and_a_fresh_token(bootstrap: Any) -> None:
    first, second = bootstrap(), bootstrap()
    assert (User.objects.count(), Cluster.objects.count(), ApiToken.objects.count()) == (1, 1, 1)
    assert tokens.find(first) is None
    assert tokens.find(second) is not None


def test_a_second_run_brings_the_cluster_up_to_date(bootstrap: Any) -> None:
    bootstrap()
    bootstrap(kubeconfig=KUBECONFIG.replace("127.0.0.1:1", "127.0.0.1:2"))
    assert Cluster.objects.get().server == "https://127.0.0.1:2"


def test_without_a_password_the_admin_keeps_the_one_they_have(bootstrap: Any) -> None:
    bootstrap()
    bootstrap(password=None)
    assert User.objects.get().check_password(PASSWORD)


def test_an_account_of_that_name_becomes_the_platform_admin(bootstrap: Any) -> None:
    User.objects.create_user("admin")
    bootstrap()
    assert User.objects.get(username="admin").is_superuser


def test_without_a_kubeconfig_there_is_no_cluster(bootstrap: Any) -> None:
    bootstrap(kubeconfig="")
    assert not Cluster.objects.exists()


def test_a_kubeconfig_that_would_run_something_is_refused(bootstrap: Any) -> None:
    with pytest.raises(Invalid, match="exec"):
        bootstrap(kubeconfig=KUBECONFIG.replace("token: kubeconfig-canary", "exec: {command: sh}"))
    assert not Cluster.objects.exists()
