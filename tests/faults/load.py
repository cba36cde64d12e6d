"""Owners of services, who change them one way after another as careful clients do."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx

from core.waiting import wait_until
from tests.e2e.api import Api, image
from tests.faults.evidence import Attempt, Look
from tests.faults.journal import Journal, now
from tests.faults.rig import Rig

PROJECTS = ("red", "blue")
SERVICES = ("ranker", "scorer", "tagger")
GOOD, BAD = ("1", "2"), "3"
MOST_REPLICAS = 3
REQUEST = {"cpu": "250m", "memory": "256Mi"}
# Not everything that three services of three pods may want at once.
QUOTA = {"cpu": "2", "memory": "8Gi"}
# Long enough for a control plane that is away for a while, and what a crash is given.
DEADLINE_SECONDS, SHORT_DEADLINE_SECONDS = 40, 10
ANSWER_SECONDS, PATIENCE_SECONDS, ROLLOUT_SECONDS = 10, 240, 300
AGAIN_SECONDS = 0.5
# How often a wish that was answered is sent again, as if the answer had been lost.
REPEATED_RATIO = 0.25
FINISHED = ("Succeeded", "Failed", "Aborted")
ROLLING = {"type": "rolling"}
CANARY = {
    "type": "canary",
    "steps": [{"weight": 50}, {"pause": "1s"}, {"pause": None}, {"weight": 80}],
}
BLUE_GREEN = {"type": "blue_green", "steps": [{"pause": None}]}


class Unanswered(Exception):
    """Nobody answered a request in all the time that a careful client has."""


class Owner:
    """Whoever has one service, and asks for one change after the other until it is enough."""

    def __init__(self, rig: Rig, journal: Journal, path: str, seed: str) -> None:
        self.http = Api(rig).http
        self.http.timeout = httpx.Timeout(ANSWER_SECONDS)
        self.journal = journal
        self.path = path
        self.random = random.Random(seed)
        self.enough = threading.Event()
        self.runs = False
        self.version = GOOD[0]

    def go_on(self) -> None:
        """Change the service until it is enough."""
        while not self.enough.is_set():
            step = self.random.choice(STEPS) if self.runs else deploy
            step(self)
            self.enough.wait(self.random.uniform(0, 1))

    def start(self, verb: str, **wish: Any) -> dict[str, Any] | None:
        """Ask for a change; return its rollout, or None where it was refused."""
        return self.ask(f"{self.path}/{verb}", wish, is_noted=True)

    def follow(self, rollout: dict[str, Any] | None) -> None:
        """Wait for the end of a rollout, if there is one."""
        if rollout is None:
            return

        def finished() -> dict[str, Any] | None:
            seen = self.look(f"rollouts/{rollout['id']}", wait="5s")
            return seen if seen and seen["phase"] in FINISHED else None

        ended = wait_until(finished, timeout_seconds=ROLLOUT_SECONDS, interval_seconds=0.5)
        if ended and ended["phase"] == "Succeeded":
            self.runs = ended["kind"] != "decommission"

    def wait_for(self, rollout: dict[str, Any], phases: Sequence[str], *, seconds: float) -> None:
        """Wait until a rollout is in one of some phases."""

        def reached() -> bool | None:
            seen = self.look(f"rollouts/{rollout['id']}")
            return (seen is not None and seen["phase"] in phases) or None

        wait_until(reached, timeout_seconds=seconds)

    def ask(self, path: str, body: dict[str, Any], *, is_noted: bool) -> dict[str, Any] | None:
        """Send a wish until it is answered, with the same key each time."""
        key = str(UUID(int=self.random.getrandbits(128), version=4))
        wish = {**body, "reason": key} if is_noted else body

        def answered() -> Attempt | None:
            attempt = self.attempt(key, path, wish)
            return attempt if 200 <= attempt.status < 500 and attempt.status != 429 else None

        last = wait_until(
            answered, timeout_seconds=PATIENCE_SECONDS, interval_seconds=AGAIN_SECONDS
        )
        if last is None:
            raise Unanswered(path)
        if last.is_accepted and self.random.random() < REPEATED_RATIO:
            self.attempt(key, path, wish)
        return last.answer if last.is_accepted else None

    def attempt(self, key: str, path: str, body: dict[str, Any]) -> Attempt:
        """Send a request once, and write down what became of it."""
        request_id = f"{key}-{self.random.getrandbits(32):08x}"
        headers = {"Idempotency-Key": key, "X-Request-ID": request_id}
        sent_at, status, answer = now(), 0, {}
        try:
            response = self.http.post(path, json=body, headers=headers)
            status, answer = response.status_code, told_by(response)
        except httpx.TransportError:
            pass
        attempt = Attempt(
            key=key,
            request_id=request_id,
            path=path,
            sent_at=sent_at,
            answered_at=now(),
            status=status,
            answer=answer,
        )
        self.journal.write(attempt)
        return attempt

    def look(self, path: str, **query: str) -> dict[str, Any] | None:
        """Read a page; None where nobody answered as wished."""
        try:
            response = self.http.get(path, params=query)
        except httpx.TransportError:
            return None
        return response.json() if response.is_success else None


def told_by(response: httpx.Response) -> dict[str, Any]:
    """Return what the judge wants of an answer."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return {name: body[name] for name in ("id", "reason", "phase", "detail") if name in body}


