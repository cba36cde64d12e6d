"""What of a Deployment that others changed a revision can hold. Pure.

What it cannot hold is named, so that nothing is lost silently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.drift import Difference, Key, Path
from clusters.labels import CONTAINER, GPU_PRODUCT_LABEL

PODS: Path = ("spec", "template", "spec")
MODEL = Key((("name", CONTAINER),))
MODEL_CONTAINER: Path = (*PODS, "containers", MODEL)
ENV: Path = (*MODEL_CONTAINER, "env")
# How pods are replaced each rollout states itself; whose objects they are is not for others to say;
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

    The settings are as a request would state them, and are held to the limits of one.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    image: str = ""
    left: list[str] = field(default_factory=list)


def taken_from(found: Mapping[str, Any], differences: Iterable[Difference]) -> Taken:
    """Read the settings of a Deployment where it differs from what was applied."""
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
        elif is_below(path, ENV) and is_plain(difference):
            settings["env"] = {
                e["name"]: e.get("value", "") for e in container.get("env") or [] if is_value(e)
            }
        elif path in ((*MODEL_CONTAINER, "command"), (*MODEL_CONTAINER, "args")):
            settings[str(path[-1])] = difference.found or []
        elif is_below(path, (*MODEL_CONTAINER, "resources")):
            settings["resources"] = amounts_of(container.get("resources") or {})
        elif is_below(path, (*PODS, "nodeSelector")):
            settings |= selector_of(pods.get("nodeSelector") or {})
        elif not is_restated(difference):
            left.append(f"{difference.object} {difference.field}".strip())
    return Taken(settings, image, left)


def is_below(path: Path, ancestor: Path) -> bool:
    """Return whether a path is another one, or in it."""
    return path[: len(ancestor)] == ancestor


def is_plain(difference: Difference) -> bool:
    """Return whether what differs of the variables are values, and not where values come from."""
    return "valueFrom" not in difference.path and all(
        map(is_value, entries_of(difference.wanted) + entries_of(difference.found))
    )


def entries_of(side: Any) -> list[Any]:
    """Return the variables in one side of a difference: all, one, or a part of one."""
    return side if isinstance(side, list) else [side]


def is_value(entry: Any) -> bool:
    """Return whether a variable states its value; where others come from is in the secrets."""
    return not isinstance(entry, Mapping) or "valueFrom" not in entry


def is_restated(difference: Difference) -> bool:
    """Return whether the next rollout states a field anew whatever it is now."""
    if difference.path == ("spec", "template", "metadata", "annotations"):
        return set(difference.found or {}) <= {RESTARTED}
    if is_below(difference.path, POD_LABELS):
        # Ours are restated; one that somebody added would be lost.
        return difference.wanted is not None
    return any(is_below(difference.path, path) for path in RESTATED)


def amounts_of(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container's requests and limits; what is only limited is requested too."""
    limits = resources.get("limits") or {}
    return {"requests": {**limits, **(resources.get("requests") or {})}, "limits": limits}


def selector_of(labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a node selector as settings."""
    others = {name: value for name, value in labels.items() if name != GPU_PRODUCT_LABEL}
    return {"node_selector": others, "gpu_product": labels.get(GPU_PRODUCT_LABEL, "")}
