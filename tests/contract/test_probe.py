"""What a probe finds of a real cluster: what we may do there, and whether it is known already."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import orjson
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from clusters.client import ClusterClient
from clusters.credentials import encrypt_access
from clusters.informer import ClusterMirror
from clusters.kinds import NAMESPACE
from clusters.kubeconfig import ClusterAccess, parse_kubeconfig
from clusters.mirror import ALL_MIRRORED
from clusters.models import Cluster, Node, Pod
from clusters.permissions import cluster_role, needed, rule_resource
from clusters.probe import probe
from core.messages import quoted
from core.stream import STREAM, connection
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from tests import factories
from tests.contract.played_api import played

pytestmark = pytest.mark.django_db(transaction=True)
RBAC = "/apis/rbac.authorization.k8s.io/v1"
# Who asks at all may ask for the version and for what he may do.
VERSION_ONLY: list[dict[str, Any]] = []


class Account:
    """A ServiceAccount whose rights tests give and take."""

    def __init__(self, client: ClusterClient) -> None:
        self.client = client
        self.name = f"probe-{uuid4().hex[:8]}"
        self.post("/api/v1/namespaces", {"metadata": {"name": self.name}})
        accounts = f"/api/v1/namespaces/{self.name}/serviceaccounts"
        self.post(accounts, {"metadata": {"name": "a"}})
        spec = {"audiences": ["https://kubernetes.default.svc"], "expirationSeconds": 3600}
        said = self.post(f"{accounts}/a/token", {"spec": spec})
        self.token: str = said["status"]["token"]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return orjson.loads(self.client.request("POST", path, body=orjson.dumps(body)))

    def may(self, rules: list[dict[str, Any]], *, namespace: str = "") -> None:
        """Give rights, in one namespace or in all."""
        kind = "Role" if namespace else "ClusterRole"
        place = f"{RBAC}/namespaces/{namespace}" if namespace else RBAC
        prefix = place + ("/role" if namespace else "/clusterrole")
        metadata = {"name": self.name}
        subject = {"kind": "ServiceAccount", "name": "a", "namespace": self.name}
        reference = {"apiGroup": RBAC.split("/")[2], "kind": kind, "name": self.name}
        self.post(f"{prefix}s", {"metadata": metadata, "rules": rules})
        binding = {"metadata": metadata, "roleRef": reference, "subjects": [subject]}
        self.post(f"{prefix}bindings", binding)

    def may_no_more(self) -> None:
        for name in ("clusterrolebindings", "clusterroles"):
            self.client.request_or_none("DELETE", f"{RBAC}/{name}/{self.name}")


@pytest.fixture
def account(client: ClusterClient) -> Iterator[Account]:
    account = Account(client)
    yield account
    account.may_no_more()
    client.delete(NAMESPACE, None, account.name)


def everything_needed() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = cluster_role()["rules"]
    return rules


def registered(control_plane: ControlPlane, name: str, **access: str) -> Cluster:
    known = parse_kubeconfig(control_plane.kubeconfig.read_text())
    mine = msgspec.structs.replace(known, **access)
    return Cluster.objects.create(
        name=name, server=mine.server, credentials=encrypt_access(mine, cluster=name)
    )


def probed(cluster: Cluster) -> dict[str, Any]:
    """Probe a cluster; return its status as people see it."""
    probe(cluster.pk)
    client: APIClient = factories.signed_in(factories.make_user())
    answer: Any = client.get(f"/api/v1/clusters/{cluster.name}")
    assert answer.status_code == 200
    status: dict[str, Any] = answer.json()["status"]
    return status


def missing(status: dict[str, Any]) -> set[str]:
    return {f"{one['verb']} {one['resource']}" for one in status["missing_permissions"]}


EVERY = {f"{verb} {rule_resource(kind, subresource)}" for verb, kind, subresource in needed()}


def test_the_admin_of_a_cluster_misses_nothing(control_plane):
    status = probed(registered(control_plane, "c"))
    assert (status["reachable"], status["missing_permissions"]) == (True, [])
    assert (status["reason"], status["stale"]) == ("NotMirrored", True)


def test_a_probe_that_finds_what_was_known_announces_nothing(control_plane):
    cluster, redis = registered(control_plane, "c"), connection()
    redis.delete(STREAM)
    probe(cluster.pk)
    assert redis.xlen(STREAM) == 1
    probe(cluster.pk)
    assert redis.xlen(STREAM) == 1


def test_credentials_that_may_do_nothing_are_reachable_and_say_what_they_lack(
    control_plane, account
):
    status = probed(registered(control_plane, "c", token=account.token))
    assert (status["reachable"], status["reason"]) == (True, "ClusterForbidden")
    assert missing(status) == EVERY
    assert "list nodes, watch nodes" in status["message"]


def test_what_is_needed_is_enough(control_plane, account):
    account.may(everything_needed())
    cluster = registered(control_plane, "c", token=account.token)
    assert probed(cluster)["missing_permissions"] == []
    mirror = ClusterMirror(cluster)
    mirror.start()
    assert wait_until(lambda: Node.objects.exists() or None, timeout_seconds=10)
    mirror.end()


def test_rights_that_are_lost_and_given_back_are_named_and_no_longer(control_plane, account):
    account.may(everything_needed())
    cluster = registered(control_plane, "c", token=account.token)
    assert probed(cluster)["reason"] == "NotMirrored"
    account.may_no_more()
    cluster.cursors.create(
        kind="Pod", reason="ClusterForbidden", message=quoted("pods is forbidden")
    )
    status = wait_for(cluster, lambda status: status["reason"] == "ClusterForbidden")
    assert "list pods" in missing(status)
    account.may(everything_needed())
    assert wait_for(cluster, lambda status: status["missing_permissions"] == [])


def wait_for(cluster: Cluster, is_so: Any) -> Any:
    """Probe until something is so; the API server takes a moment to hear of new rights."""

    def look() -> Any:
        status = probed(cluster)
        return status if is_so(status) else None

    found = wait_until(look, timeout_seconds=10)
    assert found, probed(cluster)
    return found


def test_to_list_and_not_to_watch_is_not_enough(control_plane, account):
    rules = everything_needed()
    account.may([{**r, "verbs": [v for v in r["verbs"] if v != "watch"]} for r in rules])
    status = probed(registered(control_plane, "c", token=account.token))
    assert missing(status) == {f"watch {what.kind.plural}" for what in ALL_MIRRORED}


def test_one_namespace_is_not_all(control_plane, account):
    account.may(everything_needed(), namespace=account.name)
    status = probed(registered(control_plane, "c", token=account.token))
    assert missing(status) == EVERY


def test_a_reader_that_is_refused_says_so_where_people_see_it(control_plane, account):
    rules = [r for r in everything_needed() if r["resources"] != ["nodes"]]
    account.may(rules)
    cluster = registered(control_plane, "c", token=account.token)
    mirror = ClusterMirror(cluster)
    mirror.start()

    def refused() -> Any:
        kinds = {kind["kind"]: kind for kind in probed(cluster)["mirror"]}
        return kinds if kinds["Node"]["message"] and kinds["Pod"]["heard_at"] else None

    kinds = wait_until(refused, timeout_seconds=10)
    mirror.end()
    assert kinds, probed(cluster)
    assert (kinds["Node"]["reason"], kinds["Node"]["heard_at"]) == ("ClusterForbidden", None)
    assert kinds["Node"]["message"] == "The API server answered 403."
    node = cluster.cursors.get(kind="Node")
    assert "cannot list resource" in str(node.message).replace('"', "")
    assert kinds["Pod"]["listed_at"] is not None
    status = probed(cluster)
    assert (status["stale"], status["reason"]) == (True, "ClusterForbidden")
    assert missing(status) == {"list nodes", "watch nodes"}


def test_a_token_that_has_expired_is_refused_and_says_so(control_plane):
    cluster = registered(control_plane, "c", token="expired")
    status = probed(cluster)
    assert (status["reachable"], status["reason"]) == (False, "ClusterForbidden")
    assert status["message"] == "The API server answered 401."
    cluster.refresh_from_db()
    assert str(cluster.message) == "The API server answered 401.\nUnauthorized"
    assert status["missing_permissions"] is None, "nobody said what it may"


def test_the_same_cluster_under_two_names_is_known_by_the_first(control_plane, proxy):
    first = registered(control_plane, "first")
    second = registered(control_plane, "second", server=f"https://127.0.0.1:{proxy.port}")
    probed(first)
    factories.make_pod(factories.make_service(factories.make_environment(cluster=second)))
    second.cursors.create(kind="Pod", heard_at=timezone.now())
    status = probed(second)
    assert (status["reason"], status["duplicate_of"]) == ("DuplicateCluster", "first")
    assert "the same cluster as first" in status["message"]
    assert not Pod.objects.filter(cluster=second).exists(), "no pod is listed twice"
    assert probed(first)["reason"] == "NotMirrored"
    assert probed(second)["duplicate_of"] == "first", "and it stays so"

    first.delete()
    assert probed(second)["duplicate_of"] is None


def test_of_two_that_come_at_once_the_earlier_is_the_first(control_plane):
    first, second = registered(control_plane, "first"), registered(control_plane, "second")
    uid = probed_uid(first)
    Cluster.objects.update(uid=uid, duplicate_of=None)
    assert probed(first)["duplicate_of"] is None
    assert probed(second)["duplicate_of"] == "first"


def probed_uid(cluster: Cluster) -> str:
    probe(cluster.pk)
    cluster.refresh_from_db()
    assert cluster.uid
    return cluster.uid


def test_whose_address_comes_to_lead_to_a_known_cluster_is_the_later(control_plane):
    moved, settled = registered(control_plane, "moved"), registered(control_plane, "settled")
    Cluster.objects.filter(pk=moved.pk).update(uid="another")
    probed_uid(settled)
    status = probed(moved)
    assert (status["reason"], status["duplicate_of"]) == ("DuplicateCluster", "settled")


def test_a_cluster_that_has_become_another_is_named_and_its_rows_are_forgotten(control_plane):
    cluster = registered(control_plane, "c")
    Cluster.objects.filter(pk=cluster.pk).update(uid="before", mirrored_at=timezone.now())
    factories.make_pod(factories.make_service(factories.make_environment(cluster=cluster)))
    cluster.cursors.create(kind="Pod", resource_version="7", heard_at=timezone.now())
    status = probed(cluster)
    assert (status["mirrored_at"], status["reason"]) == (None, "NotMirrored")
    assert not Pod.objects.exists()
    assert not cluster.cursors.exists()
    Cluster.objects.update(mirrored_at=timezone.now())
    status = probed(cluster)
    assert status["reason"] == "ClusterChanged"


def test_an_environment_on_a_cluster_that_is_known_twice_is_refused(control_plane):
    first, second = registered(control_plane, "first"), registered(control_plane, "second")
    probed(first), probed(second)
    project = factories.make_project()
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    wish = {"name": "production", "cluster": "second", "quota": {"limits": {"cpu": "1"}}}
    path = f"/api/v1/projects/{project.name}/environments"
    answer: Any = admin.post(path, wish, format="json")
    assert (answer.status_code, answer.json()["reason"]) == (409, "DuplicateCluster")
    assert "the same cluster as first" in answer.json()["detail"]
    assert admin.post(path, {**wish, "cluster": "first"}, format="json").status_code == 201


@pytest.mark.parametrize(
    "spelling",
    ["https://127.0.0.1:{port}", "https://127.0.0.1:{port}/", "HTTPS://127.0.0.1:{port}"],
)
def test_an_address_that_is_registered_is_refused_at_once(control_plane, spelling):
    admin = factories.signed_in(factories.make_user(is_platform_admin=True))
    document = orjson.loads(control_plane.kubeconfig.read_bytes())
    first = admin.post("/api/v1/clusters", body("first", document), format="json")
    assert first.status_code == 201
    port = control_plane.ports.take_once("apiserver")
    document["clusters"][0]["cluster"]["server"] = spelling.format(port=port)
    again: Any = admin.post("/api/v1/clusters", body("second", document), format="json")
    assert (again.status_code, again.json()["reason"]) == (409, "DuplicateCluster")
    assert again.json()["detail"] == "This cluster is registered as first."
    same: Any = admin.patch(
        "/api/v1/clusters/first", {"kubeconfig": orjson.dumps(document).decode()}, format="json"
    )
    assert same.status_code == 200, "new credentials of the same cluster are welcome"


def body(name: str, document: Any) -> dict[str, str]:
    return {"name": name, "kubeconfig": orjson.dumps(document).decode()}


def at(port: int, name: str = "c") -> Cluster:
    access = ClusterAccess(server=f"http://127.0.0.1:{port}", token="t")
    return Cluster.objects.create(
        name=name, server=access.server, credentials=encrypt_access(access, cluster=name)
    )


def test_an_old_version_is_named():
    def answer(path: str, _: dict[str, str]) -> tuple[int, list[Any]]:
        if path == "/version":
            return 200, [{"gitVersion": "v1.29.14-eks-1a2b"}]
        if path.endswith("kube-system"):
            return 200, [{"metadata": {"uid": "u"}}]
        return 201, [{"status": {"allowed": True}}]

    with played(answer) as api:
        status = probed(at(api.port))
    assert (status["reachable"], status["reason"]) == (True, "VersionUnsupported")
    assert status["message"] == (
        "Kubernetes v1.29.14-eks-1a2b is not supported; the lowest supported version is 1.30."
    )


@pytest.mark.parametrize("said", [b"<html>", [], {}, {"gitVersion": 5}])
def test_what_is_no_api_server_is_named(said):
    with played(lambda *_: (200, [said])) as api:
        status = probed(at(api.port))
    assert (status["reachable"], status["reason"]) == (False, "ClusterRefused")
    assert "unexpected response" in status["message"]


def test_a_server_that_does_not_say_what_we_may_leaves_it_unknown():
    def answer(path: str, _: dict[str, str]) -> tuple[int, list[Any]]:
        if path == "/version":
            return 200, [{"gitVersion": "v1.36.3"}]
        return 403, [{"message": "forbidden"}]

    with played(answer) as api:
        status = probed(at(api.port))
    assert (status["reachable"], status["missing_permissions"]) == (True, None)
    assert status["reason"] == "NotMirrored"
