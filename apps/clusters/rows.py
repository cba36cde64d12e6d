"""The rows of the mirror, made from what we read: a function for each kind."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import orjson

from clusters.labels import (
    CANDIDATE_SUFFIX,
    CONTAINER,
    GPU_PRODUCT_LABEL,
    KWOK_ANNOTATION,
    REVISION,
    SERVICE_ID,
    SERVICE_NAME,
    SIMULATED_LABEL,
)
from clusters.observed import (
    LONGEST_OF_POD,
    Condition,
    Container,
    ContainerState,
    ContainerStatus,
    EventObject,
    Metadata,
    NodeObject,
    PodObject,
    PodSpec,
    PodStatus,
    StateDetail,
    WorkloadObject,
    companion_decoder,
    number_in_label,
    revision,
    whole_decoder,
    workload_decoder,
)
from core.resources import CPU, MEMORY, NOTHING, Resources, is_resource_name, parse_amount, total

LONGEST_MESSAGE, MOST_FINALIZERS = 1_000, 20
NO_DETAIL = StateDetail()


def resources(resource_list: Mapping[str, Any]) -> Resources:
    """Read amounts that the API server has already checked; leave out what is not compute."""
    return Resources(
        {
            name: parse_amount(name, text)
            for name, text in resource_list.items()
            if text is not None and is_resource_name(name)
        }
    )


def pod_requests(spec: PodSpec) -> Resources:
    """Return what the scheduler counts for a pod.

    Init containers run one after the other, before the containers but together with the
    sidecars started so far.
    Source: kubernetes.io/docs/concepts/workloads/pods/sidecar-containers, resource sharing
    """
    counted = total(resources(container.resources.requests) for container in spec.containers)
    if spec.init_containers:
        counted = beside_init_containers(counted, spec.init_containers)
    if spec.resources.requests:
        whole = resources(spec.resources.requests).only((CPU, MEMORY))
        counted = Resources({**counted, **whole})
    return counted + resources(spec.overhead) if spec.overhead else counted


def beside_init_containers(running: Resources, containers: Iterable[Container]) -> Resources:
    """Return what a pod takes whose containers, once they run, take so much."""
    sidecars, peak = NOTHING, NOTHING
    for container in containers:
        requests = resources(container.resources.requests)
        if container.restart_policy == "Always":
            sidecars += requests
            peak = peak.most(sidecars)
        else:
            peak = peak.most(sidecars + requests)
    return (running + sidecars).most(peak)


def condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """Find a condition by type."""
    return next((found for found in conditions if found.type == kind), None)


def identity_columns(metadata: Metadata) -> dict[str, Any]:
    """Return the columns that every mirrored object has.

    Raises:
        ValueError: its creation time or its version, which the API server always states, is
            missing or malformed.
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


