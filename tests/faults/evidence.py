"""What three witnesses of a run wrote down, as values: the client, the API server, the database.

Nothing here asks a running part; a folder that was kept can be judged again years later.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

JOURNAL, AUDIT_LOG, ENDING = "journal.jsonl", "audit.log", "ending.json"
OURS = "slipway"
REVISION, SERVICE_ID = "slipway.dev/revision", "slipway.dev/service-id"
CANDIDATE_SUFFIX = ".candidate"
EPOCH, ROLLOUT = "slipway.dev/epoch", "slipway.dev/rollout"


class Attempt(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One try of a request that changes something; the tries of one wish share its key."""

    key: str
    request_id: str
    path: str
    sent_at: datetime
    answered_at: datetime
    # 0: nobody answered, so whether it was carried out is not known.
    status: int = 0
    answer: dict[str, Any] = {}

    @property
    def verb(self) -> str:
        """The last word of the path: rollouts, scale, pause and so on."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_accepted(self) -> bool:
        return 200 <= self.status < 300


class Look(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a page said of a service."""

    at: datetime
    service: str
    health: str
    stale: bool
    observed_at: datetime | None


class Ledger(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the quota's rows said at one moment of a span, read past all of Slipway."""

    at: datetime
    until: datetime
    # By namespace: limits and what is reserved of them; by service: what it is promised.
    limits: dict[str, dict[str, int]] = {}
    reserved: dict[str, dict[str, int]] = {}
    promised: dict[str, dict[str, int]] = {}
    # Rollouts whose holder has let its lease run out.
    expired: list[str] = []


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What was done to the parts, and until when."""

    name: str
    began_at: datetime
    healed_at: datetime


Entry = Attempt | Look | Ledger | Fault


class User(msgspec.Struct, frozen=True):
    """Who asked the API server."""

    username: str = ""


class ObjectRef(msgspec.Struct, frozen=True, rename="camel"):
    """What was asked about."""

    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class ResponseStatus(msgspec.Struct, frozen=True):
    """How it was answered."""

    code: int = 0


class Write(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of the API server's audit log: a request to change something."""

    verb: str
    uri: str = msgspec.field(default="", name="requestURI")
    user: User = User()
    object_ref: ObjectRef = ObjectRef()
    response_status: ResponseStatus = ResponseStatus()
    request_received_timestamp: datetime
    stage_timestamp: datetime
    response_object: dict[str, Any] = {}

    @property
    def began_at(self) -> datetime:
        return self.request_received_timestamp

    @property
    def ended_at(self) -> datetime:
        return self.stage_timestamp

    @property
    def is_ours(self) -> bool:
        return self.user.username == OURS

    @property
    def is_done(self) -> bool:
        """Whether it was carried out; a dry run is not, whatever it answers."""
        return 200 <= self.response_status.code < 300 and "dryRun=All" not in self.uri

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self.response_object.get("metadata") or {}
        return found

    @property
    def uid(self) -> str:
        return str(self.metadata.get("uid", ""))

    @property
    def version(self) -> int:
        """How far the cluster was then; 0 where the answer is no object."""
        return int(self.metadata.get("resourceVersion") or 0)

    @property
    def generation(self) -> int:
        return int(self.metadata.get("generation") or 0)

    @property
    def is_gone(self) -> bool:
        """Whether the object is no more after this."""
        if self.verb == "delete" and self.response_object.get("kind") == "Status":
            return True
        going = "deletionTimestamp" in self.metadata
        waits = self.metadata.get("finalizers") or self.metadata.get("deletionGracePeriodSeconds")
        return going and not waits

    def annotation(self, name: str) -> str:
        return str((self.metadata.get("annotations") or {}).get(name, ""))

    def label(self, name: str) -> str:
        return str((self.metadata.get("labels") or {}).get(name, ""))

    @property
    def place(self) -> tuple[str, str]:
        return self.object_ref.namespace, self.object_ref.name or self.metadata.get("name", "")


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a rollout's timeline."""

    rollout: str
    at: datetime
    from_phase: str
    phase: str
    reason: str
    actor: str


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout as it ended."""

    id: str
    service: str
    kind: str
    phase: str
    note: str
    created_at: datetime
    finished_at: datetime | None
    from_revision: int | None
    to_revision: int | None
    from_replicas: int
    to_replicas: int
    rolled_back: bool
    # A candidate ran beside what ran before, until its pods were handed over.
    by_steps: bool = False
    reason: str = ""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service as it ended."""

    id: str
    name: str
    namespace: str
    desired_replicas: int
    current_revision: int | None
    requests: dict[str, int] = {}
    port: int | None = None
    health: str
    drift: list[dict[str, Any]] = []


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, by our own account."""

    action: str
    object_id: str
    request_id: str


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Our database, and the cluster beside it, when everything had come to rest."""

    at: datetime
    rollouts: list[Rollout] = []
    transitions: list[Transition] = []
    services: list[Service] = []
    audit: list[AuditRow] = []
    ledger: Ledger
    namespaces: list[str] = []
    # By namespace, as the cluster and as our mirror has them.
    pods: dict[str, list[str]] = {}
    mirrored_pods: dict[str, list[str]] = {}
    # Deployments and Services as the cluster has them.
    deployments: list[dict[str, Any]] = []
    ports: dict[str, int] = {}


class Evidence:
    """All that the witnesses say of one run."""

    def __init__(self, entries: Iterable[Entry], writes: Iterable[Write], ending: Ending) -> None:
        known = list(entries)
        self.attempts = [entry for entry in known if isinstance(entry, Attempt)]
        self.looks = [entry for entry in known if isinstance(entry, Look)]
        self.ledgers = [entry for entry in known if isinstance(entry, Ledger)]
        self.faults = [entry for entry in known if isinstance(entry, Fault)]
        self.writes = in_order(writes)
        self.ending = ending

    @classmethod
    def read(cls, folder: Path) -> "Evidence":
        """Read what a run has left in its folder."""
        entries = msgspec.json.Decoder(Entry)
        journal = (folder / JOURNAL).read_bytes().splitlines()
        ending = msgspec.json.decode((folder / ENDING).read_bytes(), type=Ending)
        return cls(map(entries.decode, journal), writes_in(folder / AUDIT_LOG), ending)

    @cached_property
    def services(self) -> Mapping[str, Service]:
        return {service.id: service for service in self.ending.services}

    @cached_property
    def by_key(self) -> Mapping[str, list[Attempt]]:
        """The tries of each wish, in their order."""
        found: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            found.setdefault(attempt.key, []).append(attempt)
        return found

    @cached_property
    def transitions(self) -> Mapping[str, list[Transition]]:
        """The timeline of each rollout."""
        found: dict[str, list[Transition]] = {}
        for transition in self.ending.transitions:
            found.setdefault(transition.rollout, []).append(transition)
        return found

    @cached_property
    def deployments(self) -> Mapping[tuple[str, str], list[Write]]:
        """What each Deployment was after every write of anybody, by namespace and name."""
        return self.history_of("deployments")

    @cached_property
    def pods(self) -> list[tuple[Write, datetime | None]]:
        """Every pod of a service as it was made, and until when it was certainly there."""
        made = [write for write in self.of("pods") if write.verb == "create" and write.uid]
        gone: dict[tuple[str, str], datetime] = {}
        for write in self.of("pods"):
            if write.verb == "delete" and write.is_gone:
                gone[write.place] = write.began_at
        return [(pod, gone.get(pod.place)) for pod in made if pod.label(SERVICE_ID)]

    def of(self, resource: str) -> Iterator[Write]:
        """Yield what was done to objects of a kind."""
        return (w for w in self.writes if w.is_done and w.object_ref.resource == resource)

    def history_of(self, resource: str) -> dict[tuple[str, str], list[Write]]:
        found: dict[tuple[str, str], list[Write]] = {}
        for write in self.of(resource):
            found.setdefault(write.place, []).append(write)
        return found


def in_order(writes: Iterable[Write]) -> list[Write]:
    """Sort by what the cluster counts, not by clocks; what is no object any more stays in place.

    The write with which an object goes answers with the version before it, and is its last.
    """
    by_clock = sorted(writes, key=lambda write: write.ended_at)
    last: dict[str, int] = {}
    for write in by_clock:
        last[write.uid] = max(last.get(write.uid, 0), write.version)
    latest, placed = 0, []
    for write in by_clock:
        latest = max(latest, write.version)
        version = last[write.uid] if write.is_gone and write.version else write.version
        placed.append((version or latest, write.is_gone, write.ended_at, write))
    return [write for *_, write in sorted(placed, key=lambda place: place[:3])]


def writes_in(log: Path) -> Iterator[Write]:
    """Yield the lines of the API server's log; the one it was killed in is none."""
    decoder = msgspec.json.Decoder(Write)
    with log.open("rb") as lines:
        for line in lines:
            with suppress(msgspec.DecodeError):
                yield decoder.decode(line)
