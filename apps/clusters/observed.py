"""What we read of Kubernetes objects: just the fields we store or decide by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import orjson

LONGEST_OF_POD = 2_000
# Half of a surrogate pair is not a character.
ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
# A string matches as a whole, so that brackets inside it do not count.
JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
OPENING, CLOSING = (b"[", b"{"), (b"]", b"}")
MOST_DEPTH = 100
T = TypeVar("T")


class Decoder(Generic[T]):
    """Reads one kind of object; a null, wherever it is, counts as left out.

    The API server omits most empty fields, and writes null for others as it likes.
    """

    def __init__(self, shape: type[T]) -> None:
        self.strict = msgspec.json.Decoder(shape)

    def decode(self, body: bytes | msgspec.Raw) -> T:
        """Read an object; nulls are removed only if it cannot be read as it is."""
        try:
            return self.strict.decode(body)
        except msgspec.ValidationError:
            return self.strict.decode(orjson.dumps(without_nulls(orjson.loads(bytes(body)))))


def without_nulls(value: Any) -> Any:
    """Return JSON without its nulls."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value if one is not None]
    return value


def readable(text: bytes) -> bytes:
    """Return JSON that decoders refuse for one of its values in a form that they can read."""
    return shallow(ESCAPE.sub(lambda one: rb"\ufffd" if one["half"] else one[0], text))


def shallow(text: bytes) -> bytes:
    """Put null for what nests deeper than a decoder can follow; no object that we use does."""
    kept, depth, end = [], 0, 0
    for token in JSON_TOKEN.finditer(text):
        if token[0] in OPENING:
            depth += 1
            if depth == MOST_DEPTH:
                kept += [text[end : token.start()], b"null"]
        elif token[0] in CLOSING:
            if depth == MOST_DEPTH:
                end = token.end()
            depth -= 1
    return b"".join([*kept, text[end:]])


def name_in(raw: bytes | msgspec.Raw) -> str:
    """Return the namespace and name of an object, even if nothing else in it is readable."""
    try:
        named = named_decoder.decode(readable(bytes(raw))).metadata
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "?"
    return "/".join(str(part) for part in (named.get("namespace"), named.get("name")) if part)


class Named(msgspec.Struct):
    """An object of which only the name is needed."""

    metadata: dict[str, Any]


class Read(msgspec.Struct, rename="camel"):
    """Kubernetes writes camelCase; anything not named here is skipped without being built."""


class OwnerReference(Read):
    uid: str
    kind: str = ""
    name: str = ""
    controller: bool | None = False


