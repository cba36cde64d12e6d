"""Callers of a model service that never stop and never try again."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread

import pytest

from tests.node.eventually import eventually
from tests.node.kubernetes import Kubernetes
from tests.node.training import Model, transactions

CALLERS, PAUSE_SECONDS = 3, 0.01
# Load balancers learn of a change about as late.
RESOLVE_SECONDS = 1.0
PORT = 8080


@dataclass
class Traffic:
    """What the callers saw."""

    versions: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.versions.total() + len(self.failures)


@dataclass
class Caller:
    """Sends a request to any ready endpoint, checks the answer, and goes on."""

    kubernetes: Kubernetes
    namespace: str
    service: str
    models: dict[str, Model]
    traffic: Traffic = field(default_factory=Traffic)
    stopped: Event = field(default_factory=Event)
    addresses: list[str] = field(default_factory=list)

    def resolve(self) -> None:
        """Keep the list of endpoints as a load balancer does, a moment behind the truth."""
        while not self.stopped.wait(RESOLVE_SECONDS):
            self.addresses = self.kubernetes.ready_addresses(self.namespace, self.service)

    def call_on(self, seed: int) -> None:
        """Send requests until the end."""
        examples = transactions(50, seed=seed)
        while not self.stopped.wait(PAUSE_SECONDS):
            features, _ = random.choice(examples)
            try:
                version, probability = predict(random.choice(self.addresses), [features])
            except (OSError, HTTPException, IndexError) as error:
                self.traffic.failures.append(repr(error))
                continue
            if probability != pytest.approx([self.models[version].probability(features)]):
                self.traffic.failures.append(f"version {version} answered {probability}")
            self.traffic.versions[version] += 1


def predict(address: str, instances: list[tuple[float, float]]) -> tuple[str, list[float]]:
    """Ask one pod for predictions, on a connection of its own."""
    with closing(HTTPConnection(address, PORT, timeout=5)) as connection:
        connection.request("POST", "/predict", json.dumps({"instances": instances}))
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        raise HTTPException(f"{response.status} {body!r}")
    answer = json.loads(body)
    return answer["version"], answer["predictions"]


@contextmanager
def traffic_to(
    kubernetes: Kubernetes, namespace: str, service: str, models: dict[str, Model]
) -> Iterator[Traffic]:
    """Call a service for the length of a block."""
    caller = Caller(kubernetes, namespace, service, models)
    caller.addresses = kubernetes.ready_addresses(namespace, service)
    threads = [Thread(target=caller.resolve)]
    threads += [Thread(target=caller.call_on, args=(seed,)) for seed in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: caller.traffic.total > 50, within_seconds=20, what="requests are sent")
        yield caller.traffic
    finally:
        caller.stopped.set()
        for thread in threads:
            thread.join()
