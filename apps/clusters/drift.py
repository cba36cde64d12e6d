"""Compares what was applied with what a cluster has, completely and field by field. Pure.

Everything that a manifest states must be there. Anything else may be there only if the API server
put it there: such fields have no owner, as long as our own ownership is on record.
Source: kubernetes.io/docs/reference/using-api/server-side-apply, field management
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.quantities import exact_quantity

OURS = ("slipway", "Apply")
# The fields that identify an item of a list, by the field that holds the list.
KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
}
PORT_KEYS = {"containers": ("containerPort", "protocol"), "spec": ("port", "protocol")}
# Defaults of the API server: harmless even if somebody set them explicitly.
DEFAULTS: Mapping[str, Any] = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "protocol": "TCP",
    "successThreshold": 1,
    "scheme": "HTTP",
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
    "ipFamilyPolicy": "SingleStack",
}
# What the cluster assigns to each object by itself; to have no address, though, is a choice.
ASSIGNED = frozenset({"clusterIP", "clusterIPs", "ipFamilies", "finalizers"})
HEADLESS = ("None", ["None"])
# What the API server omits if it is false, zero or blank. In other fields these are values.
LEFT_OUT = frozenset({"paused", "value", "initialDelaySeconds", "publishNotReadyAddresses"})
# Maps whose keys people choose: a key in them does not mean what a field of that name means.
CHOSEN = frozenset({"labels", "annotations", "nodeSelector", "matchLabels", "selector"})
# An object with this field is being deleted, and waits for its finalizers or for what it owns.
DELETION = "deletionTimestamp"
NAMES = (("metadata", "labels"), ("metadata", "annotations"))
QUANTITIES = frozenset({"requests", "limits", "hard", "defaultRequest", "default"})


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Identifies an item of a list by the values of its keys."""

    values: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return "/".join(str(value) for _, value in self.values)

    @property
    def owned_as(self) -> str:
        """The key as field management writes it."""
        return "k:" + json.dumps(dict(sorted(self.values)), separators=(",", ":"))


