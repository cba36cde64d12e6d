"""A run of the rig: load, one fault after the other, rest; then the witnesses' word is kept."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import orjson
import psycopg
from psycopg.rows import dict_row

from clusters.client import ClusterClient
from clusters.kinds import DEPLOYMENT, POD, SERVICE
from clusters.labels import SERVICE_ID
from core.resources import Resources, of_one_pod
from core.waiting import wait_until
from tests.faults.evidence import ENDING, Ending, Fault, Ledger
from tests.faults.faults import FAULTS
from tests.faults.journal import Journal, now
from tests.faults.load import Load
from tests.faults.rig import Rig

LEAST_CALM_SECONDS, MOST_CALM_SECONDS = 3.0, 6.0
LOOK_SECONDS = 1.0
REST_SECONDS = 240.0


def run(rig: Rig, names: Sequence[str], *, seconds: float, seed: int) -> None:
    """Inject the faults while owners change their services; leave the evidence in the home.

    Every fault comes once, and in further rounds until the time is up.
    """
    journal = Journal(rig.home.folder)
    load = Load(rig, journal, seed=seed)
    over = threading.Event()
    onlooker = threading.Thread(target=look_on, args=(rig, load, journal, over), daemon=True)
    onlooker.start()
    load.start()
    plan = random.Random(seed)
    try:
        for name in order(names, seconds=seconds, plan=plan):
            over.wait(plan.uniform(LEAST_CALM_SECONDS, MOST_CALM_SECONDS))
            journal.write(inject(rig, name))
        over.wait(LEAST_CALM_SECONDS)
    finally:
        load.end()
        wait_until(lambda: at_rest(rig), timeout_seconds=REST_SECONDS, interval_seconds=1)
        over.set()
        onlooker.join()
        (rig.home.folder / ENDING).write_bytes(msgspec.json.encode(ending(rig)))
    if load.failures:
        raise load.failures[0]


def order(names: Sequence[str], *, seconds: float, plan: random.Random) -> Iterator[str]:
    """Yield the faults in an order of the plan's, again until the time is up."""
    ends_at = now().timestamp() + seconds
    while True:
        yield from plan.sample(names, len(names))
        if now().timestamp() >= ends_at:
            return


def inject(rig: Rig, name: str) -> Fault:
    """Do something to the parts, wait until it is over and everything is there again.

    What is joined by `+` happens together.
    """
    faults, began_at = [FAULTS[one] for one in name.split("+")], now()
    print(f"  {began_at:%H:%M:%S} {name}", flush=True)  # noqa: T201
    for fault in faults:
        fault.begin(rig)
    try:
        threading.Event().wait(max(fault.lasts_seconds for fault in faults))
    finally:
        for fault in faults:
            fault.end(rig)
    healed_at = now()
    rig.wait_until_up()
    return Fault(name=name, began_at=began_at, healed_at=healed_at)


def look_on(rig: Rig, load: Load, journal: Journal, over: threading.Event) -> None:
    """Write down what the pages and the quota's rows say, until it is over."""
    while not over.wait(LOOK_SECONDS):
        load.look()
        with suppress(psycopg.Error):
            journal.write(ledger(rig))


def rows(rig: Rig, query: str) -> list[dict[str, Any]]:
    """Read rows past all of Slipway."""
    with rig.connect() as connection:
        return connection.cursor(row_factory=dict_row).execute(query).fetchall()


def ledger(rig: Rig) -> Ledger:
    """Read the quota's rows as they are at one moment."""
    [seen] = rows(
        rig,
        """
        SELECT now() AS at,
          (SELECT jsonb_object_agg(e.namespace, q.limits) FROM projects_quota q
             JOIN projects_environment e ON e.id = q.environment_id) AS limits,
          (SELECT jsonb_object_agg(e.namespace, q.reserved) FROM projects_quota q
             JOIN projects_environment e ON e.id = q.environment_id) AS reserved,
          (SELECT jsonb_object_agg(service_id, resources) FROM projects_reservation) AS promised,
          (SELECT array_agg(id::text) FROM serving_rollout
             WHERE lease_until < now() AND finished_at IS NULL) AS expired
        """,
    )
    return Ledger(
        at=seen["at"],
        until=now(),
        limits=seen["limits"] or {},
        reserved=seen["reserved"] or {},
        promised=seen["promised"] or {},
        expired=seen["expired"] or [],
    )