def node_row(node: NodeObject) -> dict[str, Any]:
    """Return a node as a row of the mirror."""
    ready = condition(node.status.conditions, "Ready")
    return {
        **identity_columns(node.metadata),
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


def pod_row(pod: PodObject) -> dict[str, Any]:
    """Return a pod as a row of the mirror."""
    scheduled = condition(pod.status.conditions, "PodScheduled")
    ready = condition(pod.status.conditions, "Ready")
    is_ready = ready is not None and ready.status == "True"
    is_scheduled = scheduled is not None and scheduled.status == "True"
    said = own_reason(pod.status, scheduled)
    owner, labels = pod.metadata.controller, pod.metadata.labels
    # A ReplicaSet is named after its Deployment and a hash.
    deployment = beside(owner.name.rpartition("-")[0], labels) if owner else ""
    is_stray = labels.get(SERVICE_NAME) != deployment
    return {
        **identity_columns(pod.metadata),
        "namespace": pod.metadata.namespace,
        "node_name": pod.spec.node_name,
        "phase": pod.status.phase[:20],
        "is_ready": is_ready,
        "is_terminating": pod.metadata.deletion_timestamp is not None,
        "deletion_due_at": pod.metadata.deletion_timestamp,
        "finalizers": pod.metadata.finalizers[:MOST_FINALIZERS],
        "requests": pod_requests(pod.spec),
        "owner_uid": owner.uid if owner else "",
        "revision": number_in_label(labels.get(REVISION)),
        "selected_by": labels.get(SERVICE_ID, "")[:63] if is_stray else "",
        "image": next((c.image for c in pod.spec.containers if c.name == CONTAINER), "")[:512],
        "place": (pod.metadata.namespace, deployment),
        "is_labelled": SERVICE_ID in labels,
        "containers": container_rows(pod),
        "conditions": [c.as_json() for c in pod.status.conditions if is_conclusive(c)],
        "unmet_gates": unmet_gates(pod),
        "reason": said[0][:63],
        "message": said[1][:LONGEST_OF_POD],
        "ip": pod.status.pod_ip,
        "scheduled_at": scheduled.last_transition_time if scheduled and is_scheduled else None,
        "started_at": started_at(pod.status.container_statuses),
        "ready_at": ready.last_transition_time if ready and is_ready else None,
    }


def own_reason(status: PodStatus, scheduled: Condition | None) -> tuple[str, str]:
    """Return a pod's own reason and message; if it has none, why it has no node."""
    if status.reason or scheduled is None or scheduled.status == "True":
        return status.reason, status.message
    return scheduled.reason or "", scheduled.message or ""


def is_conclusive(found: Condition) -> bool:
    """Return whether a pod's condition says that something is not as it should be."""
    return (found.status == "True") == (found.type == "DisruptionTarget")


def unmet_gates(pod: PodObject) -> list[str]:
    """Return the readiness gates that are not met; one without a condition is not."""
    opened = {found.type for found in pod.status.conditions if found.status == "True"}
    gates = (gate.condition_type for gate in pod.spec.readiness_gates)
    return [gate for gate in gates if gate not in opened]


def container_rows(pod: PodObject) -> list[dict[str, Any]]:
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
    """Return a container's state in the form from which a pod is explained."""
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
    if state.running is not None:
        return "running", state.running
    if state.terminated is not None:
        return "terminated", state.terminated
    return "waiting", state.waiting or NO_DETAIL


def workload_row(kind: str) -> Callable[[WorkloadObject], dict[str, Any]]:
    """Return the function that turns a Deployment or ReplicaSet into a row of the mirror."""

    def row(seen: WorkloadObject) -> dict[str, Any]:
        owner = seen.metadata.controller
        named = owner.name if owner else seen.metadata.name
        deployment = beside(named, seen.metadata.labels)
        status = seen.status
        return {
            **identity_columns(seen.metadata),
            "kind": kind,
            "namespace": seen.metadata.namespace,
            "owner_uid": owner.uid if owner else "",
            "goes_with": "" if owner else deployment,
            "place": (seen.metadata.namespace, deployment),
            "revision": number_in_label(seen.template_labels.get(REVISION)),
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


def beside(deployment: str, labels: Mapping[str, str]) -> str:
    """Return the name of the Deployment beside which a candidate runs; any other goes by its own.

    A stranger's may have such a name, too, but does not say whose candidate it is.
    """
    name = deployment.removesuffix(CANDIDATE_SUFFIX)
    return name if labels.get(SERVICE_NAME) == name else deployment


def deployment_row(raw: msgspec.Raw) -> dict[str, Any]:
    """Return a Deployment as a row of the mirror, with its content."""
    return {**workload_row("Deployment")(workload_decoder.decode(raw)), "content": content_of(raw)}


def content_of(raw: msgspec.Raw) -> str:
    """Return an object's metadata and spec in the cluster's own JSON.

    Raises:
        ValueError: it is JSON that a later comparison could not read.
    """
    whole = whole_decoder.decode(raw)
    content = b'{"metadata":%b,"spec":%b}' % (bytes(whole.metadata), bytes(whole.spec))
    orjson.loads(content)
    return content.decode()


def companion_row(kind: str) -> Callable[[msgspec.Raw], dict[str, Any]]:
    """Return the function that turns a Deployment's companion into a row of the mirror."""

    def row(raw: msgspec.Raw) -> dict[str, Any]:
        seen = companion_decoder.decode(raw)
        namespace, name = seen.metadata.namespace, seen.metadata.name
        if seen.spec.scale_target_ref is not None:
            target = seen.spec.scale_target_ref
            name = target.name if target.kind == "Deployment" else ""
        return companion(seen.metadata, kind, raw, place=(namespace, name))

    return row


def setup_row(kind: str) -> Callable[[msgspec.Raw], dict[str, Any]]:
    """Return the function that turns a part of a namespace's setup into a row of the mirror."""

    def row(raw: msgspec.Raw) -> dict[str, Any]:
        seen = companion_decoder.decode(raw)
        # A Namespace is in no namespace; it is part of its own setup.
        place = seen.metadata.namespace or seen.metadata.name, ""
        return companion(seen.metadata, kind, raw, place=place)

    return row


def companion(
    metadata: Metadata, kind: str, raw: msgspec.Raw, *, place: tuple[str, str]
) -> dict[str, Any]:
    """Return the row of an object that is compared with a manifest."""
    namespace, goes_with = place
    return {
        **identity_columns(metadata),
        "kind": kind,
        "namespace": namespace,
        "goes_with": goes_with,
        "content": content_of(raw),
        "place": place,
    }


def event_row(event: EventObject) -> dict[str, Any]:
    """Return an event as a row of the mirror; old and new style events differ in their times."""
    series = event.series
    last = series.last_observed_time if series else None
    last = last or event.last_timestamp or event.event_time or event.metadata.creation_timestamp
    return {
        **identity_columns(event.metadata),
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
