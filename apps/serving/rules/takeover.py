"""Which changes that others made to a Deployment a revision can hold. Pure.

Fields that it cannot hold are named, so that nothing is lost silently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.drift import Difference, ItemKey, Path
from clusters.labels import CONTAINER, GPU_PRODUCT_LABEL

POD_SPEC: Path = ("spec", "template", "spec")
BY_NAME = ItemKey((("name", CONTAINER),))
MODEL_CONTAINER: Path = (*POD_SPEC, "containers", BY_NAME)
ENV: Path = (*MODEL_CONTAINER, "env")
# Each rollout itself states how pods are replaced; whose objects they are is not for others to say;
# and the pods of a new revision are new anyway.
RESTATED: tuple[Path, ...] = (
    ("spec", "strategy"),
    ("spec", "paused"),
    ("metadata", "labels"),
    ("metadata", "annotations"),
)
POD_LABELS: Path = ("spec", "template", "metadata", "labels")
RESTARTED = "kubectl.kubernetes.io/restartedAt"


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken over, and the fields that cannot be.

    The settings are in the form of a request, and have to pass the same validation.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    image: str = ""
    left: list[str] = field(default_factory=list)


def taken_from(found: Mapping[str, Any], differences: Iterable[Difference]) -> Taken:
    """Read the settings in which a Deployment differs from what was applied."""
    pods = found["spec"]["template"]["spec"]
    container: Mapping[str, Any] = next(
        (c for c in pods["containers"] if c["name"] == CONTAINER), {}
    )
    settings: dict[str, Any] = {}
    image, left = "", []
    for difference in differences:
        path = difference.path
        if path == ("spec", "replicas"):
            settings["replicas"] = difference.found
        elif path == ("spec", "progressDeadlineSeconds"):
            settings["progress_deadline_seconds"] = difference.found
        elif path == (*MODEL_CONTAINER, "image"):
            image = str(difference.found)
        elif is_within(path, ENV) and is_plain(difference):
            settings["env"] = {
                e["name"]: e.get("value", "") for e in container.get("env") or [] if is_value(e)
            }
        elif path in ((*MODEL_CONTAINER, "command"), (*MODEL_CONTAINER, "args")):
            settings[str(path[-1])] = difference.found or []
        elif is_within(path, (*MODEL_CONTAINER, "resources")):
            settings["resources"] = amounts_of(container.get("resources") or {})
        elif is_within(path, (*POD_SPEC, "nodeSelector")):
            settings |= selector_of(pods.get("nodeSelector") or {})
        elif not is_restated(difference):
            left.append(f"{difference.object} {difference.field}".strip())
    return Taken(settings, image, left)


def is_within(path: Path, ancestor: Path) -> bool:
    """Return whether a path equals another one, or lies within it."""
    return path[: len(ancestor)] == ancestor


def is_plain(difference: Difference) -> bool:
    """Return whether only values of variables differ, and not where values come from."""
    return "valueFrom" not in difference.path and all(
        map(is_value, variables_in(difference.wanted) + variables_in(difference.found))
    )


def variables_in(side: Any) -> list[Any]:
    """Return the variables on one side of a difference: all, one, or a part of one."""
    return side if isinstance(side, list) else [side]


def is_value(entry: Any) -> bool:
    """Return whether a variable states its value; `secrets` says where others come from."""
    return not isinstance(entry, Mapping) or "valueFrom" not in entry


def is_restated(difference: Difference) -> bool:
    """Return whether the next rollout restates a field, whatever its value is now."""
    if difference.path == ("spec", "template", "metadata", "annotations"):
        return set(difference.found or {}) <= {RESTARTED}
    if is_within(difference.path, POD_LABELS):
        # Ours are restated; one that somebody added would be lost.
        return difference.wanted is not None
    return any(is_within(difference.path, path) for path in RESTATED)


def amounts_of(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container's requests and limits; a limit stands in for a missing request."""
    limits = resources.get("limits") or {}
    return {"requests": {**limits, **(resources.get("requests") or {})}, "limits": limits}


def selector_of(labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a node selector as settings."""
    others = {name: value for name, value in labels.items() if name != GPU_PRODUCT_LABEL}
    return {"node_selector": others, "gpu_product": labels.get(GPU_PRODUCT_LABEL, "")}
