"""What we read of Kubernetes objects: just the fields we store or decide by."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import orjson

from clusters.labels import (
    CONTAINER,
    EPOCH,
    GPU_PRODUCT_LABEL,
    KWOK_ANNOTATION,
    REVISION,
    ROLLOUT,
    SERVICE_ID,
    SERVICE_NAME,
    SIMULATED_LABEL,
)
from core.resources import CPU, MEMORY, NOTHING, Resources, is_resource_name, parse_amount, total

# What a column of 64 bits holds, with room to count on.
EPOCH_DIGITS = 18
LONGEST_MESSAGE, LONGEST_OF_POD, MOST_FINALIZERS = 1_000, 2_000, 20
# Half of a pair of surrogates is no character.
ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
# A string as a whole, so that brackets in it are none.
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
OPENING, CLOSING = (b"[", b"{"), (b"]", b"}")
MOST_DEPTH = 100
T = TypeVar("T")


class Decoder(Generic[T]):
    """Reads one kind of object; a null, wherever it stands, is what was left out.

    The API server leaves most empty fields out, and writes null for others as it likes.
    """

    def __init__(self, shape: type[T]) -> None:
        self.strict = msgspec.json.Decoder(shape)

    def decode(self, body: bytes | msgspec.Raw) -> T:
        """Read an object; nulls are looked for only where it cannot be read as it is."""
        try:
            return self.strict.decode(body)
        except msgspec.ValidationError:
            return self.strict.decode(orjson.dumps(without_nulls(orjson.loads(bytes(body)))))


def without_nulls(value: Any) -> Any:
    """Leave out the nulls in JSON."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value if one is not None]
    return value


def readable(text: bytes) -> bytes:
    """Return JSON that decoders refuse as they can read it, where that is for one of its values."""
    return shallow(ESCAPE.sub(lambda one: rb"\ufffd" if one["half"] else one[0], text))


def shallow(text: bytes) -> bytes:
    """Put null for what nests deeper than a decoder can follow; no object of ours does."""
    kept, depth, end = [], 0, 0
    for token in TOKEN.finditer(text):
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
    """Return the namespace and name of an object of which nothing else may be readable."""
    try:
        named = named_decoder.decode(readable(bytes(raw))).metadata
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "?"
    return "/".join(str(part) for part in (named.get("namespace"), named.get("name")) if part)


class Named(msgspec.Struct):
    """An object of which only the name is asked."""

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
    # Stated for the pod as a whole, before what its containers state.
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


class Pod(Read):
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


class Node(Read):
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


class Workload(Read):
    """A Deployment or a ReplicaSet."""

    metadata: Metadata
    spec: WorkloadSpec = msgspec.field(default_factory=WorkloadSpec)
    status: WorkloadStatus = msgspec.field(default_factory=WorkloadStatus)

    @property
    def template_labels(self) -> Mapping[str, str]:
        labels = (self.spec.template.get("metadata") or {}).get("labels") or {}
        return labels if isinstance(labels, dict) else {}


class Whole(Read):
    """An object's two halves that somebody wrote, not decoded."""

    metadata: msgspec.Raw
    spec: msgspec.Raw = msgspec.Raw(b"{}")


class ScaleTarget(Read):
    kind: str = ""
    name: str = ""


class CompanionSpec(Read):
    scale_target_ref: ScaleTarget | None = None


class Companion(Read):
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


class Event(Read):
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


# As long as it can be kept.
Place = Annotated[str, msgspec.Meta(max_length=63)]


class ListMetadata(Read):
    resource_version: Place = ""
    # Where the next page begins; empty on the last one.
    continue_from: str = msgspec.field(default="", name="continue")


class ObjectList(Read):
    """A list whose items are decoded one by one, so that a bad one spoils nothing else."""

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
    resource_version: Place
    annotations: dict[str, str] | None = None


class Bookmark(Read):
    metadata: BookmarkMetadata

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version

    @property
    def ends_initial_list(self) -> bool:
        annotations = self.metadata.annotations or {}
        return annotations.get("k8s.io/initial-events-end") == "true"


class RemainsSpec(Read):
    node_name: str = ""


