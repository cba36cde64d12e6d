"""What is done to the parts of a running Slipway: a table of small functions.

A fault begins, lasts, and ends; what it ends of itself has nothing to end.
"""

import base64
import json
import signal
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import redis
from celery import Celery

from core.waiting import wait_until
from tests.contract.tcp_proxy import TcpProxy
from tests.faults.rig import WEBS, WORKERS, Rig

FLOOD = 1000
# A lease runs out, the sweep finds the rollout, another worker ends it and the next one begins.
PAST_THE_LEASE_SECONDS = 25.0
Deed = Callable[[Rig], object]


def nothing(_: Rig) -> None:
    """It ends by itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that happens to the parts."""

    begin: Deed
    end: Deed = nothing
    lasts_seconds: float = 0.0


def killed(*names: str, by: signal.Signals = signal.SIGKILL) -> Fault:
    """Parts die in the middle of whatever they do; supervision starts them again."""

    def begin(rig: Rig) -> None:
        for name in names:
            rig.signal(name, by)

    return Fault(begin)


def frozen(*names: str, seconds: float) -> Fault:
    """Parts stand still and know nothing of it."""

    def every(number: signal.Signals, rig: Rig) -> None:
        for name in names:
            rig.signal(name, number)

    return Fault(
        partial(every, signal.SIGSTOP), partial(every, signal.SIGCONT), lasts_seconds=seconds
    )


def stopped(name: str, *, seconds: float) -> Fault:
    """A part is not there and nobody starts it."""
    process = f"slipway:{name}"
    return Fault(
        lambda rig: rig.supervisor.control.stopProcess(process),
        lambda rig: rig.supervisor.control.startProcess(process),
        lasts_seconds=seconds,
    )


def on(wire: str) -> Callable[[Rig], TcpProxy]:
    """Return what finds a wire of a rig."""

    def found(rig: Rig) -> TcpProxy:
        proxy: TcpProxy = getattr(rig, f"{wire}_wire")
        return proxy

    return found


def cut(wire: str) -> Fault:
    """Every connection ends; new ones are welcome."""
    return Fault(lambda rig: on(wire)(rig).cut())


def away(wire: str, *, seconds: float) -> Fault:
    """Every connection ends, and new ones are refused."""
    return Fault(
        lambda rig: on(wire)(rig).refuse(),
        lambda rig: on(wire)(rig).listen(),
        lasts_seconds=seconds,
    )


def silent(wire: str, *, seconds: float) -> Fault:
    """Connections stay, and nothing comes through."""
    return Fault(
        lambda rig: on(wire)(rig).hold(),
        lambda rig: on(wire)(rig).pass_all(),
        lasts_seconds=seconds,
    )


def slow(wire: str, *, piece_bytes: int, pause_seconds: float, seconds: float) -> Fault:
    """Everything comes through, in pieces and late."""
    return Fault(
        lambda rig: on(wire)(rig).slow(piece_bytes=piece_bytes, pause_seconds=pause_seconds),
        lambda rig: on(wire)(rig).pass_all(),
        lasts_seconds=seconds,
    )


def freeze_in_a_pass(name: str, rig: Rig) -> None:
    """Stop a worker while rollouts are leased: between reading and writing, as the wire is slow."""
    rig.api_wire.slow(piece_bytes=65_536, pause_seconds=0.2)

    def leased() -> bool | None:
        with rig.connect() as connection:
            query = "SELECT 1 FROM serving_rollout WHERE lease_until > now() LIMIT 1"
            return connection.execute(query).fetchone() and True

    wait_until(leased, timeout_seconds=10, interval_seconds=0.05)
    rig.signal(name, signal.SIGSTOP)
    rig.api_wire.pass_all()


def thaw(name: str, rig: Rig) -> None:
    rig.signal(name, signal.SIGCONT)


def refuse_writes(rig: Rig) -> None:
    """Let the database be read only, as one whose disk is full or that fell back to a replica."""
    set_database(rig, "default_transaction_read_only", "on")


def take_writes(rig: Rig) -> None:
    set_database(rig, "default_transaction_read_only", None)


def set_database(rig: Rig, setting: str, value: str | None) -> None:
    """Change a setting of the database for everybody; None puts it back."""
    with rig.connect() as connection:
        change = f"SET {setting} = '{value}'" if value is not None else f"RESET {setting}"
        connection.execute(f"ALTER SYSTEM {change}")
        connection.execute("SELECT pg_reload_conf()")


def end_sessions(rig: Rig) -> None:
    """End every session of the database but ours."""
    with rig.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def redis_of(rig: Rig) -> "redis.Redis":
    """Return a client of Redis, past the wire."""
    return redis.Redis.from_url(rig.redis_url)