class Metadata(Read):
    name: str
    uid: str
    resource_version: str
    creation_timestamp: datetime | None = None
    namespace: str = ""
    generation: int = 0
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: list[OwnerReference] = []
    deletion_timestamp: datetime | None = None
    finalizers: list[str] = []

    @property
    def controller(self) -> OwnerReference | None:
        """The object that made this one and replaces it."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Condition(Read):
    type: str = ""
    status: str = "Unknown"
    reason: str | None = ""
    message: str | None = ""
    last_transition_time: datetime | None = None

    def as_json(self) -> dict[str, str]:
        return {
            "type": self.type,
            "status": self.status,
            "reason": self.reason or "",
            "message": (self.message or "")[:LONGEST_OF_POD],
        }


class ResourceRequirements(Read):
    requests: dict[str, Any] = {}


class Container(Read):
    name: str
    image: str = ""
    resources: ResourceRequirements = msgspec.field(default_factory=ResourceRequirements)
    restart_policy: str | None = None


class ReadinessGate(Read):
    condition_type: str


class PodSpec(Read):
    containers: list[Container] = []
    init_containers: list[Container] = []
    readiness_gates: list[ReadinessGate] = []
    node_name: str = ""
    overhead: dict[str, Any] = {}
    # Stated for the pod as a whole; it takes precedence over what its containers state.
    resources: ResourceRequirements = msgspec.field(default_factory=ResourceRequirements)


class StateDetail(Read):
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ContainerState(Read):
    waiting: StateDetail | None = None
    running: StateDetail | None = None
    terminated: StateDetail | None = None


class ContainerStatus(Read):
    name: str
    image: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = msgspec.field(default_factory=ContainerState)
    last_state: ContainerState = msgspec.field(default_factory=ContainerState)


class PodStatus(Read):
    phase: str = "Unknown"
    conditions: list[Condition] = []
    container_statuses: list[ContainerStatus] = []
    init_container_statuses: list[ContainerStatus] = []
    ephemeral_container_statuses: list[ContainerStatus] = []
    reason: str = ""
    message: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")


class PodObject(Read):
    metadata: Metadata
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class NodeInfo(Read):
    kubelet_version: str = ""


class Taint(Read):
    key: str
    effect: str
    value: str = ""


class NodeSpec(Read):
    unschedulable: bool = False
    taints: list[Taint] = []


class NodeStatus(Read):
    capacity: dict[str, Any] = {}
    allocatable: dict[str, Any] = {}
    conditions: list[Condition] = []
    node_info: NodeInfo = msgspec.field(default_factory=NodeInfo)


class NodeObject(Read):
    metadata: Metadata
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class WorkloadSpec(Read):
    replicas: int = 1
    paused: bool = False
    template: Mapping[str, Any] = {}


class WorkloadStatus(Read):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: list[Condition] = []


class WorkloadObject(Read):
    """A Deployment or a ReplicaSet."""

    metadata: Metadata
    spec: WorkloadSpec = msgspec.field(default_factory=WorkloadSpec)
    status: WorkloadStatus = msgspec.field(default_factory=WorkloadStatus)

    @property
    def template_labels(self) -> Mapping[str, str]:
        labels = (self.spec.template.get("metadata") or {}).get("labels") or {}
        return labels if isinstance(labels, dict) else {}


class Whole(Read):
    """The two parts of an object that people write, not decoded."""

    metadata: msgspec.Raw
    spec: msgspec.Raw = msgspec.Raw(b"{}")


class ScaleTarget(Read):
    kind: str = ""
    name: str = ""


class CompanionSpec(Read):
    scale_target_ref: ScaleTarget | None = None


class CompanionObject(Read):
    """A Service, a disruption budget, an autoscaler, or what sets up a namespace."""

    metadata: Metadata
    spec: CompanionSpec = msgspec.field(default_factory=CompanionSpec)


class InvolvedObject(Read):
    kind: str = ""
    name: str = ""
    uid: str = ""


class Series(Read):
    count: int = 1
    last_observed_time: datetime | None = None


class EventObject(Read):
    metadata: Metadata
    involved_object: InvolvedObject
    type: str = "Normal"
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: Series | None = None


# No longer than what the database can keep.
VersionText = Annotated[str, msgspec.Meta(max_length=63)]


class ListMetadata(Read):
    resource_version: VersionText = ""
    # Where the next page begins; empty on the last one.
    continue_from: str = msgspec.field(default="", name="continue")


class ObjectList(Read):
    """A list whose items are decoded one by one, so that a bad one does not spoil the rest."""

    metadata: ListMetadata
    items: list[msgspec.Raw] = []


class WatchEvent(msgspec.Struct):
    """The envelope of a watch event; `object` is decoded by kind."""

    type: str
    object: msgspec.Raw


class ErrorStatus(Read):
    code: int = 0
    message: str = ""


class BookmarkMetadata(Read):
    resource_version: VersionText


class Bookmark(Read):
    metadata: BookmarkMetadata

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version


class RemainsSpec(Read):
    node_name: str = ""


class Remains(Read):
    """An object of any kind that is to be deleted."""

    metadata: Metadata
    spec: RemainsSpec = msgspec.field(default_factory=RemainsSpec)


@dataclass(frozen=True, slots=True)
class Remaining:
    """The objects of one kind, and how far the cluster was when they were read."""

    objects: list[Remains]
    version: int | None


named_decoder = msgspec.json.Decoder(Named)
workload_decoder = Decoder(WorkloadObject)
whole_decoder = Decoder(Whole)
companion_decoder = Decoder(CompanionObject)
list_decoder = Decoder(ObjectList)
remains_decoder = Decoder(Remains)


def decode_remaining(body: bytes) -> Remaining:
    """Read a list of objects of one kind, whichever that is."""
    listed = list_decoder.decode(body)
    objects = [remains_decoder.decode(item) for item in listed.items]
    return Remaining(objects, revision(listed.metadata.resource_version))


def number_in_label(text: object, *, digits: int = 9) -> int | None:
    """Read a label that we wrote as a number; somebody may have changed it."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= digits:
        return int(text)
    return None


def revision(resource_version: str) -> int | None:
    """Return how far a cluster was, if its resource version is a number: later is larger.

    Source: KEP-5504, comparable resource versions
    """
    is_number = resource_version.isascii() and resource_version.isdigit()
    return int(resource_version) if is_number and len(resource_version) < 19 else None
