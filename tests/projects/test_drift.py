"""Which namespace is an environment's, and what it means that something differs."""

from typing import Any

import pytest

from clusters.drift import OURS
from core.resources import Resources
from projects.drift import FOREIGN, GOING, Setup, to_repair, verdict_of
from projects.manifests import Tenancy, deletion_blockers, namespace, owner_labels

TENANCY = Tenancy(project="p", environment="e", namespace="n")
LIMITS = Resources.parse({"cpu": "4", "memory": "8Gi"})
OTHER_OWNER = {"slipway.dev/project": "rival", "slipway.dev/environment": "e"}
WITHOUT_PROJECT = {k: v for k, v in owner_labels(TENANCY).items() if not k.endswith("/project")}


def setup(**known: Any) -> Setup:
    return Setup(tenancy=TENANCY, limits=LIMITS, **known)


def found_namespace(labels: dict[str, str], *, is_ours: bool = True, **metadata: Any) -> Any:
    manager, operation = OURS if is_ours else ("kubectl-create", "Update")
    entry = {"manager": manager, "operation": operation, "fieldsV1": {}}
    identity = {"name": "n", "uid": "u", "labels": labels, "managedFields": [entry]}
    return {"kind": "Namespace", "metadata": {**identity, **metadata}}


MADE = {"namespace_uid": "u", "was_reached": True}
REPLACED = {"namespace_uid": "before", "was_reached": True}
NOT_NOTED = {"was_reached": True}


@pytest.mark.parametrize(
    ("known", "labels", "is_ours", "expected"),
    [
        pytest.param({}, owner_labels(TENANCY), False, True, id="its labels say so"),
        pytest.param({}, WITHOUT_PROJECT, True, False, id="never made, and labels lack"),
        pytest.param({}, {}, False, False, id="never made, and somebody made one"),
        pytest.param(MADE, WITHOUT_PROJECT, True, True, id="made, and lost a label"),
        pytest.param(MADE, {}, False, True, id="made, and lost all and our record"),
        pytest.param(
            MADE, {"app.kubernetes.io/managed-by": "Helm"}, True, True, id="made, another tool"
        ),
        pytest.param(MADE, OTHER_OWNER, True, False, id="made, and given to another owner"),
        pytest.param(REPLACED, {}, True, False, id="another one in its place"),
        pytest.param(
            REPLACED, owner_labels(TENANCY), False, True, id="in its place, with all labels"
        ),
        pytest.param(NOT_NOTED, WITHOUT_PROJECT, True, True, id="from before, on our record"),
        pytest.param(NOT_NOTED, WITHOUT_PROJECT, False, False, id="from before, not on record"),
        pytest.param(NOT_NOTED, OTHER_OWNER, True, False, id="from before, another owner"),
    ],
)
def test_a_namespace_is_ours_only_where_that_is_known(known, labels, is_ours, expected):
    assert setup(**known).owns(found_namespace(labels, is_ours=is_ours)) is expected


def test_what_is_in_a_namespace_of_others_is_not_told():
    theirs = {"kind": "ResourceQuota", "metadata": {"name": "theirs"}}
    found = {("Namespace", "n"): found_namespace({}), ("ResourceQuota", "theirs"): theirs}
    (difference,) = setup().compared_with(found)
    assert (difference.object, difference.found) == ("Namespace/n", FOREIGN)


def test_what_is_in_a_namespace_that_goes_goes_with_it():
    at = "2026-01-01T00:00:00Z"
    going = found_namespace(owner_labels(TENANCY), deletionTimestamp=at)
    (difference,) = setup().compared_with({("Namespace", "n"): going})
    assert (difference.found, difference.since) == (GOING, at)


def test_of_kinds_that_were_not_read_nothing_is_said():
    assert setup().compared_with({}, kinds=set()) == []
    missing = setup().compared_with({}, kinds={"LimitRange"})
    assert [difference.object for difference in missing] == ["LimitRange/slipway"]


def test_objects_of_others_are_not_amiss():
    whole = {(m["kind"], m["metadata"]["name"]): m for m in setup().manifests}
    namespace_key = ("Namespace", "n")
    whole[namespace_key] = {**found_namespace(namespace(TENANCY)["metadata"]["labels"])}
    theirs = {"kind": "LimitRange", "metadata": {"name": "theirs"}}
    differences = setup().compared_with({**whole, ("LimitRange", "theirs"): theirs})
    assert [difference.object for difference in differences] == ["LimitRange/theirs"]
    assert to_repair(differences) == []


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({}, "Missing"),
        ({("Namespace", "n"): found_namespace({})}, "NamespaceConflict"),
        (
            {("Namespace", "n"): found_namespace(owner_labels(TENANCY), deletionTimestamp="t")},
            "WaitingForDeletion",
        ),
        ({("Namespace", "n"): found_namespace(owner_labels(TENANCY))}, "Drifted"),
    ],
)
def test_the_worst_that_differs_names_the_reason(found, reason):
    assert verdict_of(setup().compared_with(found))[0] == reason


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param({}, "", id="nothing is known"),
        pytest.param({"spec": {"finalizers": ["kubernetes"]}}, "", id="as every namespace"),
        pytest.param(
            {"metadata": {"finalizers": ["a/b"]}},
            "Its finalizers block the deletion: a/b.",
            id="held itself",
        ),
        pytest.param(
            {"spec": {"finalizers": ["kubernetes", "c/d"]}, "metadata": {"finalizers": ["a/b"]}},
            "Its finalizers block the deletion: a/b, c/d.",
            id="held twice",
        ),
        pytest.param(
            {
                "status": {
                    "conditions": [
                        {"status": "False", "message": "All content successfully deleted"},
                        {"status": "True", "message": "Some resources are remaining"},
                        {"status": "True"},
                    ]
                }
            },
            "Some resources are remaining.",
            id="what is left",
        ),
    ],
)
def test_what_keeps_a_namespace_from_going_is_said(found, said):
    assert str(deletion_blockers(found)) == said
