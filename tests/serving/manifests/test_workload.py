"""The Deployment of a service, compared as a whole: nothing is missing and nothing is added."""

from typing import Any

import msgspec
import pytest

from clusters.kinds import Manifest
from serving.manifests.spec import (
    Identity,
    Probe,
    Probes,
    Scale,
    SecretNames,
    SecretRef,
    ServiceSpec,
    Stamp,
)
from serving.manifests.workload import deployment

IDENTITY = Identity(
    project="fraud",
    environment="production",
    namespace="fraud-production",
    service="scorer",
    service_id="7c1e",
)
LEAST = ServiceSpec(
    model="toxicity", version="1", image="m@sha256:1", protocol="http", port=8080,
    requests={"cpu": "1"}, limits={},
)  # fmt: skip
STAMP = Stamp(revision=3, rollout="a-rollout", epoch=12)
LABELS = {
    "app.kubernetes.io/name": "toxicity",
    "app.kubernetes.io/instance": "scorer",
    "app.kubernetes.io/component": "model-service",
    "app.kubernetes.io/part-of": "fraud",
    "app.kubernetes.io/managed-by": "slipway",
    "slipway.dev/project": "fraud",
    "slipway.dev/environment": "production",
    "slipway.dev/service": "scorer",
    "slipway.dev/service-id": "7c1e",
}
VERSIONED = LABELS | {"app.kubernetes.io/version": "1"}
READINESS = {
    "httpGet": {"path": "/healthz", "port": "http"},
    "initialDelaySeconds": 0,
    "periodSeconds": 5,
    "timeoutSeconds": 2,
    "failureThreshold": 3,
}
CONTAINER: Manifest = {
    "name": "model",
    "image": "m@sha256:1",
    "imagePullPolicy": "IfNotPresent",
    "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {"requests": {"cpu": "1"}, "limits": {}},
    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    },
    "readinessProbe": READINESS,
}
POD: Manifest = {
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "terminationGracePeriodSeconds": 35,
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [CONTAINER],
}
MINIMAL: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "scorer",
        "namespace": "fraud-production",
        "labels": VERSIONED,
        "annotations": {"slipway.dev/epoch": "12", "slipway.dev/rollout": "a-rollout"},
    },
    "spec": {
        "replicas": 1,
        "paused": False,
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 5,
        "selector": {"matchLabels": {"slipway.dev/service-id": "7c1e"}},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
        },
        "template": {
            "metadata": {"labels": VERSIONED | {"slipway.dev/revision": "3"}},
            "spec": POD,
        },
    },
}


def spec(**changes: Any) -> ServiceSpec:
    return msgspec.structs.replace(LEAST, **changes)


def with_spec(**changes: Any) -> Manifest:
    """Return the minimal Deployment with other fields of its spec."""
    return MINIMAL | {"spec": MINIMAL["spec"] | changes}


def with_pod(**changes: Any) -> Manifest:
    """Return the minimal Deployment with other fields of its pods."""
    template = MINIMAL["spec"]["template"]
    return with_spec(template=template | {"spec": POD | changes})


def with_container(**changes: Any) -> Manifest:
    """Return the minimal Deployment with other fields of its container."""
    return with_pod(containers=[CONTAINER | changes])


def test_a_service_that_states_the_least():
    assert deployment(IDENTITY, LEAST, Scale(replicas=1), STAMP) == MINIMAL