class Remains(Read):
    """An object that shall go, of whatever kind."""

    metadata: Metadata
    spec: RemainsSpec = msgspec.field(default_factory=RemainsSpec)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What there is of one kind, and how far the cluster was when that was read."""

    objects: list[Remains]
    version: int | None


class DeploymentState(msgspec.Struct, frozen=True):
    """What the rollout machine decides by, from a live read."""

    uid: str
    resource_version: str
    generation: int
    observed_generation: int
    spec_replicas: int
    paused: bool
    replicas: int
    updated_replicas: int
    ready_replicas: int
    available_replicas: int
    revision: int | None
    rollout: str
    epoch: int
    is_deleting: bool
    conditions: list[dict[str, str]]


named_decoder = msgspec.json.Decoder(Named)
workload_decoder = Decoder(Workload)
whole_decoder = Decoder(Whole)
companion_decoder = Decoder(Companion)
list_decoder = Decoder(ObjectList)
remains_decoder = Decoder(Remains)


def decode_deployment(body: bytes) -> DeploymentState:
    """Read a live Deployment."""
    seen = workload_decoder.decode(body)
    annotations = seen.metadata.annotations
    return DeploymentState(
        uid=seen.metadata.uid,
        resource_version=seen.metadata.resource_version,
        generation=seen.metadata.generation,
        observed_generation=seen.status.observed_generation,
        spec_replicas=seen.spec.replicas,
        paused=seen.spec.paused,
        replicas=seen.status.replicas,
        updated_replicas=seen.status.updated_replicas,
        ready_replicas=seen.status.ready_replicas,
        available_replicas=seen.status.available_replicas,
        revision=whole_number(seen.template_labels.get(REVISION)),
        rollout=annotations.get(ROLLOUT, ""),
        epoch=whole_number(annotations.get(EPOCH), digits=EPOCH_DIGITS) or 0,
        is_deleting=seen.metadata.deletion_timestamp is not None,
        conditions=[condition.as_json() for condition in seen.status.conditions],
    )


def replicas_owned(body: bytes, owner_uid: str) -> int:
    """Read how many pods an owner's ReplicaSets are told to hold together, from a list."""
    seen = [workload_decoder.decode(item) for item in list_decoder.decode(body).items]
    owners = [(one.metadata.controller, one.spec.replicas) for one in seen]
    return sum(replicas for owner, replicas in owners if owner and owner.uid == owner_uid)


def decode_remaining(body: bytes) -> Remaining:
    """Read a list of objects of one kind, of whatever kind."""
    listed = list_decoder.decode(body)
    objects = [remains_decoder.decode(item) for item in listed.items]
    return Remaining(objects, revision(listed.metadata.resource_version))


