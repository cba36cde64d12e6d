"""Every accepted rollout finishes, no step is done twice, and the quota is exact.

Worker, informer, web and Redis are killed in turn while rollouts run; callers repeat what was
not answered, with the same Idempotency-Key.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import orjson
import psycopg
import pytest
from psycopg.rows import dict_row

from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT
from clusters.kubeconfig import parse_kubeconfig
from core.resources import PODS, Resources, of_one_pod
from core.waiting import wait_until
from embedded.demo import Demo
from serving.rules.lifecycle import EDGES, Phase
from tests.crash.nemesis import Nemesis
from tests.e2e.api import Api, image

ENVIRONMENT = "projects/crash/environments/production"
SERVICES = [f"service-{number}" for number in range(5)]
# Each changes the Deployment's spec exactly once.
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("rollouts", {"version": "1"}),
    ("scale", {"replicas": 2}),
    ("rollouts", {"version": "2"}),
    ("restart", {}),
]
KILLED = ("worker", "redis", "informer", "web")
# After a worker is killed: its lease ends (10 s), the sweeper finds the rollout (5 s), and the
# next worker starts meanwhile, which takes a busy machine longest.
LONGEST_DELAY_SECONDS = 40


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A project with services that have run nothing yet."""
    api = Api(stack)
    api.post("projects", {"name": "crash"})
    quota = {"limits": {"cpu": "16", "memory": "64Gi"}}
    wish = {"name": "production", "cluster": "embedded", "quota": quota}
    api.post("projects/crash/environments", wish)
    api.post("projects/crash/models", {"name": "scorer"})
    for version in ("1", "2"):
        content = {"version": version, "image": image("scorer", version)}
        api.post("projects/crash/models/scorer/versions", content)
    for name in SERVICES:
        add_service(api, name)
    return api


def add_service(api: Api, name: str) -> None:
    """Make a service that has run nothing yet."""
    resources = {"requests": {"cpu": "250m", "memory": "256Mi"}}
    service = {"name": name, "model": "scorer", "resources": resources}
    api.post(f"{ENVIRONMENT}/services", service)


def persistently(call: Any, *, seconds: float = 60) -> Any:
    """Repeat a call until it is answered; an answer of ours is never an error of ours."""

    def answer() -> httpx.Response | None:
        try:
            response: httpx.Response = call()
        except httpx.TransportError:
            return None
        return response if response.status_code < 500 else None

    response = wait_until(answer, timeout_seconds=seconds)
    assert response is not None, "never answered"
    assert response.is_success, response.text
    return response.json()


def row_of(stack: Demo, rollout: dict[str, Any]) -> dict[str, Any]:
    """Return what the database says of a rollout: where it stands, and what it waits for."""
    query = """
        SELECT phase, reason, message, attempts, epoch, lease_until - now() AS lease_left,
               next_run_at - now() AS next_run_in, now() - updated_at AS untouched_for
        FROM serving_rollout WHERE id = %s
    """
    with psycopg.connect(stack.database_url, row_factory=dict_row) as connection:
        return connection.execute(query, [rollout["id"]]).fetchone() or {}


def run_steps(api: Api, stack: Demo, name: str) -> list[dict[str, Any]]:
    """Take one service through all steps; return its rollouts as they ended."""
    ended = []
    for path, body in STEPS:
        key = {"Idempotency-Key": str(uuid4())}
        url = f"{ENVIRONMENT}/services/{name}/{path}"
        rollout = persistently(lambda: api.http.post(url, json=body, headers=key))  # noqa: B023

        def finished() -> dict[str, Any] | None:
            url = f"rollouts/{rollout['id']}"  # noqa: B023
            seen = persistently(lambda: api.http.get(url, params={"wait": "5s"}))
            return seen if seen["finished"] else None

        end = wait_until(finished, timeout_seconds=90)
        assert end is not None, f"{name} {path} was lost: {row_of(stack, rollout)}"
        ended.append(end)
    return ended


def test_rollouts_survive_whatever_is_killed(api: Api, stack: Demo) -> None:
    """Up to two kinds are dead at a time; see `Nemesis` for what it leaves alive."""
    with Nemesis(stack, KILLED, every_seconds=4) as nemesis, ThreadPoolExecutor(5) as pool:
        histories = list(pool.map(lambda name: run_steps(api, stack, name), SERVICES))
    assert set(nemesis.killed) == set(KILLED), "not everything was killed in time"
    wait_until(lambda: stack.web_is_ready() or None, timeout_seconds=30)

    for history in histories:
        assert [rollout["phase"] for rollout in history] == ["Succeeded"] * len(STEPS)
        for rollout in history:
            phases = [Phase(entry["phase"]) for entry in rollout["timeline"]]
            assert all(b in EDGES[a] for a, b in pairwise(phases) if a is not b)
    client = ClusterClient(parse_kubeconfig(stack.kubeconfig.read_text()))
    for name in SERVICES:
        body = client.get(DEPLOYMENT, "crash-production", name)
        assert body is not None
        deployment = orjson.loads(body)
        # The generation counts changes of the spec: one for each step, whoever was killed.
        assert deployment["metadata"]["generation"] == len(STEPS), name
        assert deployment["spec"]["replicas"] == 2
    services = persistently(lambda: api.http.get(f"{ENVIRONMENT}/services"))["results"]
    pods = sum(service["desired_replicas"] for service in services)
    wanted = of_one_pod(Resources.parse({"cpu": "250m", "memory": "256Mi"})) * pods

    def is_settled() -> bool | None:
        """Room is given back when the mirror has seen the last old pod go."""
        reserved = persistently(lambda: api.http.get(ENVIRONMENT))["reserved"]
        return Resources.parse(reserved, also=(PODS,)) == wanted or None

    assert wait_until(is_settled, timeout_seconds=60), api.get(ENVIRONMENT)["reserved"]


def test_a_worker_killed_in_the_middle_of_a_pass_holds_its_rollout_up_for_seconds(
    api: Api, stack: Demo
) -> None:
    add_service(api, "held")
    rollout = api.post(f"{ENVIRONMENT}/services/held/rollouts", {"version": "1"}, expect=202)
    assert api.wait(rollout)["phase"] == "Succeeded"
    nemesis = Nemesis(stack, ("worker",), every_seconds=0)
    # A pass cannot end while the API server does not answer.
    with nemesis.holding_still("apiserver"):
        rollout = api.post(f"{ENVIRONMENT}/services/held/restart", expect=202)
        in_a_pass = wait_until(
            lambda: row_of(stack, rollout)["lease_left"], timeout_seconds=LONGEST_DELAY_SECONDS
        )
        assert in_a_pass, "no worker took it"
        nemesis.kill("worker")
    ended = api.wait(rollout, seconds=LONGEST_DELAY_SECONDS)
    assert ended["phase"] == "Succeeded", row_of(stack, rollout)


def test_a_rollout_is_accepted_while_redis_is_away_and_found_by_the_sweeper(
    api: Api, stack: Demo
) -> None:
    add_service(api, "alone")
    stack.supervisor.control.stopProcess("slipway:redis")
    try:
        path = f"{ENVIRONMENT}/services/alone/rollouts"
        accepted = api.http.post(path, json={"version": "1"}, timeout=10)
        assert accepted.status_code == 202, accepted.text
    finally:
        stack.supervisor.control.startProcess("slipway:redis")
    ended = api.wait(accepted.json())
    assert ended["phase"] == "Succeeded", ended