FULL = spec(
    protocol="grpc",
    port=9000,
    requests={"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "2"},
    limits={"memory": "16Gi", "nvidia.com/gpu": "2"},
    gpu_product="NVIDIA-A10",
    node_selector={"zone": "a", "nvidia.com/gpu.product": "another"},
    env={"THRESHOLD": "0.5", "BATCH": "8"},
    command=("/bin/serve",),
    args=("--model", "/m"),
    probes=Probes(
        readiness=Probe(grpc_service="ready"),
        liveness=Probe(period_seconds=30, timeout_seconds=9, failure_threshold=4),
        startup=Probe(initial_delay_seconds=20, failure_threshold=60),
    ),
    progress_deadline_seconds=1800,
    secrets=(
        SecretRef("database", key="password", env="PASSWORD"),
        SecretRef("database", path="/etc/database"),
        SecretRef("tls", key="tls.key", path="/etc/tls"),
    ),
    secret_versions={"database": 2, "tls": 1},
    pull_credentials={"registry": 4},
)
NAMES = SecretNames(
    secrets={"database": "database-2-x", "tls": "tls-1-y"},
    pull_credentials={"registry": "registry-4-z", "mirror": "mirror-1-z"},
)
TIMES = {"initialDelaySeconds": 0, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 3}


def test_a_service_that_states_everything():
    scale = Scale(replicas=7, max_surge=2, max_unavailable=3)
    assert deployment(IDENTITY, FULL, scale, STAMP, NAMES) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": MINIMAL["metadata"],
        "spec": {
            "replicas": 7,
            "paused": False,
            "progressDeadlineSeconds": 1800,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": {"slipway.dev/service-id": "7c1e"}},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 2, "maxUnavailable": 3},
            },
            "template": {
                "metadata": {"labels": VERSIONED | {"slipway.dev/revision": "3"}},
                "spec": {
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": 35,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "containers": [
                        {
                            "name": "model",
                            "image": "m@sha256:1",
                            "imagePullPolicy": "IfNotPresent",
                            "ports": [{"name": "grpc", "containerPort": 9000}],
                            "resources": {
                                "requests": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "2"},
                                "limits": {"memory": "16Gi", "nvidia.com/gpu": "2"},
                            },
                            "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
                            "securityContext": {
                                "allowPrivilegeEscalation": False,
                                "capabilities": {"drop": ["ALL"]},
                            },
                            "command": ["/bin/serve"],
                            "args": ["--model", "/m"],
                            # By name, so that the order in which they were stated changes nothing.
                            "env": [
                                {"name": "BATCH", "value": "8"},
                                {
                                    "name": "PASSWORD",
                                    "valueFrom": {
                                        "secretKeyRef": {"name": "database-2-x", "key": "password"}
                                    },
                                },
                                {"name": "THRESHOLD", "value": "0.5"},
                            ],
                            "volumeMounts": [
                                {
                                    "name": "secret-0",
                                    "mountPath": "/etc/database",
                                    "readOnly": True,
                                },
                                {"name": "secret-1", "mountPath": "/etc/tls", "readOnly": True},
                            ],
                            "readinessProbe": {"grpc": {"port": 9000, "service": "ready"}, **TIMES},
                            "livenessProbe": {
                                "grpc": {"port": 9000, "service": ""},
                                "initialDelaySeconds": 0,
                                "periodSeconds": 30,
                                "timeoutSeconds": 9,
                                "failureThreshold": 4,
                            },
                            "startupProbe": {
                                "grpc": {"port": 9000, "service": ""},
                                "initialDelaySeconds": 20,
                                "periodSeconds": 5,
                                "timeoutSeconds": 2,
                                "failureThreshold": 60,
                            },
                        }
                    ],
                    "volumes": [
                        {"name": "secret-0", "secret": {"secretName": "database-2-x"}},
                        {
                            "name": "secret-1",
                            "secret": {
                                "secretName": "tls-1-y",
                                "items": [{"key": "tls.key", "path": "tls.key"}],
                            },
                        },
                    ],
                    "imagePullSecrets": [{"name": "mirror-1-z"}, {"name": "registry-4-z"}],
                    # The stated product comes before a label that says otherwise.
                    "nodeSelector": {"zone": "a", "nvidia.com/gpu.product": "NVIDIA-A10"},
                },
            },
        },
    }


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        pytest.param(Scale(replicas=0), with_spec(replicas=0), id="scaled to nothing"),
        pytest.param(
            Scale(replicas=3, max_surge=2, max_unavailable=1, recreate=True),
            with_spec(replicas=3, strategy={"type": "Recreate"}),
            id="all pods at once, which has no bounds",
        ),
        pytest.param(
            Scale(replicas=2, max_surge=0, max_unavailable=1, paused=True),
            with_spec(
                replicas=2,
                paused=True,
                strategy={
                    "type": "RollingUpdate",
                    "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
                },
            ),
            id="held",
        ),
    ],
)
def test_how_many_pods_and_how_they_are_replaced(scale, expected):
    assert deployment(IDENTITY, LEAST, scale, STAMP) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param(
            spec(gpu_product="NVIDIA-A10"),
            with_pod(nodeSelector={"nvidia.com/gpu.product": "NVIDIA-A10"}),
            id="a GPU of one product",
        ),
        pytest.param(
            spec(node_selector={"zone": "a"}), with_pod(nodeSelector={"zone": "a"}), id="labels"
        ),
        pytest.param(spec(command=("serve",)), with_container(command=["serve"]), id="a command"),
        pytest.param(
            spec(env={"EMPTY": ""}),
            with_container(env=[{"name": "EMPTY", "value": ""}]),
            id="a variable that is empty",
        ),
        pytest.param(
            spec(probes=Probes(readiness=Probe(path="/ready"))),
            with_container(
                readinessProbe=READINESS | {"httpGet": {"path": "/ready", "port": "http"}}
            ),
            id="HTTP is asked at the stated path",
        ),
        pytest.param(
            spec(protocol="grpc", probes=Probes(readiness=Probe(path="/ignored"))),
            with_container(
                ports=[{"name": "grpc", "containerPort": 8080}],
                readinessProbe={"grpc": {"port": 8080, "service": ""}, **TIMES},
            ),
            id="gRPC has a health check of its own",
        ),
        pytest.param(
            spec(protocol="thrift", probes=Probes(liveness=Probe(grpc_service="ignored"))),
            with_container(
                ports=[{"name": "thrift", "containerPort": 8080}],
                readinessProbe={"tcpSocket": {"port": "thrift"}, **TIMES},
                livenessProbe={"tcpSocket": {"port": "thrift"}, **TIMES},
            ),
            id="of Thrift only the port can be asked",
        ),
    ],
)
def test_a_setting_changes_its_own_field_and_no_other(stated, expected):
    assert deployment(IDENTITY, stated, Scale(replicas=1), STAMP) == expected


def test_a_later_rollout_of_the_same_revision_has_the_same_pods():
    later = Stamp(revision=3, rollout="another", epoch=13)
    metadata = MINIMAL["metadata"] | {
        "annotations": {"slipway.dev/epoch": "13", "slipway.dev/rollout": "another"}
    }
    assert deployment(IDENTITY, LEAST, Scale(replicas=1), later) == MINIMAL | {"metadata": metadata}