Step = Callable[[Owner], None]


def deploy(owner: Owner) -> None:
    """Roll out the other good version, on another port."""
    owner.version = GOOD[owner.version == GOOD[0]]
    port = owner.random.choice((8080, 9000, 9100))
    wish = {"version": owner.version, "port": port, "strategy": ROLLING}
    owner.follow(owner.start("rollouts", **wish))


def deploy_by_steps(owner: Owner) -> None:
    """Roll out the other good version by steps, and promote it or give it up where it waits."""
    owner.version = GOOD[owner.version == GOOD[0]]
    strategy = owner.random.choice((CANARY, BLUE_GREEN))
    rollout = owner.start("rollouts", version=owner.version, strategy=strategy)
    if rollout is None:
        return
    owner.wait_for(rollout, ("Paused", *FINISHED), seconds=PATIENCE_SECONDS)
    verb, body = owner.random.choice((("promote", {}), ("promote", {"full": True}), ("abort", {})))
    owner.ask(f"rollouts/{rollout['id']}/{verb}", body, is_noted=False)
    owner.follow(rollout)


def deploy_what_crashes(owner: Owner) -> None:
    wish = {
        "version": BAD,
        "progress_deadline_seconds": SHORT_DEADLINE_SECONDS,
        "strategy": owner.random.choice((ROLLING, CANARY)),
    }
    owner.follow(owner.start("rollouts", **wish))


def scale(owner: Owner) -> None:
    owner.follow(owner.start("scale", replicas=owner.random.randint(1, MOST_REPLICAS)))


def restart(owner: Owner) -> None:
    owner.follow(owner.start("restart"))


def roll_back(owner: Owner) -> None:
    owner.follow(owner.start("rollback"))


def hold(owner: Owner) -> None:
    """Start an upgrade, hold it for a moment, and let it go on or give it up."""
    rollout = owner.start("restart")
    if rollout is None:
        return
    owner.enough.wait(owner.random.uniform(0, 1.5))
    if owner.ask(f"rollouts/{rollout['id']}/pause", {}, is_noted=False):
        owner.wait_for(rollout, ("Paused", *FINISHED), seconds=10)
        owner.enough.wait(owner.random.uniform(0.5, 3))
        verb = owner.random.choice(("resume", "resume", "abort"))
        owner.ask(f"rollouts/{rollout['id']}/{verb}", {}, is_noted=False)
    owner.follow(rollout)


def give_up(owner: Owner) -> None:
    """Start an upgrade and abort it on its way."""
    rollout = owner.start("restart")
    if rollout is not None:
        owner.enough.wait(owner.random.uniform(0, 2))
        owner.ask(f"rollouts/{rollout['id']}/abort", {}, is_noted=False)
        owner.follow(rollout)


def decommission(owner: Owner) -> None:
    owner.follow(owner.start("decommission"))


STEPS: Sequence[Step] = (
    deploy,
    deploy_by_steps,
    deploy_by_steps,
    deploy_what_crashes,
    scale,
    scale,
    restart,
    roll_back,
    hold,
    hold,
    give_up,
    decommission,
)


class Load:
    """Projects, services and their owners, each in a thread of its own; and who looks at them."""

    def __init__(self, rig: Rig, journal: Journal, *, seed: int) -> None:
        self.api = Api(rig)
        self.journal = journal
        self.paths = [set_up(self.api, project) for project in PROJECTS]
        self.owners = [
            Owner(rig, journal, f"{path}/services/{name}", f"{seed} {path} {name}")
            for path in self.paths
            for name in SERVICES
        ]
        self.failures: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self.work, args=(owner,), daemon=True) for owner in self.owners
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def work(self, owner: Owner) -> None:
        """Let an owner work; what stops one is told at the end."""
        try:
            owner.go_on()
        except BaseException as error:
            self.failures.append(error)

    def end(self) -> None:
        """Let every owner finish what it does, and no more."""
        for owner in self.owners:
            owner.enough.set()
        for thread in self.threads:
            thread.join()

    def look(self) -> None:
        """Write down what the lists show, as far as somebody answers."""
        for path in self.paths:
            try:
                shown = self.api.http.get(f"{path}/services", timeout=5)
            except httpx.TransportError:
                continue
            at = now()
            for service in shown.json()["results"] if shown.is_success else ():
                self.journal.write(
                    Look(
                        at=at,
                        service=service["id"],
                        health=service["health"],
                        stale=service["stale"],
                        observed_at=service["observed_at"],
                    )
                )


def set_up(api: Api, project: str) -> str:
    """Make a project with services that have run nothing yet; return its environment's path."""
    environment = f"projects/{project}/environments/production"
    api.post("projects", {"name": project})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": QUOTA}}
    api.post(f"projects/{project}/environments", wish)
    api.post(f"projects/{project}/models", {"name": "model"})
    for version in (*GOOD, BAD):
        name = "crashing" if version == BAD else "model"
        content = {"version": version, "image": image(name, version)}
        api.post(f"projects/{project}/models/model/versions", content)
    for name in SERVICES:
        service = {
            "name": name,
            "model": "model",
            "resources": {"requests": REQUEST},
            "replicas": 2,
            "progress_deadline_seconds": DEADLINE_SECONDS,
        }
        api.post(f"{environment}/services", service)
    return environment
