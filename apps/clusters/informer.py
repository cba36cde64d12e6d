"""The informer: list and watch each kind of each cluster, and write what is seen.

A reader per kind puts changes into the cluster's queue; one writer per cluster takes them out in
batches, and one teller says which services they concern. Losing a connection costs a resume, losing
the place costs a list.
"""

import queue
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
import structlog
from django.db import DatabaseError, DataError, connection
from django.db.models import Q
from django.utils import timezone

from clusters import observed
from clusters.client import ClusterClient
from clusters.credentials import unseal
from clusters.errors import ClusterError, ResourceExpired, error_of_status
from clusters.heartbeat import Pulse
from clusters.mirror import (
    ALL_MIRRORED,
    Batch,
    Change,
    Gone,
    Heard,
    Mirrored,
    Place,
    Seen,
    tell,
    write,
)
from clusters.models import Cluster, Heartbeat, MirrorCursor

WATCH_SECONDS, READ_SECONDS = 30, 40.0
BATCH_LENGTH = 1_000
QUEUE_LENGTH = 20_000
LONGEST_WRITE_SECONDS = 10.0
FIRST_BACK_OFF_SECONDS, LONGEST_BACK_OFF_SECONDS = 0.5, 20.0
LEASE, RENEWAL_SECONDS = timedelta(seconds=15), 5.0
T = TypeVar("T")
# As JSON writes it, and not a written backslash before `u0000`.
NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
log = structlog.get_logger(__name__)

envelope_decoder = msgspec.json.Decoder(observed.WatchEvent)
status_decoder = msgspec.json.Decoder(observed.ErrorStatus)
bookmark_decoder = msgspec.json.Decoder(observed.Bookmark)


def without_nul(text: bytes) -> bytes:
    """Replace NUL in JSON: a container may say it last, and the database has no place for it."""
    return NUL.sub(rb"\1\\ufffd", text) if b"\\u0000" in text else text