def whole_number(text: object, *, digits: int = 9) -> int | None:
    """Read a label that we wrote as a number; somebody may have changed it."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= digits:
        return int(text)
    return None


def revision(resource_version: str) -> int | None:
    """Read how far a cluster was, where that can be told: later is larger.

    Source: KEP-5504, comparable resource versions
    """
    is_number = resource_version.isascii() and resource_version.isdigit()
    return int(resource_version) if is_number and len(resource_version) < 19 else None


def resources(resource_list: Mapping[str, Any]) -> Resources:
    """Read amounts that the API server has already checked, leaving out what is no compute."""
    stated = {name: text for name, text in resource_list.items() if text is not None}
    return Resources(
        {n: parse_amount(n, text) for n, text in stated.items() if is_resource_name(n)}
    )


def pod_requests(spec: PodSpec) -> Resources:
    """Return what the scheduler counts for a pod.

    Init containers run one after the other, before the containers but beside the sidecars
    started so far.
    Source: kubernetes.io/docs/concepts/workloads/pods/sidecar-containers, resource sharing
    """
    running = total(resources(container.resources.requests) for container in spec.containers)
    sidecars, peak = NOTHING, NOTHING
    for container in spec.init_containers:
        requests = resources(container.resources.requests)
        if container.restart_policy == "Always":
            sidecars += requests
            peak = peak.most(sidecars)
        else:
            peak = peak.most(sidecars + requests)
    counted = (running + sidecars).most(peak)
    whole = resources(spec.resources.requests).only((CPU, MEMORY))
    return Resources({**counted, **whole}) + resources(spec.overhead)


def condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """Find a condition by type."""
    return next((found for found in conditions if found.type == kind), None)


def identity(metadata: Metadata) -> dict[str, Any]:
    """Return the columns that every mirrored object has.

    Raises:
        ValueError: nothing says when it was made or which version this is, which the API server
            always does.
    """
    version = revision(metadata.resource_version)
    if metadata.creation_timestamp is None or version is None:
        raise ValueError("creationTimestamp or resourceVersion is missing or of another world")
    return {
        "uid": metadata.uid,
        "name": metadata.name,
        "resource_version": version,
        "created_at": metadata.creation_timestamp,
    }


def node_row(node: Node) -> dict[str, Any]:
    """Return a node as a row of the mirror."""
    ready = condition(node.status.conditions, "Ready")
    return {
        **identity(node.metadata),
        "labels": node.metadata.labels,
        "taints": [msgspec.to_builtins(taint) for taint in node.spec.taints],
        "conditions": [found.as_json() for found in node.status.conditions],
        "capacity": resources(node.status.capacity),
        "allocatable": resources(node.status.allocatable),
        "gpu_product": node.metadata.labels.get(GPU_PRODUCT_LABEL, "")[:100],
        "is_ready": None if ready is None or ready.status == "Unknown" else ready.status == "True",
        "is_unschedulable": node.spec.unschedulable,
        "is_simulated": node.metadata.labels.get(SIMULATED_LABEL) == "true"
        or KWOK_ANNOTATION in node.metadata.annotations,
        "kubelet_version": node.status.node_info.kubelet_version,
    }


def pod_row(pod: Pod) -> dict[str, Any]:
    """Return a pod as a row of the mirror."""
    scheduled = condition(pod.status.conditions, "PodScheduled")
    ready = condition(pod.status.conditions, "Ready")
    is_ready = ready is not None and ready.status == "True"
    is_scheduled = scheduled is not None and scheduled.status == "True"
    said = own_reason(pod.status, scheduled)
    owner, labels = pod.metadata.controller, pod.metadata.labels
    # A ReplicaSet is named after its Deployment and a hash.
    deployment = owner.name.rpartition("-")[0] if owner else ""
    is_stray = labels.get(SERVICE_NAME) != deployment
    return {
        **identity(pod.metadata),
        "namespace": pod.metadata.namespace,
        "node_name": pod.spec.node_name,
        "phase": pod.status.phase[:20],
        "is_ready": is_ready,
        "is_terminating": pod.metadata.deletion_timestamp is not None,
        "deletion_due_at": pod.metadata.deletion_timestamp,
        "finalizers": pod.metadata.finalizers[:MOST_FINALIZERS],
        "requests": pod_requests(pod.spec),
        "owner_uid": owner.uid if owner else "",
        "revision": whole_number(labels.get(REVISION)),
        "selected_by": labels.get(SERVICE_ID, "")[:63] if is_stray else "",
        "image": next((c.image for c in pod.spec.containers if c.name == CONTAINER), "")[:512],
        "place": (pod.metadata.namespace, deployment),
        "is_labelled": SERVICE_ID in labels,
        "containers": container_rows(pod),
        "conditions": [c.as_json() for c in pod.status.conditions if is_telling(c)],
        "unmet_gates": unmet_gates(pod),
        "reason": said[0][:63],
        "message": said[1][:LONGEST_OF_POD],
        "ip": pod.status.pod_ip,
        "scheduled_at": scheduled.last_transition_time if scheduled and is_scheduled else None,
        "started_at": started_at(pod.status.container_statuses),
        "ready_at": ready.last_transition_time if ready and is_ready else None,
    }


def own_reason(status: PodStatus, scheduled: Condition | None) -> tuple[str, str]:
    """Return a pod's own reason and message; where it has none, why it has no node."""
    if status.reason or scheduled is None or scheduled.status == "True":
        return status.reason, status.message
    return scheduled.reason or "", scheduled.message or ""


def is_telling(found: Condition) -> bool:
    """Tell whether a pod's condition says that something is not as it should be."""
    return (found.status == "True") == (found.type == "DisruptionTarget")


def unmet_gates(pod: Pod) -> list[str]:
    """Return the readiness gates that nobody has opened; one without a condition is shut."""
    opened = {found.type for found in pod.status.conditions if found.status == "True"}
    gates = (gate.condition_type for gate in pod.spec.readiness_gates)
    return [gate for gate in gates if gate not in opened]


def container_rows(pod: Pod) -> list[dict[str, Any]]:
    """Return the state of all of a pod's containers, in the order in which they start.

    The kubelet sorts the statuses of the main containers by name.
    """
    status, names = pod.status, [container.name for container in pod.spec.containers]
    main = sorted(
        status.container_statuses,
        key=lambda one: names.index(one.name) if one.name in names else len(names),
    )
    sidecars = {one.name for one in pod.spec.init_containers if one.restart_policy == "Always"}
    return [
        *(
            container_row(one, "sidecar" if one.name in sidecars else "init")
            for one in status.init_container_statuses
        ),
        *(container_row(one, "container") for one in main),
        *(container_row(one, "ephemeral") for one in status.ephemeral_container_statuses),
    ]


def started_at(statuses: Iterable[ContainerStatus]) -> datetime | None:
    """Return when the last of a pod's containers began to run, if all do."""
    times = [
        status.state.running.started_at if status.state.running else None for status in statuses
    ]
    known = [time for time in times if time]
    return max(known) if known and len(known) == len(times) else None