Path = tuple[str | ItemKey, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who wrote some fields of an object, and when; `fields` is field management's tree."""

    manager: str
    operation: str
    at: str
    fields: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        return (self.manager, self.operation) == OURS

    def has(self, path: Path) -> bool:
        """Return whether this owner wrote a field, or something inside it."""
        tree = self.fields
        for step in path:
            inner = tree.get(step.owned_as if isinstance(step, ItemKey) else f"f:{step}")
            if inner is None:
                # A tree that ends before the path does owns everything below.
                return bool(path) and not tree and tree is not self.fields
            tree = inner
        return True


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as it was applied; None is absent, an empty path is the whole object."""

    kind: str
    name: str
    path: Path
    wanted: Any
    found: Any
    manager: str = ""
    since: str | None = None

    @property
    def object(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def field(self) -> str:
        """The path as people write it: `spec.containers[model].image`."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, ItemKey) else f".{step}"
        return text.lstrip(".")

    @property
    def is_extra(self) -> bool:
        """Whether somebody added a field that was not applied.

        A label or an annotation that is compared and not wanted is one that we applied before.
        """
        return self.wanted is None and bool(self.path) and self.path[:2] not in NAMES


def compare(manifest: Mapping[str, Any], found: Mapping[str, Any] | None) -> list[Difference]:
    """Return every difference between an object and the manifest that was applied.

    Of the metadata only what the manifest states is compared, and what we once stated and no longer
    do: other tools keep labels and annotations of their own there, which do no harm.
    """
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if found is None:
        return [Difference(kind, name, (), "present", None)]
    comparison = Comparison(kind, name, owners_of(found))
    metadata = found.get("metadata") or {}
    differences: list[Difference] = []
    going = metadata.get("deletionTimestamp")
    # The code that manages namespaces reports a namespace's deletion in more detail.
    if going and kind != "Namespace":
        differences.append(Difference(kind, name, ("metadata", DELETION), None, going, since=going))
    for _, part in NAMES:
        wanted = manifest["metadata"].get(part, {})
        has = metadata.get(part) or {}
        ours = {key: text for key, text in has.items() if comparison.is_ours(part, key, wanted)}
        differences += comparison.walk(("metadata", part), wanted, ours)
    wanted_spec = manifest.get("spec")
    if wanted_spec is not None:
        differences += comparison.walk(("spec",), wanted_spec, found.get("spec") or {})
    return differences


@dataclass(frozen=True, slots=True)
class Comparison:
    """One object, and who owns which of its fields."""

    kind: str
    name: str
    owners: list[Owner]

    def walk(self, path: Path, wanted: Any, found: Any) -> Iterator[Difference]:
        """Yield the differences at a path and below it."""
        if isinstance(wanted, Mapping) and isinstance(found, Mapping):
            yield from self.walk_fields(path, wanted, found)
            return
        keys = keys_of(path)
        if keys and isinstance(wanted, list) and isinstance(found, list):
            mine, its = by_key(wanted, keys), by_key(found, keys)
            if mine is not None and its is not None:
                yield from self.walk_fields(path, mine, its)
                return
        if not same(path, wanted, found):
            yield self.difference(path, wanted, found)

    def walk_fields(
        self, path: Path, wanted: Mapping[Any, Any], found: Mapping[Any, Any]
    ) -> Iterator[Difference]:
        """Yield the differences of named fields: missing, changed and added ones."""
        for step, value in wanted.items():
            if step in found:
                yield from self.walk((*path, step), value, found[step])
            elif not is_empty(value) and not (step in LEFT_OUT and not value):
                yield self.difference((*path, step), value, None)
        for step, value in found.items():
            if step not in wanted and self.is_foreign((*path, step), value):
                yield self.difference((*path, step), None, value)

    def is_ours(self, part: str, key: str, wanted: Mapping[str, Any]) -> bool:
        """Return whether a label or an annotation is ours: stated now, or applied at some time."""
        path = ("metadata", part, key)
        return key in wanted or any(owner.is_ours and owner.has(path) for owner in self.owners)

    def is_foreign(self, path: Path, value: Any) -> bool:
        """Return whether somebody added a field, as far as field management can tell."""
        if is_empty(value) or is_harmless(path, value):
            return False
        is_on_record = any(owner.is_ours for owner in self.owners)
        return not is_on_record or any(owner.has(path) for owner in self.owners)

    def difference(self, path: Path, wanted: Any, found: Any) -> Difference:
        """Return a difference, with who wrote the field last if that is known."""
        writers = [o for o in self.owners if not o.is_ours and o.has(path)]
        last = max(writers, key=lambda owner: owner.at, default=None)
        manager, since = (last.manager, last.at or None) if last else ("", None)
        return Difference(self.kind, self.name, path, wanted, found, manager, since)


def owners_of(found: Mapping[str, Any]) -> list[Owner]:
    """Return the owners of an object's fields; those who only report its status are left out."""
    entries = (found.get("metadata") or {}).get("managedFields") or []
    return [
        Owner(
            manager=entry.get("manager") or "",
            operation=entry.get("operation") or "",
            at=entry.get("time") or "",
            fields=entry.get("fieldsV1") or {},
        )
        for entry in entries
        if entry and entry.get("subresource") != "status"
    ]


def keys_of(path: Path) -> tuple[str, ...]:
    """Return the keys that tell a list's items apart; none if the list is one value."""
    name = path[-1]
    if name == "ports":
        return PORT_KEYS["containers" if "template" in path else "spec"]
    return KEYS.get(name, ()) if isinstance(name, str) else ()


def by_key(items: list[Any], keys: tuple[str, ...]) -> dict[ItemKey, Any] | None:
    """Return a list's items by their keys; None if the keys do not tell them apart."""
    defaults = {"protocol": "TCP"}
    named = {
        ItemKey(tuple((key, item.get(key, defaults.get(key))) for key in keys)): item
        for item in items
        if isinstance(item, Mapping)
    }
    return named if len(named) == len(items) else None


def is_empty(value: Any) -> bool:
    """Return whether a value is as good as none."""
    return value is None or value == [] or value == {}


def is_harmless(path: Path, value: Any) -> bool:
    """Return whether a field holds what the cluster would write by itself, whoever wrote it."""
    name = path[-1]
    if not isinstance(name, str) or CHOSEN.intersection(path[:-1]):
        return False
    is_assigned = name in ASSIGNED and value not in HEADLESS
    return is_assigned or DEFAULTS.get(name) == value or (name in LEFT_OUT and not value)


def same(path: Path, wanted: Any, found: Any) -> bool:
    """Return whether two values mean the same."""
    if wanted == found or (is_empty(wanted) and is_empty(found)):
        return True
    if len(path) > 1 and path[-2] in QUANTITIES:
        try:
            return exact_quantity(wanted) == exact_quantity(found)
        except ValueError:
            return False
    return False


def with_ownership(found: Mapping[str, Any], differences: Iterable[Difference]) -> list[Any]:
    """Return the `managedFields` with which the next apply makes an object what we state.

    Server-side apply removes only what its own manager applied before. So everything that differs
    is recorded as ours, and of the others only the controllers that report status are kept.
    """
    entries = (found.get("metadata") or {}).get("managedFields") or []
    kept = [entry for entry in entries if entry and entry.get("subresource") == "status"]
    ours = next((o.fields for o in owners_of(found) if o.is_ours), {})
    fields: dict[str, Any] = json.loads(json.dumps(ours))
    for difference in differences:
        if difference.path[-1:] == (DELETION,):
            continue
        tree = fields
        for step in difference.path:
            tree = tree.setdefault(step.owned_as if isinstance(step, ItemKey) else f"f:{step}", {})
            if isinstance(step, ItemKey):
                tree.setdefault(".", {})
    manager, operation = OURS
    entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": found["apiVersion"],
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return [entry, *kept]
