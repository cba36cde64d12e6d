"""`make demo`: the whole product on one machine, against a real Kubernetes API."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from embedded import nodes
from embedded.controlplane import ControlPlane
from embedded.home import CHECKOUT, Home
from embedded.logs import follow
from embedded.postgres import postgres
from embedded.postgres import url_of as postgres_url
from embedded.process import Process
from embedded.prometheus import prometheus, simulated_nodes, slipway
from embedded.redis import redis_server
from embedded.redis import url_of as redis_url
from embedded.story import USERS, tell_story
from embedded.supervise import Supervisor
from embedded.tools import Tools, ensure_tools

PREFERRED_PORT = 8000
APPLICATION = ("web", "worker", "collector", "beat", "informer")


class Demo:
    """The parts of one home, what replaces them, and the order in which they come up.

    A part whose address is brought (`DATABASE_URL`, `REDIS_URL`, `KUBECONFIG`,
    `PROMETHEUS_URL`) is not run.
    """

    def __init__(
        self,
        home: Home,
        tools: Tools,
        brought: Mapping[str, str] = MappingProxyType({}),
        *,
        preferred_port: int = 0,
    ) -> None:
        self.home = home
        self.tools = tools
        self.brought = {name: value for name, value in brought.items() if value}
        self.supervisor = Supervisor(home.folder, home.logs)
        self.plane = ControlPlane(tools, home.folder / "kubernetes", home.ports)
        self.database_url = brought.get("DATABASE_URL") or postgres_url(self.port("postgres"))
        self.redis_url = brought.get("REDIS_URL") or redis_url(
            self.port("redis"), home.secrets()["redis_password"]
        )
        self.kubeconfig = Path(brought.get("KUBECONFIG") or self.plane.kubeconfig)
        self.prometheus_url = (
            brought.get("PROMETHEUS_URL") or f"http://127.0.0.1:{self.port('prometheus')}"
        )
        self.web_port = self.home.ports.take("web", preferred=preferred_port)
        self.parts = {process.name: process for process in self.processes()}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def port(self, name: str) -> int:
        """Return the port of a part."""
        return self.home.ports.take_once(name)

    def processes(self) -> Iterator[Process]:
        """Yield every process that this demo runs itself."""
        if "DATABASE_URL" not in self.brought:
            yield postgres(self.home.folder / "postgres", self.port("postgres"))
        if "REDIS_URL" not in self.brought:
            password = self.home.secrets()["redis_password"]
            yield redis_server(self.home.folder / "redis", self.port("redis"), password)
        if "KUBECONFIG" not in self.brought:
            yield from self.plane.processes()
            yield nodes.kwok(self.tools, self.kubeconfig, self.port("nodes"))
        if "PROMETHEUS_URL" not in self.brought:
            scraped = [] if "KUBECONFIG" in self.brought else simulated_nodes(self.port("nodes"))
            folder = self.home.folder / "prometheus"
            scraped = [*scraped, *slipway(self.web_port)]
            yield prometheus(self.tools, folder, self.port("prometheus"), scraped)
        yield from self.application()

    def application(self) -> Iterator[Process]:
        """Yield the processes of Slipway itself."""
        programs = Path(sys.executable).parent
        celery = (
            str(programs / "celery"),
            "-A",
            "slipway",
            "--workdir",
            str(CHECKOUT / "platform"),
        )
        worker = (
            *celery,
            "worker",
            "--pool=threads",
            "--loglevel=info",
            # Asking the neighbours costs a second at each start and each loss of Redis.
            "--without-mingle",
            "--without-gossip",
        )
        commands = {
            "web": (
                str(programs / "uvicorn"),
                "slipway.asgi:application",
                f"--app-dir={CHECKOUT / 'platform'}",
                "--host=127.0.0.1",
                f"--port={self.web_port}",
                "--http=slipway.protocol:BoundedProtocol",
                "--ws=none",
                "--no-access-log",
                "--no-proxy-headers",
                # Streams stay open for ever; a stop does not wait for them.
                "--timeout-graceful-shutdown=2",
            ),
            "worker": (*worker, "--queues=celery,sweep", "--concurrency=8"),
            "collector": (
                *worker,
                "--queues=usage",
                "--concurrency=4",
                "--hostname=collector@%h",
            ),
            "beat": (*celery, "beat", f"--schedule={self.home.folder / 'beat'}"),
            "informer": (sys.executable, str(CHECKOUT / "manage.py"), "runinformer"),
        }
        for name, argv in commands.items():
            is_ready = self.web_is_ready if name == "web" else lambda: True
            yield Process(name, argv, is_ready, self.environment())

    def environment(self) -> dict[str, str]:
        """Return the environment of Slipway's own processes."""
        kept = self.home.secrets()
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SLIPWAY_ENV": "demo",
            "SLIPWAY_SECRET_KEY": kept["secret_key"],
            "SLIPWAY_ENCRYPTION_KEY": kept["encryption_key"],
            "SLIPWAY_STATE_DIR": str(self.home.folder),
            "PYTHONUNBUFFERED": "1",
        }

    def web_is_ready(self) -> bool:
        """Tell whether the API answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def bring_up(self) -> None:
        """Start everything, what does not depend on each other side by side."""
        self.supervisor.start(self.parts.values())
        with ThreadPoolExecutor() as pool:
            stores = [pool.submit(self.run_database), pool.submit(self.run, "redis")]
            others = [pool.submit(self.run_cluster), pool.submit(self.run, "prometheus")]
            wait_for(stores)
            others += [pool.submit(self.run, name) for name in APPLICATION]
            wait_for(others)
        self.bootstrap()

    def run(self, name: str) -> None:
        """Start a part, unless another was brought."""
        if name in self.parts:
            self.supervisor.run(self.parts[name])

    def run_database(self) -> None:
        """Start PostgreSQL and bring its tables up to date."""
        self.run("postgres")
        self.manage("migrate", "--verbosity=0")

    def run_cluster(self) -> None:
        """Start the control plane and its simulated nodes."""
        for name in ("etcd", "apiserver", "controllers", "scheduler", "nodes"):
            self.run(name)
        if "nodes" in self.parts:
            nodes.create_nodes(self.tools, self.kubeconfig)

    def bootstrap(self) -> None:
        """Make the platform admin, the story's people and the cluster; keep what opens them."""
        known = self.home.demo()
        password = known.get("password") or secrets.token_urlsafe(12)
        users = known.get("users") or {name: secrets.token_urlsafe(12) for name in USERS}
        # Accounts are made once: hashing a password is slow, as it should be.
        accounts = {"password": password, "users": users} if "password" not in known else {}
        spec = {
            "username": "admin",
            **accounts,
            "cluster": "embedded",
            "kubeconfig": self.kubeconfig.read_text(),
            "prometheus_url": self.prometheus_url,
        }
        made = json.loads(self.manage("bootstrap", stdin=json.dumps(spec)))
        self.home.write_demo(
            url=self.url,
            username="admin",
            password=password,
            users=users,
            token=made["token"],
            kubeconfig=str(self.kubeconfig),
            kubectl=self.tools.path("kubectl"),
            database_url=self.database_url,
            redis_url=self.redis_url,
            prometheus_url=self.prometheus_url,
        )
        if "password" not in known:
            print(f"  signed up admin with the password {password} (shown once)", flush=True)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run a management command; its errors are shown as they are."""
        command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
        done = subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment()},
            check=True,
        )
        return done.stdout


def run_demo(home: Home, *, detach: bool) -> None:
    """Bring the demo up, tell its story, and show its logs until Ctrl-C."""
    with timed("tools"):
        tools = ensure_tools()
    if Supervisor(home.folder, home.logs).is_running:
        print(f"Slipway is already running at {home.demo().get('url')} (`make stop` stops it).")
        return
    with timed("everything up"):
        demo = Demo(home, tools, os.environ, preferred_port=PREFERRED_PORT)
        try:
            demo.bring_up()
        except BaseException:
            demo.supervisor.stop()
            raise
    print_welcome(demo)
    story = threading.Thread(target=tell, args=(home.demo(),), daemon=True)
    if detach:
        tell(home.demo())
        return
    story.start()
    try:
        follow(home.logs, ("supervisor", *APPLICATION))
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        demo.supervisor.stop()


def wait_for(branches: Iterable[Future[None]]) -> None:
    """Wait for what runs side by side; the first failure is raised."""
    for branch in branches:
        branch.result()


def tell(facts: dict[str, Any]) -> None:
    """Create the demo's projects and services, and say how long that took."""
    with timed("demo story told"):
        kubectl = [facts["kubectl"], f"--kubeconfig={facts['kubeconfig']}"]
        tell_story(facts["url"], facts["token"], kubectl)


def print_welcome(demo: Demo) -> None:
    """Say where everything is."""
    print(
        f"\n  Slipway    {demo.url}   (API {demo.url}/api/v1/, docs {demo.url}/api/docs/)\n"
        f"  sign in    admin, password in {demo.home.demo_file}\n"
        f"  Kubernetes KUBECONFIG={demo.kubeconfig}\n"
        f"  Prometheus {demo.prometheus_url}\n"
        "  The nodes of the embedded cluster are simulated.\n",
        flush=True,
    )


@contextmanager
def timed(what: str, show: Callable[[str], None] = print) -> Iterator[None]:
    """Say how long something took."""
    started = time.monotonic()
    yield
    show(f"  {what}: {time.monotonic() - started:.1f} s")