def flush(rig: Rig) -> None:
    with redis_of(rig) as client:
        client.flushall()


def fill_redis(rig: Rig) -> None:
    """Leave Redis no room to write anything."""
    with redis_of(rig) as client:
        client.config_set("maxmemory", "1")


def empty_redis(rig: Rig) -> None:
    with redis_of(rig) as client:
        client.config_set("maxmemory", "0")


def flood(rig: Rig) -> None:
    """Send wake-ups for many rollouts that nobody has asked for, and for what is no rollout."""
    with Celery(broker=rig.redis_url) as app, app.producer_pool.acquire(block=True) as producer:
        for number in range(FLOOD):
            rollout = str(uuid4()) if number % 10 else "no id"
            app.send_task("serving.reconcile_rollout", args=[rollout], producer=producer)


def compact(rig: Rig) -> None:
    """Let etcd forget the past, and the API server its cache of it: watches get 410."""
    latest = ask_etcd(rig, "kv/range", {"key": base64.b64encode(b"a").decode()})
    ask_etcd(rig, "kv/compaction", {"revision": latest["header"]["revision"], "physical": True})
    rig.signal("apiserver", signal.SIGKILL)


def ask_etcd(rig: Rig, path: str, body: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Ask etcd through its JSON gateway."""
    url = f"http://127.0.0.1:{rig.port('etcd')}/v3/{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=10
    ) as answer:
        found: dict[str, dict[str, str]] = json.loads(answer.read())
    return found


APPLICATION = (*WORKERS, *WEBS, "beat", "beat-2", "informer")
EVERYTHING = (*APPLICATION, "postgres", "redis", "apiserver", "etcd", "controllers", "scheduler")
FAULTS: Mapping[str, Fault] = {
    "kill-worker": killed("worker"),
    "kill-workers": killed(*WORKERS),
    "kill-web": killed(*WEBS),
    "kill-beat": killed("beat"),
    "kill-beats": killed("beat", "beat-2"),
    "kill-informer": killed("informer"),
    "kill-redis": killed("redis"),
    # An immediate stop: no backend ends what it was at.
    "kill-postgres": killed("postgres", by=signal.SIGQUIT),
    "kill-apiserver": killed("apiserver"),
    "kill-etcd": killed("etcd"),
    "kill-controllers": killed("controllers", "scheduler"),
    "kill-slipway": killed(*APPLICATION),
    "kill-everything": killed(*EVERYTHING, by=signal.SIGKILL),
    "freeze-worker": Fault(
        partial(freeze_in_a_pass, "worker"),
        partial(thaw, "worker"),
        lasts_seconds=PAST_THE_LEASE_SECONDS,
    ),
    "freeze-workers": frozen(*WORKERS, seconds=PAST_THE_LEASE_SECONDS),
    "freeze-web": frozen("web", seconds=12),
    "freeze-informer": frozen("informer", seconds=20),
    "freeze-postgres": frozen("postgres", seconds=8),
    "freeze-redis": frozen("redis", seconds=15),
    "freeze-apiserver": frozen("apiserver", seconds=20),
    "freeze-etcd": frozen("etcd", seconds=20),
    "cut-api": cut("api"),
    "cut-database": cut("database"),
    "cut-redis": cut("redis"),
    "api-away": away("api", seconds=15),
    "database-away": away("database", seconds=10),
    "redis-away": away("redis", seconds=15),
    "silent-api": silent("api", seconds=25),
    "silent-database": silent("database", seconds=10),
    "silent-redis": silent("redis", seconds=15),
    "slow-api": slow("api", piece_bytes=65_536, pause_seconds=0.5, seconds=20),
    "slow-database": slow("database", piece_bytes=65_536, pause_seconds=0.02, seconds=15),
    "trickling-api": slow("api", piece_bytes=1, pause_seconds=0.002, seconds=15),
    "flood-queue": Fault(flood),
    "flush-redis": Fault(flush),
    "full-redis": Fault(fill_redis, empty_redis, lasts_seconds=12),
    "read-only-database": Fault(refuse_writes, take_writes, lasts_seconds=10),
    "end-sessions": Fault(end_sessions),
    "compact-etcd": Fault(compact),
    # Longer than what was seen may be shown as new.
    "informer-dead": stopped("informer", seconds=75),
    "beats-dead": Fault(
        lambda rig: [stopped(name, seconds=0).begin(rig) for name in ("beat", "beat-2")],
        lambda rig: [stopped(name, seconds=0).end(rig) for name in ("beat", "beat-2")],
        lasts_seconds=15,
    ),
}
