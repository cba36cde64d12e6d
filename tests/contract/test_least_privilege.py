"""Slipway does all its work with the rights that are written down, and uses every one of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
import yaml
from django.utils import timezone

from accounts.actor import SYSTEM
from clusters import client as boundary
from clusters import informer
from clusters.client import ClusterClient
from clusters.credentials import encrypt_access
from clusters.following import LogReader
from clusters.informer import ClusterMirror
from clusters.kinds import KNOWN
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster
from clusters.permissions import cluster_role, needed, rule_resource
from clusters.probe import probe
from core.waiting import wait_until
from embedded.controlplane import ControlPlane
from projects import actions
from projects.models import Environment
from projects.reconcile import reconcile_environment
from serving.models import ModelService
from serving.secrets.reconcile import remove_released
from tests import factories
from tests.contract.caller import Caller
from tests.contract.kubectl import Kubectl
from tests.contract.test_truth import deploy, deployed, healthy, soon

pytestmark = pytest.mark.django_db(transaction=True)
DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: theirs}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: scorer}
  minReplicas: 2
  maxReplicas: 2
"""
PLURALS = {kind.plural: kind for kind in KNOWN.values()}
EVERY = {f"{verb} {rule_resource(kind, subresource)}" for verb, kind, subresource in needed()}


def test_the_role_is_written_down_as_it_is() -> None:
    assert yaml.safe_load((DEPLOY / "clusterrole.yaml").read_text()) == cluster_role()


@pytest.fixture
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    """A cluster in which we have the account that is written down."""
    kubectl = Kubectl(control_plane, "slipway")
    for name in ("clusterrole.yaml", "account.yaml"):
        kubectl("apply", "-f", str(DEPLOY / name))
    template = "{{with .data.token}}{{base64decode .}}{{end}}"
    secret = ("get", "secret", "slipway", "-o", f"go-template={template}")
    token = wait_until(lambda: kubectl(*secret) or None, timeout_seconds=10)
    assert token
    known = parse_kubeconfig(control_plane.kubeconfig.read_text())
    access = msgspec.structs.replace(known, token=token, client_certificate="", client_key="")
    yield Cluster.objects.create(
        name="c", server=access.server, credentials=encrypt_access(access, cluster="c")
    )
    for name in ("account.yaml", "clusterrole.yaml"):
        kubectl("delete", "--wait=false", "--ignore-not-found", "-f", str(DEPLOY / name))


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Note what is asked of clusters, as rules name it."""
    found: set[str] = set()
    open_answer, stream = boundary.open_answer, ClusterClient.stream

    def opened(client: Any, method: str, url: str, *rest: Any) -> Any:
        answer = open_answer(client, method, url, *rest)
        found.update(verbs_of(method, urlsplit(url).path, is_new=answer.status == 201))
        return answer

    def streamed(client: ClusterClient, path: str, **options: Any) -> Any:
        found.update(verbs_of("WATCH" if "watch" in options["query"] else "GET", path))
        return stream(client, path, **options)

    open_log = LogReader.opened

    async def opened_log(reader: LogReader, request: httpx.Request, pod: str) -> httpx.Response:
        found.update(verbs_of(request.method, request.url.path))
        return await open_log(reader, request, pod)

    monkeypatch.setattr(LogReader, "opened", opened_log)
    monkeypatch.setattr(boundary, "open_answer", opened)
    monkeypatch.setattr(ClusterClient, "stream", streamed)
    return found


def verbs_of(method: str, path: str, *, is_new: bool = False) -> set[str]:
    """Return the rules that a request needs."""
    parts = path.strip("/").split("/")[2 if path.startswith("/api/") else 3 :]
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        parts = parts[2:]
    if not parts or parts[0] not in PLURALS:
        return set()
    plural, name, subresource = (*parts, "", "")[:3]
    named = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "WATCH": "watch"}
    verb = named.get(method)
    verb = verb or ("get" if name else "list")
    resource = f"{plural}/{subresource}".rstrip("/")
    return {f"{verb} {resource}", *({f"create {resource}"} if is_new else ())}


def test_everything_can_be_done_with_the_rights_that_are_written_down(
    monkeypatch: pytest.MonkeyPatch,
    used: set[str],
    cluster: Cluster,
    environment: Environment,
    mirrors: Any,
    caller: Caller,
    service: ModelService,
    kubectl: Kubectl,
) -> None:
    # Silence is asked about after a moment, by a list.
    monkeypatch.setattr(informer, "WATCH_SECONDS", 1)
    probe(cluster.pk)
    cluster.refresh_from_db()
    assert (cluster.is_reachable, cluster.missing_permissions) == (True, [])
    mirror: ClusterMirror = mirrors(cluster)
    factories.make_secret(environment, "database", password="x")
    deployed(caller, secrets=[{"secret": "database", "path": "/etc/database"}])
    soon(caller, healthy)
    kubectl("apply", "-f", "-", stdin=AUTOSCALER)
    kubectl("set", "env", "deploy/scorer", "MEDDLED=1")
    soon(caller, lambda shown: len(shown["drift"]) > 1)
    assert caller.end(caller.post(f"{caller.service}/restore", {}))["phase"] == "Succeeded"
    soon(caller, healthy)
    rollout = deploy(caller, "2")
    caller.work(rollout)
    caller.post(f"/api/v1/rollouts/{rollout['id']}/pause", {}, 200)
    caller.work(rollout)
    caller.post(f"/api/v1/rollouts/{rollout['id']}/abort", {}, 200)
    assert caller.end(rollout)["phase"] == "Aborted"
    soon(caller, healthy)
    [pod, *_] = caller.get(f"{caller.service}/pods")["results"]
    caller.http.get(f"{caller.service}/logs", {"pod": pod["name"]})
    for orphaning in (["deploy"], ["deploy", "rs"]):
        for owner in orphaning:
            kubectl("delete", owner, "--all", "--cascade=orphan")
        soon(caller, lambda shown: not healthy(shown))
        gone = caller.end(caller.post(f"{caller.service}/decommission", {}))
        assert gone["phase"] == "Succeeded"
        assert not kubectl("get", "rs,pods", "-o", "name")
        deployed(caller)
    assert caller.end(caller.post(f"{caller.service}/decommission", {}))["phase"] == "Succeeded"
    remove_released(environment.pk)
    assert not kubectl("get", "secrets", "-o", "name")
    actions.delete_environment(environment=environment, by=SYSTEM)
    assert wait_until(lambda: is_gone(environment), timeout_seconds=20)
    mirror.end()
    assert used == EVERY


def is_gone(environment: Environment) -> bool | None:
    """Work once; return whether the environment's row is gone, or None."""
    Environment.objects.filter(pk=environment.pk).update(next_run_at=timezone.now())
    reconcile_environment(environment.pk)
    return not Environment.objects.filter(pk=environment.pk).exists() or None
