"""A small run in which all is well, told by hand; tests break it in one place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tests.faults.evidence import (
    EPOCH,
    OURS,
    REVISION,
    ROLLOUT,
    SERVICE_ID,
    Attempt,
    AuditRow,
    Ending,
    Entry,
    Evidence,
    Ledger,
    Look,
    Rollout,
    Service,
    Transition,
    Write,
)

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
NAMESPACE, NAME, SERVICE = "red-production", "scorer", "service-1"
DEPLOY, SCALE = "rollout-1", "rollout-2"
EACH = {"cpu": 250, "pods": 1}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def attempt(key: str, verb: str, seconds: float, status: int = 202, **answer: Any) -> Attempt:
    path = f"projects/red/environments/production/services/{NAME}/{verb}"
    return Attempt(
        key=key,
        request_id=f"{key}-{seconds}",
        path=path if "id" not in answer or verb not in ("pause", "resume", "abort") else verb,
        sent_at=at(seconds),
        answered_at=at(seconds + 0.1),
        status=status,
        answer=answer,
    )


def write(seconds: float, obj: dict[str, Any], *, by: str = OURS, **fields: Any) -> Write:
    """Return a line of the API server's log."""
    metadata = obj.get("metadata", {})
    reference = {
        "resource": fields.pop("resource", "deployments"),
        "namespace": fields.pop("namespace", NAMESPACE),
        "name": fields.pop("name", metadata.get("name", NAME)),
    }
    line = {
        "verb": "patch",
        "user": {"username": by},
        "objectRef": reference,
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": at(seconds),
        "stageTimestamp": at(seconds + 0.01),
        "responseObject": obj,
        **fields,
    }
    return msgspec.convert(line, Write)


def deployment(
    version: int,
    *,
    generation: int,
    rollout: str,
    epoch: int,
    revision: int = 1,
    replicas: int = 1,
    ready: int = 0,
    **metadata: Any,
) -> dict[str, Any]:
    """Return a Deployment as the API server answers with it."""
    return {
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "uid": "deployment-1",
            "resourceVersion": str(version),
            "generation": generation,
            "annotations": {ROLLOUT: rollout, EPOCH: str(epoch)},
            **metadata,
        },
        "spec": {
            "replicas": replicas,
            "template": {"metadata": {"labels": {REVISION: str(revision)}}},
        },
        "status": {
            "observedGeneration": generation if ready else generation - 1,
            "replicas": ready,
            "updatedReplicas": ready,
            "availableReplicas": ready,
        },
    }


def pod(seconds: float, name: str) -> Write:
    spec = {"containers": [{"resources": {"requests": {"cpu": "250m"}}}]}
    metadata = {"name": name, "uid": name, "resourceVersion": "1", "labels": {SERVICE_ID: SERVICE}}
    made = {"metadata": metadata, "spec": spec}
    return write(seconds, made, by="admin", verb="create", resource="pods")


def ledger(seconds: float, cpu: int, *, promised: int | None = None) -> Ledger:
    return Ledger(
        at=at(seconds),
        until=at(seconds),
        limits={NAMESPACE: {"cpu": 1000}},
        reserved={NAMESPACE: of_pods(cpu)},
        promised={SERVICE: of_pods(cpu if promised is None else promised)},
    )


def of_pods(cpu: int) -> dict[str, int]:
    return {"cpu": cpu, "pods": cpu // EACH["cpu"]}


def transition(rollout: str, seconds: float, before: str, after: str) -> Transition:
    return Transition(
        rollout=rollout,
        at=at(seconds),
        from_phase=before,
        phase=after,
        reason="",
        actor="slipway",
    )


def rollout(id: str, kind: str, note: str, begin: float, end: float, **fields: Any) -> Rollout:
    known = {
        "id": id,
        "service": SERVICE,
        "kind": kind,
        "phase": "Succeeded",
        "note": note,
        "created_at": at(begin),
        "finished_at": at(end),
        "from_revision": None,
        "to_revision": 1,
        "from_replicas": 0,
        "to_replicas": 1,
        "rolled_back": False,
    }
    return Rollout(**{**known, **fields})


class Story:
    """A service is deployed and then scaled to two; every witness says the same of it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = [
            attempt("key-1", "rollouts", 1, id=DEPLOY),
            attempt("key-1", "rollouts", 2, id=DEPLOY),
            attempt("key-2", "scale", 11, status=503),
            attempt("key-2", "scale", 12, id=SCALE),
            ledger(5, 250),
            ledger(16, 500),
            self.look(9),
        ]
        self.writes = [
            write(3, deployment(10, generation=1, rollout=DEPLOY, epoch=1)),
            pod(4, "pod-1"),
            write(6, deployment(11, generation=1, rollout=DEPLOY, epoch=1, ready=1), by="admin"),
            write(13, deployment(12, generation=2, rollout=SCALE, epoch=3, replicas=2)),
            pod(14, "pod-2"),
            write(15, self.at_rest(), by="admin"),
        ]
        self.rollouts = [
            rollout(DEPLOY, "deploy", "key-1", 1, 8),
            rollout(
                SCALE,
                "scale",
                "key-2",
                11.5,
                17,
                from_revision=1,
                from_replicas=1,
                to_replicas=2,
            ),
        ]
        self.transitions = [
            transition(id, begin + seconds, before, after)
            for id, begin in ((DEPLOY, 1), (SCALE, 11))
            for seconds, before, after in (
                (0, "Pending", "Pending"),
                (2, "Pending", "Progressing"),
                (6, "Progressing", "Succeeded"),
            )
        ]
        self.audit = [
            AuditRow(action="rollout.start", object_id=DEPLOY, request_id="key-1-1"),
            AuditRow(action="rollout.start", object_id=SCALE, request_id="key-2-11"),
        ]
        self.ending: dict[str, Any] = {
            "ledger": ledger(30, 500),
            "namespaces": [NAMESPACE],
            "pods": {NAMESPACE: ["pod-1", "pod-2"]},
            "mirrored_pods": {NAMESPACE: ["pod-2", "pod-1"]},
            "deployments": [self.at_rest()],
            "ports": {SERVICE: 8080},
        }
        self.service: dict[str, Any] = {
            "id": SERVICE,
            "name": NAME,
            "namespace": NAMESPACE,
            "desired_replicas": 2,
            "current_revision": 1,
            "requests": EACH,
            "port": 8080,
            "health": "Healthy",
        }

    def at_rest(self) -> dict[str, Any]:
        return deployment(13, generation=2, rollout=SCALE, epoch=3, replicas=2, ready=2)

    def look(self, seconds: float, health: str = "Healthy", **fields: Any) -> Look:
        known = {"observed_at": at(seconds - 1), "stale": False, **fields}
        return Look(at=at(seconds), service=SERVICE, health=health, **known)

    def change(self, id: str, **fields: Any) -> None:
        """Let the database say something else of a rollout."""
        self.rollouts = [
            msgspec.structs.replace(rollout, **fields) if rollout.id == id else rollout
            for rollout in self.rollouts
        ]

    def evidence(self) -> Evidence:
        ending = Ending(
            at=at(30),
            rollouts=self.rollouts,
            transitions=self.transitions,
            services=[Service(**self.service)],
            audit=self.audit,
            **self.ending,
        )
        return Evidence(self.entries, self.writes, ending)
