"""`make demo`: the whole product on one machine, against a real Kubernetes API."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

from embedded import nodes
from embedded.controlplane import ControlPlane
from embedded.home import CHECKOUT, Home
from embedded.logs import follow
from embedded.postgres import postgres
from embedded.postgres import url_of as postgres_url
from embedded.process import NotReady, Process, start, tail
from embedded.prometheus import prometheus, simulated_nodes, slipway
from embedded.redis import redis_server
from embedded.redis import url_of as redis_url
from embedded.supervise import Supervisor
from embedded.tools import Tools, ensure_tools

PREFERRED_PORT = 8000
# One answers one request at a time in Python, whatever waits for the network.
MOST_WEB_PROCESSES = 4
OTHERS = ("worker", "collector", "beat", "informer")
# Accounts that the bootstrap makes, and their role in every project of the story.
USERS = {"viola": "viewer", "dana": "deployer", "ada": "admin"}


STORY_IN_SHORT = """\
  The story of four projects is being told now, which takes most of a minute the first time:
    fraud           somebody scaled a service by hand one night, and nobody has undone that
    content-safety  nearly all of its GPUs are taken
    search          a service that no node can hold
    speech          a version that crashed and went back to the last good one
"""


class Demo:
    """The parts of one home, what replaces them, and the order in which they come up.

    A part whose address is given (`DATABASE_URL`, `REDIS_URL`, `KUBECONFIG`, `PROMETHEUS_URL`) is
    not run.
    """

    def __init__(
        self,
        home: Home,
        tools: Tools,
        brought: Mapping[str, str] = MappingProxyType({}),
        *,
        preferred_port: int = 0,
        web_processes: int = 1,
        progress: Callable[[str], object] = str,
    ) -> None:
        self.home = home
        self.tools = tools
        # Is told the name of each part that is ready.
        self.progress = progress
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
        self.webs = ["web", *(f"web-{number}" for number in range(2, web_processes + 1))]
        self.parts = {process.name: process for process in self.processes()}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def port(self, name: str) -> int:
        """Return the port of a part."""
        return self.home.ports.take_once(name)

    def metrics_port(self, web: str) -> int:
        """Return the port of one web process alone; all of them share the other."""
        return self.port(f"{web}-metrics")

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
            scraped = [*scraped, *slipway(map(self.metrics_port, self.webs))]
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
            # Asking other workers costs a second at each start and each loss of Redis.
            "--without-mingle",
            "--without-gossip",
        )
        commands = {
            **{
                name: (
                    *(sys.executable, "-m", "slipway.web"),
                    *(f"--port={self.web_port}", f"--metrics-port={self.metrics_port(name)}"),
                )
                for name in self.webs
            },
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
            is_ready = partial(self.web_is_ready, name) if name in self.webs else lambda: True
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
            "PYTHONPATH": str(CHECKOUT / "platform"),
            "PYTHONUNBUFFERED": "1",
            # Six processes start; where this is set, each would compile all of its code anew.
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def web_is_ready(self, name: str = "web") -> bool:
        """Return whether a web process answers."""
        try:
            url = f"http://127.0.0.1:{self.metrics_port(name)}/readyz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def bring_up(self) -> None:
        """Start everything, in parallel as far as the parts do not depend on each other."""
        self.supervisor.start(self.parts.values())
        with ThreadPoolExecutor() as pool:
            stores = [pool.submit(self.run, "postgres"), pool.submit(self.run, "redis")]
            api = pool.submit(self.run, "etcd", "apiserver")
            others = [pool.submit(self.run_nodes, api), pool.submit(self.run, "prometheus")]
            wait_for(stores)
            # It reads its code while the tables are made, and says itself when it is ready.
            self.supervisor.launch(self.parts["web"])
            self.bootstrap(api)
            self.run(*self.webs, *OTHERS)
            wait_for(others)

    def run(self, *names: str) -> None:
        """Start parts one after the other, except those that another one was given in place of."""
        for name in names:
            if name in self.parts:
                self.supervisor.run(self.parts[name])
                self.progress(name)

    def run_nodes(self, api: Future[None]) -> None:
        """Start the rest of the control plane and its simulated nodes, when its API is there."""
        api.result()
        self.run("controllers", "scheduler", "nodes")
        if "nodes" in self.parts:
            nodes.create_nodes(self.tools, self.kubeconfig)

    def bootstrap(self, api: Future[None]) -> None:
        """Create the tables, the admin, the story's people and the cluster; keep the credentials.

        The tables are made while the cluster's API comes up.
        """
        known = self.home.demo()
        password = known.get("password") or secrets.token_urlsafe(12)
        users = known.get("users") or {name: secrets.token_urlsafe(12) for name in USERS}
        # Accounts are made once: hashing a password is slow, as it should be.
        accounts = {"password": password, "users": users} if "password" not in known else {}

        def spec() -> str:
            api.result()
            cluster = {"kubeconfig": self.credentials(), "prometheus_url": self.prometheus_url}
            return json.dumps({"username": "admin", **accounts, "cluster": "embedded", **cluster})

        made = json.loads(self.manage("bootstrap", stdin=spec))
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

    def credentials(self) -> str:
        """Return the kubeconfig that Slipway itself is given."""
        return self.kubeconfig.read_text()

    def manage(self, *arguments: str, stdin: Callable[[], str] = str) -> str:
        """Run a management command; what it logs goes to a file of its name.

        What it reads is asked for when it has been started: it takes a while to get there.

        Raises:
            NotReady: it failed; says how its log ends.
        """
        command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
        pipe = subprocess.PIPE
        environment = {**os.environ, **self.environment()}
        log = self.home.logs / f"{arguments[0]}.log"
        with (
            log.open("a") as errors,
            subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=errors, text=True, env=environment
            ) as child,
        ):
            output, _ = child.communicate(stdin())
        if child.returncode:
            raise NotReady(f"{arguments[0]} failed; its log ends with:\n{tail(log)}")
        return output


def run_demo(home: Home, *, detach: bool, verbose: bool) -> None:
    """Bring the demo up, have its story told, say where it is, and wait for Ctrl-C.

    The address is the last that is printed, unless logs are to be shown as they grow.
    """
    tools = ensure_tools()
    if Supervisor(home.folder, home.logs).is_running:
        print(f"Slipway is already running at {home.demo().get('url')} (`make stop` stops it).")
        return
    is_new = not home.demo()
    with timed("ready"):
        print("  starting:", end="", flush=True)
        demo = Demo(
            home,
            tools,
            os.environ,
            preferred_port=PREFERRED_PORT,
            web_processes=min(os.cpu_count() or 1, MOST_WEB_PROCESSES),
            progress=lambda part: print(f" {part}", end="", flush=True),
        )
        try:
            demo.bring_up()
        except BaseException:
            print(flush=True)
            demo.supervisor.stop()
            raise
        print(flush=True)
    start(story(home), log=home.logs / "story.log")
    print_welcome(demo, is_new=is_new)
    if detach:
        return
    try:
        if verbose:
            follow(home.logs, ("supervisor", *demo.webs, *OTHERS, "story"))
        while demo.supervisor.is_running:
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        demo.supervisor.stop()


def wait_for(branches: Iterable[Future[None]]) -> None:
    """Wait for work that runs in parallel; raise the first failure."""
    for branch in branches:
        branch.result()


def story(home: Home) -> Process:
    """Describe what makes the demo's projects and services; it ends by itself."""
    argv = (sys.executable, "-m", "embedded.story")
    paths = {"PYTHONPATH": str(CHECKOUT / "platform"), "SLIPWAY_HOME": str(home.folder)}
    return Process("story", argv, environment=paths)


def print_welcome(demo: Demo, *, is_new: bool) -> None:
    """Say what there is to see, who can sign in, and last where."""
    password = f"{demo.home.demo()['password']} (shown once)" if is_new else "as before"
    users = ", ".join(f"{name} ({role})" for name, role in USERS.items())
    print(
        f"\n{STORY_IN_SHORT}\n"
        f"  sign in    admin (platform admin), password {password}\n"
        f"             {users}\n"
        f"             all passwords are in {demo.home.demo_file}\n"
        f"  Kubernetes KUBECONFIG={demo.kubeconfig} (its nodes are simulated)\n"
        f"  Prometheus {demo.prometheus_url}\n"
        f"  logs       {demo.home.logs}\n"
        f"  API        {demo.url}/api/v1/, documented at {demo.url}/api/docs/\n"
        f"  Slipway    {demo.url}",
        flush=True,
    )


@contextmanager
def timed(what: str, show: Callable[[str], None] = print) -> Iterator[None]:
    """Say how long something took."""
    started = time.monotonic()
    yield
    show(f"  {what}: {time.monotonic() - started:.1f} s")
