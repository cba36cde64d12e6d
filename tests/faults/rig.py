"""All of Slipway in a home of its own, every wire through a proxy, the API server as a witness."""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from clusters.client import ClusterClient
from clusters.kubeconfig import parse_kubeconfig
from core.waiting import wait_until
from embedded.controlplane import write_private
from embedded.demo import Demo
from embedded.home import Home
from embedded.process import Process
from embedded.tools import Tools
from tests.contract.tcp_proxy import TcpProxy
from tests.faults.evidence import AUDIT_LOG, OURS

# Reads, and what the cluster does for itself, would fill the log.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "None", "resources": [{"group": "authorization.k8s.io"}]},
        {
            "level": "RequestResponse",
            "omitManagedFields": True,
            "resources": [
                {"group": "apps", "resources": ["deployments", "deployments/status"]},
                {"group": "", "resources": ["pods"]},
            ],
        },
        {"level": "RequestResponse", "omitManagedFields": True, "users": [OURS]},
        {"level": "None"},
    ],
}
LONGEST_START_SECONDS = 300
WORKERS = ("worker", "worker-2")
WEBS = ("web", "web-2")


class Rig(Demo):
    """The demo with two workers and two clocks, whose wires can be cut and whose API server tells.

    Slipway is a user of its own there. Prometheus is away the whole time.
    """

    def __init__(self, home: Home, tools: Tools) -> None:
        self.api_wire = TcpProxy(home.ports.take_once("apiserver"))
        self.database_wire = TcpProxy(home.ports.take_once("postgres"))
        self.redis_wire = TcpProxy(home.ports.take_once("redis"))
        super().__init__(home, tools, web_processes=len(WEBS))

    def processes(self) -> Iterator[Process]:
        """Yield the demo's parts, but Prometheus, and a second one of some."""
        policy = self.home.folder / "audit-policy.json"
        policy.write_text(json.dumps(AUDIT_POLICY))
        flags = (
            f"--audit-policy-file={policy}",
            f"--audit-log-path={self.home.folder / AUDIT_LOG}",
            "--audit-log-maxsize=4000",
            "--audit-log-mode=blocking",
        )
        self.plane = replace(self.plane, extra_apiserver_flags=flags)
        self.keep_own_user()
        for process in super().processes():
            if process.name != "prometheus":
                yield process

    def application(self) -> Iterator[Process]:
        for process in super().application():
            yield process
            if process.name == "worker":
                yield replace(process, name="worker-2", argv=(*process.argv, "--hostname=second"))
            if process.name == "beat":
                schedule = f"--schedule={self.home.folder / 'beat-2'}"
                yield replace(process, name="beat-2", argv=(*process.argv[:-1], schedule))

    def keep_own_user(self) -> None:
        """Make Slipway's own user of the API server, so that its writes can be told from others."""
        tokens = self.plane.home / "tokens.csv"
        if OURS not in tokens.read_text():
            token = secrets.token_hex(24)
            write_private(tokens, f"{tokens.read_text()}{token},{OURS},{OURS},system:masters\n")

    def environment(self) -> dict[str, str]:
        """Return the environment of Slipway's processes, who reach the stores by wire."""
        kept = super().environment()
        for name, part, wire in (
            ("DATABASE_URL", "postgres", self.database_wire),
            ("REDIS_URL", "redis", self.redis_wire),
        ):
            kept[name] = kept[name].replace(f":{self.port(part)}", f":{wire.port}")
        return kept

    def bring_up(self) -> None:
        super().bring_up()
        self.run("worker-2", "beat-2")

    def run(self, *names: str) -> None:
        """Start parts; a machine that does much else may take long."""
        for name in names:
            if name in self.parts:
                self.supervisor.run(self.parts[name], timeout_seconds=LONGEST_START_SECONDS)

    def credentials(self) -> str:
        """Return Slipway's own user, and the cluster as it is reached by wire."""
        token = (self.plane.home / "tokens.csv").read_text().splitlines()[-1].split(",")[0]
        text = super().credentials().replace(self.plane.token, token)
        return text.replace(self.plane.url, f"https://127.0.0.1:{self.api_wire.port}")

    def close(self) -> None:
        """End everything."""
        for wire in (self.api_wire, self.database_wire, self.redis_wire):
            wire.pass_all()
        for name in self.parts:
            self.signal(name, signal.SIGCONT)
        self.supervisor.stop()
        for wire in (self.api_wire, self.database_wire, self.redis_wire):
            wire.close()

    def pid_of(self, name: str) -> int:
        """Return a part's process id, or 0 while it is dead."""
        pid: int = self.supervisor.control.getProcessInfo(f"slipway:{name}")["pid"]
        return pid

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a part a signal, where it is alive."""
        if pid := self.pid_of(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def connect(self) -> "psycopg.Connection[Any]":
        """Open a connection to the database past the wire, which may write whatever others may."""
        connection = psycopg.connect(self.database_url, autocommit=True, connect_timeout=3)
        connection.execute("SET default_transaction_read_only = off")
        return connection

    def cluster(self) -> ClusterClient:
        """Return a client of the API server, past the wire."""
        return ClusterClient(parse_kubeconfig(Path(self.kubeconfig).read_text()))

    def wait_until_up(self) -> None:
        """Wait until every part runs, and those that can say so have said that they are ready."""
        for is_up in (self.are_running, self.plane.answers_ready, self.web_is_ready):
            came = wait_until(lambda: is_up() or None, timeout_seconds=LONGEST_START_SECONDS)  # noqa: B023
            assert came, f"{is_up.__name__}: not everything came back"

    def are_running(self) -> bool:
        """Return whether no part is dead."""
        return all(map(self.pid_of, self.parts))