def at_rest(rig: Rig) -> bool | None:
    """Return whether nothing is under way any more, and everything shown is settled."""
    with suppress(psycopg.Error):
        unfinished = rows(rig, "SELECT 1 FROM serving_rollout WHERE finished_at IS NULL LIMIT 1")
        unsettled = rows(
            rig,
            """
            SELECT 1 FROM serving_modelservice s
            LEFT JOIN LATERAL (SELECT phase, rolled_back FROM serving_rollout
              WHERE service_id = s.id ORDER BY created_at DESC LIMIT 1) r ON true
            WHERE (r.phase = 'Succeeded' OR r.rolled_back)
              AND s.health <> CASE WHEN s.desired_replicas > 0 THEN 'Healthy' ELSE 'Stopped' END
            LIMIT 1
            """,
        )
        return (not unfinished and not unsettled) or None
    return None


def ending(rig: Rig) -> Ending:
    """Read our database, and the cluster beside it."""
    namespaces = [
        row["namespace"] for row in rows(rig, "SELECT namespace FROM projects_environment")
    ]
    client = rig.cluster()
    return msgspec.convert(
        {
            "at": now(),
            "ledger": ledger(rig),
            "namespaces": namespaces,
            "rollouts": rows(rig, ROLLOUTS),
            "transitions": rows(rig, TRANSITIONS),
            "services": [service_of(row) for row in rows(rig, SERVICES)],
            "audit": rows(rig, "SELECT action, object_id, request_id FROM audit_auditevent"),
            "pods": {namespace: uids(client, namespace) for namespace in namespaces},
            "mirrored_pods": {
                row["namespace"]: row["uids"]
                for row in rows(
                    rig, "SELECT namespace, array_agg(uid) AS uids FROM clusters_pod GROUP BY 1"
                )
            },
            "deployments": [
                item for namespace in namespaces for item in items(client, DEPLOYMENT, namespace)
            ],
            "ports": {
                item["metadata"]["labels"][SERVICE_ID]: item["spec"]["ports"][0]["port"]
                for namespace in namespaces
                for item in items(client, SERVICE, namespace)
            },
        },
        Ending,
        from_attributes=True,
    )


ROLLOUTS = """
    SELECT r.id::text, r.service_id::text AS service, r.kind, r.phase, r.reason,
           coalesce(r.note ->> 0, '') AS note, r.created_at, r.finished_at,
           r.from_replicas, r.to_replicas, r.rolled_back,
           r.strategy ->> 'type' IN ('canary', 'blue_green') AS by_steps,
           f.number AS from_revision, t.number AS to_revision
    FROM serving_rollout r
    LEFT JOIN serving_revision f ON f.id = r.from_revision_id
    LEFT JOIN serving_revision t ON t.id = r.to_revision_id
"""
TRANSITIONS = """
    SELECT rollout_id::text AS rollout, at, from_phase, phase, reason, actor
    FROM serving_rollouttransition ORDER BY at, id
"""
SERVICES = """
    SELECT s.id::text, s.name, e.namespace, s.desired_replicas, s.health, s.drift,
           r.number AS current_revision, r.spec
    FROM serving_modelservice s
    JOIN projects_environment e ON e.id = s.environment_id
    LEFT JOIN serving_revision r ON r.id = s.current_revision_id
"""


def service_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return a service's row with what its pods ask for, and where they listen."""
    spec = row.pop("spec") or {}
    requests = dict(of_one_pod(Resources.parse(spec["requests"]))) if spec else {}
    return {**row, "requests": requests, "port": spec.get("port")}


def items(client: ClusterClient, kind: Any, namespace: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(client.list(kind, namespace))["items"]
    return found


def uids(client: ClusterClient, namespace: str) -> list[str]:
    return [item["metadata"]["uid"] for item in items(client, POD, namespace)]