class Reader:
    """Follows one kind of one cluster."""

    def __init__(
        self,
        client: ClusterClient,
        what: Mirrored,
        changes: "queue.Queue[Change]",
        resource_version: str,
    ) -> None:
        self.client = client
        self.what = what
        self.changes = changes
        self.resource_version = resource_version
        self.listed: set[str] | None = None

    def run(self, stop: threading.Event) -> None:
        """Watch again and again; failures are further and further apart, up to a limit."""
        failures = 0
        while not stop.is_set():
            try:
                self.watch_once(stop)
                failures = 0
            except ResourceExpired:
                log.info("resource version expired, listing again", kind=self.what.kind.name)
                self.resource_version = ""
            except ClusterError as error:
                failures += 1
                log.warning(
                    "watch failed", kind=self.what.kind.name, error=error.message, failures=failures
                )
                stop.wait(back_off_seconds(failures))

    def watch_once(self, stop: threading.Event) -> None:
        """Follow the stream until the server ends it; begin with a full list where needed."""
        self.listed = None if self.resource_version else set()
        for line in self.client.watch(
            self.what.kind, seconds=WATCH_SECONDS, read_seconds=READ_SECONDS, **self.start_from()
        ):
            if stop.is_set():
                return
            for change in self.changes_in(line):
                self.changes.put(change)
        if self.resource_version:
            self.changes.put(self.heard())

    def start_from(self) -> dict[str, object]:
        """Return where a watch starts: where we were, or a list streamed as events."""
        if self.resource_version:
            return {"resourceVersion": self.resource_version}
        return {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}

    def changes_in(self, line: bytes) -> Iterator[Change]:
        """Yield what one line of the stream means.

        Raises:
            ResourceExpired: the server no longer knows our place.
            ClusterError: the server ended the stream with another error.
        """
        if not line.strip():
            return
        event = envelope_decoder.decode(line)
        if event.type == "ERROR":
            status = status_decoder.decode(event.object)
            raise error_of_status(status.code, status.message, retry_after_seconds=None)
        if event.type == "BOOKMARK":
            yield from self.bookmark(bookmark_decoder.decode(event.object))
            return
        row = self.row_of(event.object)
        if row is None:
            return
        if event.type == "DELETED":
            yield Gone(self.what, row)
        else:
            yield Seen(self.what, row)
        if self.listed is not None:
            self.listed.add(row["uid"])
        else:
            self.resource_version = str(row["resource_version"])
            yield self.heard()

    def bookmark(self, mark: observed.Bookmark) -> Iterator[Change]:
        """Take note of a place in the stream; one of them ends the initial list."""
        if self.listed is not None and not mark.ends_initial_list:
            return
        self.resource_version = mark.resource_version
        complete = None if self.listed is None else frozenset(self.listed)
        self.listed = None
        yield self.heard(complete)

    def heard(self, complete: frozenset[str] | None = None) -> Heard:
        """Say that the stream lives."""
        return Heard(self.what, self.resource_version, timezone.now(), complete)

    def row_of(self, raw: msgspec.Raw) -> dict[str, Any] | None:
        """Decode an object; one that cannot be read is reported and left out."""
        try:
            return self.what.row(self.what.decoder.decode(without_nul(bytes(raw))))
        except (msgspec.DecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("object left out", kind=self.what.kind.name, error=str(error)[:300])
            return None


class ClusterMirror:
    """The threads of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.credentials = bytes(cluster.credentials)
        self.stop = threading.Event()
        self.changes: queue.Queue[Change] = queue.Queue(QUEUE_LENGTH)
        self.observed: queue.Queue[set[Place]] = queue.Queue()

    def start(self) -> None:
        """Start a reader per kind, the writer and the teller."""
        client = ClusterClient(unseal(self.credentials, cluster=self.cluster.name))
        cursors = dict(
            MirrorCursor.objects.filter(cluster=self.cluster).values_list(
                "kind", "resource_version"
            )
        )
        for what in ALL_MIRRORED:
            reader = Reader(client, what, self.changes, cursors.get(what.kind.name, ""))
            self.spawn(what.kind.name, reader.run, self.stop)
        self.writers = [
            self.spawn("writer", self.write_batches),
            self.spawn("teller", self.tell_of_places),
        ]

    def end(self) -> None:
        """Stop, and wait until nothing more is written; readers end with their next event."""
        self.stop.set()
        for writer in self.writers:
            writer.join(LONGEST_WRITE_SECONDS)

    def spawn(self, name: str, target: object, *arguments: object) -> threading.Thread:
        """Start a thread that dies with the process."""
        thread = threading.Thread(
            target=target,  # type: ignore[arg-type]
            args=arguments,
            name=f"{self.cluster.name}/{name}",
            daemon=True,
        )
        thread.start()
        return thread

    def write_batches(self) -> None:
        """Write what is there; what comes while a batch is written makes the next one."""
        with closing(connection):
            while not self.stop.is_set():
                changes = taken(self.changes, most=BATCH_LENGTH)
                if not changes:
                    continue
                if places := self.until_done(partial(self.write, changes)):
                    self.observed.put(places)

    def write(self, changes: list[Change]) -> set[Place]:
        """Write changes together; one that the database can never take is left out alone."""
        try:
            return write(self.cluster, Batch.of(changes))
        except DataError as error:
            if len(changes) == 1:
                log.error("change left out", cluster=self.cluster.name, error=str(error)[:300])
                return set()
            middle = len(changes) // 2
            return self.write(changes[:middle]) | self.write(changes[middle:])

    def tell_of_places(self) -> None:
        """Tell of the places that changed, apart from writing, which shall not wait for it.

        First of all of them: whoever was here before may have died with something untold.
        """
        with closing(connection):
            self.until_done(partial(tell, self.cluster, None))
            while not self.stop.is_set():
                if places := set[Place]().union(*taken(self.observed, most=BATCH_LENGTH)):
                    self.until_done(partial(tell, self.cluster, places))

    def until_done(self, work: Callable[[], T]) -> T | None:
        """Work until told to stop; what the database refuses now is tried again."""
        while not self.stop.is_set():
            try:
                return work()
            except DatabaseError as error:
                log.warning("mirror not written", cluster=self.cluster.name, error=str(error))
                connection.close()
                self.stop.wait(1.0)
        return None


class Informer:
    """Mirrors every cluster that no other informer has leased."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stop = threading.Event()
        self.pulse = Pulse(Heartbeat.Part.INFORMER, name)
        self.mirrors: dict[int, ClusterMirror] = {}

    def run(self) -> None:
        """Look for clusters to mirror until told to stop."""
        while not self.stop.is_set():
            self.pulse.beat()
            try:
                self.look_for_clusters()
            except DatabaseError as error:
                log.warning("clusters not read", error=str(error))
                connection.close()
            self.stop.wait(RENEWAL_SECONDS)
        for mirror in self.mirrors.values():
            mirror.end()
        Cluster.objects.filter(informer=self.name).update(informer="", informer_lease_until=None)
        self.pulse.end()

    def look_for_clusters(self) -> None:
        """Start and stop mirrors as clusters come, change and go."""
        leased = {cluster.pk: cluster for cluster in self.lease_clusters()}
        for pk, mirror in list(self.mirrors.items()):
            if pk not in leased or bytes(leased[pk].credentials) != mirror.credentials:
                mirror.end()
                del self.mirrors[pk]
        for pk in leased.keys() - self.mirrors.keys():
            self.start_mirror(leased[pk])

    def lease_clusters(self) -> list[Cluster]:
        """Renew our leases, take the free ones, and return what is ours."""
        now = timezone.now()
        free = Q(informer_lease_until=None) | Q(informer_lease_until__lt=now)
        Cluster.objects.filter(Q(informer=self.name) | free).update(
            informer=self.name, informer_lease_until=now + LEASE
        )
        return list(Cluster.objects.filter(informer=self.name))

    def start_mirror(self, cluster: Cluster) -> None:
        """Start one cluster's mirror, unless its credentials cannot be used."""
        mirror = ClusterMirror(cluster)
        try:
            mirror.start()
        except ClusterError as error:
            log.error("cluster not mirrored", cluster=cluster.name, error=str(error))
            return
        log.info("mirroring", cluster=cluster.name, server=cluster.server)
        self.mirrors[cluster.pk] = mirror


def taken(items: "queue.Queue[T]", *, most: int) -> list[T]:
    """Take what is there, after waiting a second for the first; its only taker calls this."""
    try:
        found = [items.get(timeout=1.0)]
    except queue.Empty:
        return []
    while len(found) < most and not items.empty():
        found.append(items.get())
    return found


def back_off_seconds(failures: int) -> float:
    """Return how long to wait after so many failures in a row, with jitter."""
    longest: float = min(
        FIRST_BACK_OFF_SECONDS * 2 ** min(failures - 1, 10), LONGEST_BACK_OFF_SECONDS
    )
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)