def container_row(status: ContainerStatus, kind: str) -> dict[str, Any]:
    """Return a container's state as the explanation of a pod reads it."""
    name, now = present(status.state)
    _, last = present(status.last_state)
    return {
        "name": status.name,
        "kind": kind,
        "image": status.image,
        "image_id": status.image_id,
        "ready": status.ready,
        "restarts": status.restart_count,
        "state": name,
        "reason": now.reason,
        "message": now.message[:LONGEST_MESSAGE],
        "exit_code": now.exit_code,
        "started_at": written(now.started_at),
        "finished_at": written(now.finished_at),
        "last_reason": last.reason,
        "last_message": last.message[:LONGEST_MESSAGE],
        "last_exit_code": last.exit_code,
        "last_finished_at": written(last.finished_at),
    }


def written(time: datetime | None) -> str | None:
    """Write a time as JSON does."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def present(state: ContainerState) -> tuple[str, StateDetail]:
    """Return which of the three states a container is in."""
    states = {"running": state.running, "terminated": state.terminated, "waiting": state.waiting}
    found = ((name, detail) for name, detail in states.items() if detail is not None)
    return next(found, ("waiting", StateDetail()))


def workload_row(kind: str) -> Callable[[Workload], dict[str, Any]]:
    """Return the function that turns a Deployment or ReplicaSet into a row of the mirror."""

    def row(seen: Workload) -> dict[str, Any]:
        owner = seen.metadata.controller
        status = seen.status
        return {
            **identity(seen.metadata),
            "kind": kind,
            "namespace": seen.metadata.namespace,
            "owner_uid": owner.uid if owner else "",
            "place": (seen.metadata.namespace, owner.name if owner else seen.metadata.name),
            "revision": whole_number(seen.template_labels.get(REVISION)),
            "content": "",
            "generation": seen.metadata.generation,
            "observed_generation": status.observed_generation,
            "desired_replicas": seen.spec.replicas,
            "replicas": status.replicas,
            "updated_replicas": status.updated_replicas,
            "ready_replicas": status.ready_replicas,
            "available_replicas": status.available_replicas,
            "conditions": [found.as_json() for found in status.conditions],
        }

    return row


def deployment_row(raw: msgspec.Raw) -> dict[str, Any]:
    """Return a Deployment as a row of the mirror, with its content."""
    return {**workload_row("Deployment")(workload_decoder.decode(raw)), "content": content_of(raw)}


def content_of(raw: msgspec.Raw) -> str:
    """Return an object's metadata and spec in the cluster's own JSON.

    Raises:
        ValueError: whoever compares them could not read them.
    """
    whole = whole_decoder.decode(raw)
    content = b'{"metadata":%b,"spec":%b}' % (bytes(whole.metadata), bytes(whole.spec))
    orjson.loads(content)
    return content.decode()


def companion_row(kind: str) -> Callable[[msgspec.Raw], dict[str, Any]]:
    """Return the function that turns what goes with a Deployment into a row of the mirror."""

    def row(raw: msgspec.Raw) -> dict[str, Any]:
        seen = companion_decoder.decode(raw)
        namespace, name = seen.metadata.namespace, seen.metadata.name
        if seen.spec.scale_target_ref is not None:
            target = seen.spec.scale_target_ref
            name = target.name if target.kind == "Deployment" else ""
        return companion(seen.metadata, kind, raw, place=(namespace, name))

    return row


def setup_row(kind: str) -> Callable[[msgspec.Raw], dict[str, Any]]:
    """Return the function that turns what sets up a namespace into a row of the mirror."""

    def row(raw: msgspec.Raw) -> dict[str, Any]:
        seen = companion_decoder.decode(raw)
        # A namespace sets up itself.
        place = seen.metadata.namespace or seen.metadata.name, ""
        return companion(seen.metadata, kind, raw, place=place)

    return row


def companion(
    metadata: Metadata, kind: str, raw: msgspec.Raw, *, place: tuple[str, str]
) -> dict[str, Any]:
    """Return a row of what is compared with a manifest."""
    namespace, goes_with = place
    return {
        **identity(metadata),
        "kind": kind,
        "namespace": namespace,
        "goes_with": goes_with,
        "content": content_of(raw),
        "place": place,
    }


def event_row(event: Event) -> dict[str, Any]:
    """Return an event as a row of the mirror; old and new style events differ in their times."""
    series = event.series
    last = series.last_observed_time if series else None
    last = last or event.last_timestamp or event.event_time or event.metadata.creation_timestamp
    return {
        **identity(event.metadata),
        "namespace": event.metadata.namespace,
        "involved_kind": event.involved_object.kind,
        "involved_name": event.involved_object.name,
        "involved_uid": event.involved_object.uid,
        "type": event.type[:20],
        "event_reason": event.reason[:128],
        "message": event.message[:2000],
        "count": (series.count if series else event.count) or 1,
        "first_seen_at": event.first_timestamp or event.event_time,
        "last_seen_at": last,
    }
