"""The informer: list and watch each kind of each cluster, and write what is seen.

A reader per kind puts changes into the cluster's queue; one writer per cluster takes them out in
batches, and one publisher says which services they concern. A lost connection costs a resume, a
lost place costs a list, and a doubtful place costs a look: silence is no sign of life. Anything
unexpected is recorded as a fault; it costs the object that it was in, or a list.
"""

import queue
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any, TypeVar

import msgspec
import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clusters import observed
from clusters.client import ClusterClient
from clusters.credentials import decrypt_access
from clusters.errors import (
    ClusterError,
    ClusterInvalid,
    ClusterUnavailable,
    ResourceExpired,
    error_of_status,
)
from clusters.heartbeat import LATE_AFTER, Pulse
from clusters.mirror import (
    ALL_MIRRORED,
    Batch,
    Failed,
    Gone,
    MirrorChange,
    Mirrored,
    ObjectPlace,
    Seen,
    Signs,
    Synced,
    forget,
    notify,
    write,
)
from clusters.models import Cluster, Heartbeat, MirrorCursor
from clusters.staleness import is_stale
from core import supervision
from core.holding import let_go
from core.lease import LeaseLost
from core.messages import Message
from core.outages import is_outage
from core.supervision import one_by_one

WATCH_SECONDS, READ_SECONDS = 30, 40.0
# As many as kubectl asks for at once.
PAGE_LENGTH = 500
# If history went back and has since passed our place again, only a full list shows it.
LIST_EVERY = timedelta(hours=1)
BATCH_LENGTH = 1_000
# Readers wait while it is full: rows would take memory, and their making the time of the writer.
QUEUE_LENGTH = 2_000
LONGEST_WRITE_SECONDS, WORDS_WAIT_SECONDS = 10.0, 3.0
INFORMER_LEASE, RENEWAL_SECONDS = timedelta(seconds=15), 5.0
# Longer than any batch takes to write.
HUNG_AFTER_SECONDS = 60.0
LEFT_ALONE_SECONDS = 15.0
T = TypeVar("T")
# NUL as JSON escapes it, but not an escaped backslash that precedes `u0000`.
ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
log = structlog.get_logger(__name__)

envelope_decoder = msgspec.json.Decoder(observed.WatchEvent)
status_decoder = msgspec.json.Decoder(observed.ErrorStatus)
bookmark_decoder = msgspec.json.Decoder(observed.Bookmark)
page_decoder = msgspec.json.Decoder(observed.ObjectList)


def without_nul(text: bytes) -> bytes:
    """Replace NUL in JSON: a container's message may hold it, and PostgreSQL cannot store it."""
    return ESCAPED_NUL.sub(rb"\1\\ufffd", text) if b"\\u0000" in text else text


class Reader:
    """Follows one kind of one cluster."""

    def __init__(
        self,
        client: ClusterClient,
        what: Mirrored,
        changes: "queue.Queue[MirrorChange]",
        resource_version: str,
        signs: Signs = Signs(),  # noqa: B008  (frozen)
        heard_at: datetime | None = None,
        *,
        cluster: str = "",
    ) -> None:
        self.client = client
        self.cluster = cluster
        self.what = what
        self.changes = changes
        self.resource_version = resource_version
        # The furthest place that we had: a list that is older belongs to another history.
        self.furthest = resource_version
        self.signs = signs
        self.heard_at = heard_at
        self.list_every = LIST_EVERY * random.uniform(0.8, 1.2)  # noqa: S311  (jitter)
        # Whether anything was heard since the last look, whether that was more than a list, and
        # whether our place has to be checked.
        self.has_synced = self.has_followed = self.is_doubtful = False
        self.stop = threading.Event()
        # Of a kind that is a heartbeat: a digest of each row as it was last queued, by uid.
        self.digests: dict[str, int] = {}

    def run(self, stop: threading.Event) -> None:
        """Watch until stopped; failures are retried at growing intervals, up to a limit."""
        failures, self.stop = 0, stop
        while not stop.is_set():
            self.has_synced = self.has_followed = False
            try:
                self.watch_or_expire(stop)
                failures = 0
            except ClusterError as error:
                failures = 1 if self.has_followed else failures + 1
                self.is_doubtful = True
                self.recover(error, failures)
                # Losing the place now and then is normal; losing it again at once is not.
                if failures > 1 or not isinstance(error, ResourceExpired):
                    stop.wait(back_off_seconds(failures))

    def recover(self, error: ClusterError, failures: int) -> None:
        """Report what went wrong, and keep it as the kind's failure while it lasts."""
        kind = self.what.kind.name
        if isinstance(error, ResourceExpired):
            log.info("place lost, listing again", kind=kind, error=str(error.message))
            self.lose_place()
            if failures == 1:
                return
        log.warning("watch failed", kind=kind, error=str(error.message), failures=failures)
        self.put(Failed(self.what, error.reason, error.account))

    def watch_or_expire(self, stop: threading.Event) -> None:
        """Follow the stream; after anything unexpected in it our place is no longer trusted.

        Raises:
            ClusterError: it failed, for whatever reason.
        """
        try:
            self.watch_once(stop)
        except ClusterError:
            raise
        except Exception as error:
            self.note(error, self.what.kind.name)
            raise ResourceExpired(Message("The API server sent an unexpected response.")) from error

    def note(self, error: Exception, about: str) -> None:
        """Record an unexpected error with this cluster."""
        supervision.record_fault(error, loop="reader", cluster=self.cluster, about=about)

    def watch_once(self, stop: threading.Event) -> None:
        """Follow the stream until the server ends it; begin with a full list where needed.

        Raises:
            ClusterError: it failed, or ended early without sending anything.
        """
        if self.is_list_due():
            self.lose_place()
        if not self.resource_version:
            self.list_all()
        elif self.is_doubtful:
            self.check_place()
        began = timezone.now()
        for line in self.lines():
            if stop.is_set():
                return
            for change in self.changes_in(line):
                self.put(change)
        ended = timezone.now()
        if not self.has_synced and ended - began < timedelta(seconds=WATCH_SECONDS / 2):
            raise ClusterUnavailable(
                Message("The API server closed the watch without sending anything.")
            )
        # Servers that are idle or busy send no bookmarks: after an early word, the silence of both
        # this watch and the next would make the mirror stale.
        quiet = timedelta(seconds=WATCH_SECONDS / 4)
        self.is_doubtful = self.heard_at is None or ended - self.heard_at > quiet

    def check_place(self) -> None:
        """After silence, ask how far the server is: a watch ahead of it hears nothing either.

        A kind in which nothing changes is silent for minutes, so one object is listed, not all.

        Raises:
            ResourceExpired: the server is not as far as we are, or does not say how far it is.
        """
        page = decoded_leniently(page_decoder, self.client.list(self.what.kind, None, limit=1))
        version = page.metadata.resource_version
        if version != self.resource_version and not is_before(self.resource_version, version):
            raise ResourceExpired(Message("The history of the cluster went back."))
        self.is_doubtful = False
        self.heard_at = timezone.now()
        self.put(Synced(self.what, self.resource_version, self.heard_at, signs=self.signs))

    def lines(self) -> Iterator[bytes]:
        """Open a watch from where we are; return its lines."""
        try:
            return self.client.watch(
                self.what.kind,
                seconds=WATCH_SECONDS,
                read_seconds=READ_SECONDS,
                resourceVersion=self.resource_version,
            )
        except ClusterInvalid as error:
            raise ResourceExpired(error.message) from error

    def list_all(self) -> None:
        """List page by page; if pages expire meanwhile, list everything at once."""
        try:
            self.list_pages(limit=PAGE_LENGTH)
        except ResourceExpired:
            self.list_pages()

    def list_pages(self, **query: object) -> None:
        """Queue everything there is, and then the fact that this is all.

        Raises:
            ResourceExpired: the pages are of a time that the server has forgotten, or of none.
        """
        listed: set[str] = set()
        self.digests.clear()
        for page in self.pages(query):
            for row in filter(None, map(self.row_of, page.items)):
                listed.add(row["uid"])
                # What is reported next is compared with this.
                self.is_news(row)
                self.put(Seen(self.what, row, is_listed=True))
        if not page.metadata.resource_version:
            raise ResourceExpired(Message("The API server sent an unexpected response."))
        self.put(self.synced_all(page.metadata.resource_version, frozenset(listed)))

    def pages(self, query: dict[str, object]) -> Iterator[observed.ObjectList]:
        """Read a list page by page, until its end or our own."""
        while True:
            page = decoded_leniently(page_decoder, self.client.list(self.what.kind, None, **query))
            yield page
            query["continue"] = page.metadata.continue_from
            if not query["continue"] or self.stop.is_set():
                return

    def is_list_due(self) -> bool:
        """Return whether the last full list is too long ago.

        After an outage one is due at once: history may have gone back and on again meanwhile.
        """
        now, listed_at = timezone.now(), self.signs.listed_at
        if listed_at is None or now - listed_at > self.list_every:
            return True
        return is_stale(self.heard_at, now=now)

    def lose_place(self) -> None:
        """Begin with a full list next time, and remember how far we were."""
        self.furthest = self.resource_version or self.furthest
        self.resource_version = ""

    def changes_in(self, line: bytes) -> Iterator[MirrorChange]:
        """Yield what one line of the stream means.

        Raises:
            ResourceExpired: the server no longer knows our place.
            ClusterError: the server ended the stream with another error.
        """
        if not line.strip():
            return
        event = decoded_leniently(envelope_decoder, line)
        if event.type == "ERROR":
            status = decoded_leniently(status_decoder, event.object)
            raise error_of_status(status.code, status.message, retry_after_seconds=None)
        if event.type == "BOOKMARK":
            yield from self.bookmark(decoded_leniently(bookmark_decoder, event.object))
            return
        row = self.row_of(event.object)
        if row is None:
            return
        if event.type == "DELETED":
            self.digests.pop(row["uid"], None)
            yield Gone(self.what, row)
        elif self.is_news(row):
            yield Seen(self.what, row)
        self.resource_version = str(row["resource_version"])
        now = timezone.now()
        self.signs = Signs(now, self.signs.bookmark_at, self.signs.listed_at)
        yield self.synced(now)

    def is_news(self, row: dict[str, Any]) -> bool:
        """Return whether a row differs from the last one of its object, other than in its version.

        Kubelets report every few seconds; each report would be a transaction and a refetched page.
        """
        if not self.what.is_heartbeat:
            return True
        digest = hash(repr({**row, "resource_version": 0}))
        before = self.digests.get(row["uid"])
        self.digests[row["uid"]] = digest
        return digest != before

    def bookmark(self, mark: observed.Bookmark) -> Iterator[MirrorChange]:
        """Note a place in the stream.

        Raises:
            ResourceExpired: the stream is behind the place that it was to resume from.
        """
        if is_before(mark.resource_version, self.resource_version):
            raise ResourceExpired(Message("The history of the cluster went back."))
        self.resource_version = mark.resource_version
        now = timezone.now()
        self.signs = Signs(self.signs.event_at, now, self.signs.listed_at)
        yield self.synced(now)

    def synced_all(self, resource_version: str, complete: frozenset[str]) -> Synced:
        """Return that everything was listed; what the list lacks is gone."""
        went_back = is_before(resource_version, self.furthest)
        if went_back:
            log.warning(
                "history went back",
                server=self.client.server,
                kind=self.what.kind.name,
                before=self.furthest,
                now=resource_version,
            )
        self.resource_version = self.furthest = resource_version
        now = timezone.now()
        self.signs = Signs(self.signs.event_at, self.signs.bookmark_at, now)
        return self.synced(now, complete=complete, went_back=went_back)

    def synced(
        self, at: datetime, *, complete: frozenset[str] | None = None, went_back: bool = False
    ) -> Synced:
        """Return that the stream is alive."""
        self.has_synced, self.is_doubtful, self.heard_at = True, False, at
        self.has_followed |= complete is None
        return Synced(self.what, self.resource_version, at, complete, self.signs, went_back)

    def put(self, change: MirrorChange) -> None:
        """Queue a change once there is room; drop it after the stop, when nobody makes room."""
        while not self.stop.is_set():
            try:
                self.changes.put(change, timeout=1.0)
            except queue.Full:
                continue
            return

    def row_of(self, raw: msgspec.Raw) -> dict[str, Any] | None:
        """Decode an object; one that cannot be read is recorded as a fault and left out."""
        try:
            return self.what.row(self.what.decoder.decode(without_nul(bytes(raw))))
        except Exception as error:
            self.note(error, f"{self.what.kind.name} {observed.name_in(raw)}")
            return None


class ClusterMirror:
    """The threads of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.credentials = bytes(cluster.credentials)
        self.uid = cluster.uid
        self.stop = threading.Event()
        self.changes: queue.Queue[MirrorChange] = queue.Queue(QUEUE_LENGTH)
        self.observed: queue.Queue[set[ObjectPlace]] = queue.Queue()
        # When the writer last did anything, by the monotonic clock.
        self.alive_at = time.monotonic()

    def start(self) -> None:
        """Start a reader per kind, the writer and the publisher."""
        client = ClusterClient(decrypt_access(self.credentials, cluster=self.cluster.name))
        cursors = {cursor.kind: cursor for cursor in self.cluster.cursors.all()}
        for what in ALL_MIRRORED:
            known = cursors.get(what.kind.name, MirrorCursor())
            signs = Signs(known.event_at, known.bookmark_at, known.listed_at)
            reader = Reader(
                client,
                what,
                self.changes,
                known.resource_version,
                signs,
                known.heard_at,
                cluster=self.cluster.name,
            )
            self.spawn(f"reader {what.kind.name}", partial(reader.run, self.stop))
        self.writers = [
            self.spawn("writer", self.write_batches),
            self.spawn("publisher", self.publish_places),
        ]

    def is_well(self) -> bool:
        """Return whether the mirror works; with a hung writer it would hold the lease in vain."""
        return not self.stop.is_set() and time.monotonic() - self.alive_at < HUNG_AFTER_SECONDS

    def is_of(self, cluster: Cluster) -> bool:
        """Return whether what is mirrored is still the cluster that its row leads to."""
        return bytes(cluster.credentials) == self.credentials and not self.saw_another(cluster)

    def saw_another(self, cluster: Cluster) -> bool:
        """Return whether the row now leads to another cluster; a first uid is not another."""
        self.uid = self.uid or cluster.uid
        return self.uid != cluster.uid

    def end(self) -> None:
        """Stop, and wait until nothing more is written; readers end with their next event."""
        self.stop.set()
        for writer in self.writers:
            writer.join(LONGEST_WRITE_SECONDS)

    def spawn(self, loop: str, work: Callable[[], None]) -> threading.Thread:
        """Keep one of the mirror's loops running until the mirror stops."""
        return supervision.spawn(work, loop=loop, cluster=self.cluster.name, stop=self.stop)

    def write_batches(self) -> None:
        """Write what is queued; what arrives while a batch is written makes up the next one.

        Every kind gives a sign of life twice a minute; such signs wait briefly for each other.
        """
        changes: list[MirrorChange] = []
        since = time.monotonic()
        while not self.stop.is_set():
            self.alive_at = time.monotonic()
            if not changes:
                since = self.alive_at
            changes += taken(self.changes, most=BATCH_LENGTH)
            is_early = time.monotonic() - since < WORDS_WAIT_SECONDS
            if not changes or (is_early and all(map(is_mere_word, changes))):
                continue
            if places := self.until_done(partial(self.write, changes)):
                self.observed.put(places)
            changes = []

    def write(self, changes: Sequence[MirrorChange]) -> set[ObjectPlace]:
        """Write changes together; leave out only those that the database can never take."""
        self.alive_at = time.monotonic()
        places: set[ObjectPlace] = set()

        def put(some: Sequence[MirrorChange]) -> None:
            try:
                places.update(write(self.cluster, Batch.of(some)))
            except LeaseLost:
                self.stop.set()

        def leave_out(change: MirrorChange, error: Exception) -> None:
            supervision.record_fault(
                error, loop="writer", cluster=self.cluster.name, about=described(change)
            )

        one_by_one(put, changes, leave_out=leave_out)
        return places

    def publish_places(self) -> None:
        """Publish the places that changed, apart from writing, which must not wait for it.

        It begins with all places: the informer before us may have died with some unpublished.
        """
        self.until_done(partial(self.publish, [None]))
        while not self.stop.is_set():
            if places := set[ObjectPlace]().union(*taken(self.observed, most=BATCH_LENGTH)):
                self.until_done(partial(self.publish, sorted(places)))

    def publish(self, places: Sequence[ObjectPlace | None]) -> None:
        """Publish places together; leave out only those that cannot be published."""

        def put(some: Sequence[ObjectPlace | None]) -> None:
            notify(self.cluster, None if None in some else {place for place in some if place})

        def leave_out(place: ObjectPlace | None, error: Exception) -> None:
            about = "/".join(place) if place else ""
            supervision.record_fault(
                error, loop="publisher", cluster=self.cluster.name, about=about
            )

        one_by_one(put, places, leave_out=leave_out)

    def until_done(self, work: Callable[[], T]) -> T | None:
        """Do some work; only after an outage, try it again, until stopped.

        No connection is held meanwhile: there may be more mirrors than the pool has connections.
        """
        while not self.stop.is_set():
            try:
                return work()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("mirror not written", cluster=self.cluster.name, error=str(error))
            finally:
                let_go()
            self.stop.wait(1.0)
        return None


class Informer:
    """Mirrors every cluster that no other informer has leased."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stop = threading.Event()
        self.pulse = Pulse(Heartbeat.Part.INFORMER, name)
        self.mirrors: dict[int, ClusterMirror] = {}
        # When the mirror of a cluster could not be started, by the monotonic clock.
        self.failed: dict[int, float] = {}

    def run(self) -> None:
        """Look for clusters to mirror until stopped."""
        supervision.spawn(self.look_again_and_again, loop="clusters", stop=self.stop).join()
        self.end(dict(self.mirrors))
        self.give_back(list(self.leased().values_list("pk", flat=True)))
        self.pulse.end()

    def look_again_and_again(self) -> None:
        """Look every few seconds; what an outage of the database prevents is tried next time."""
        while not self.stop.is_set():
            try:
                self.pulse.beat()
                self.look_for_clusters()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("clusters not read", error=str(error))
            finally:
                let_go()
            self.stop.wait(RENEWAL_SECONDS)

    def look_for_clusters(self) -> None:
        """Start and stop mirrors as clusters come, change and go."""
        self.lease(self.leased())
        leased = {cluster.pk: cluster for cluster in self.leased()}
        ours = {pk: mirror for pk, mirror in self.mirrors.items() if pk in leased}
        others = [pk for pk, mirror in ours.items() if mirror.saw_another(leased[pk])]
        well = {pk for pk, mirror in ours.items() if mirror.is_well() and mirror.is_of(leased[pk])}
        self.end({pk: mirror for pk, mirror in self.mirrors.items() if pk not in well})
        for pk in others:
            forget(leased[pk])
        # Only once mirrors whose lease we lost have ended: a lease says who writes, not since when.
        self.take_free_leases()
        for cluster in self.leased():
            if cluster.pk not in self.mirrors:
                self.start_mirror(cluster)

    def end(self, mirrors: Mapping[int, ClusterMirror]) -> None:
        """End mirrors: all at once, and each before anything else is done with its cluster."""
        for mirror in mirrors.values():
            mirror.stop.set()
        for pk, mirror in mirrors.items():
            mirror.end()
            del self.mirrors[pk]

    def take_free_leases(self) -> None:
        """Take our share of the clusters that nobody leases, or whose informer fell silent."""
        now, since = timezone.now(), time.monotonic() - LEFT_ALONE_SECONDS
        self.failed = {pk: at for pk, at in self.failed.items() if at > since}
        free = to_mirror().filter(Q(informer_lease_until=None) | Q(informer_lease_until__lt=now))
        free = free.exclude(pk__in=self.failed)
        if count := free.count():
            live = Heartbeat.objects.filter(part=Heartbeat.Part.INFORMER, at__gt=now - LATE_AFTER)
            others = live.exclude(instance=self.name).count()
            self.lease(free[: ceil(count / (others + 1))])

    @transaction.atomic
    def lease(self, clusters: QuerySet[Cluster]) -> None:
        """Lease clusters for a while; skip those being written, which nobody else can take."""
        rows = clusters.select_for_update(skip_locked=True, no_key=True)
        Cluster.objects.filter(pk__in=[row.pk for row in rows]).update(
            informer=self.name, informer_lease_until=timezone.now() + INFORMER_LEASE
        )

    def give_back(self, clusters: Collection[int]) -> None:
        """Let others mirror some of our clusters."""
        if clusters:
            ours = Cluster.objects.filter(informer=self.name, pk__in=clusters)
            ours.update(informer="", informer_lease_until=None)

    def leased(self) -> QuerySet[Cluster]:
        """Return the clusters that we mirror."""
        return to_mirror().filter(informer=self.name)

    def start_mirror(self, cluster: Cluster) -> None:
        """Start one cluster's mirror; if that fails, the others must be mirrored all the same.

        Another informer may succeed, so the cluster is left alone for a while.
        """
        mirror = ClusterMirror(cluster)
        try:
            mirror.start()
        except Exception as error:
            mirror.stop.set()
            if is_outage(error):
                raise
            if isinstance(error, ClusterError):
                log.error("cluster not mirrored", cluster=cluster.name, error=str(error))
            else:
                supervision.record_fault(error, loop="clusters", cluster=cluster.name)
            self.failed[cluster.pk] = time.monotonic()
            self.give_back([cluster.pk])
            return
        log.info("mirroring", cluster=cluster.name, server=cluster.server)
        self.mirrors[cluster.pk] = mirror


def to_mirror() -> QuerySet[Cluster]:
    """Return the clusters to mirror; one that is registered twice is mirrored under one name."""
    return Cluster.objects.filter(duplicate_of=None)


def described(change: MirrorChange) -> str:
    """Name the object that a change is about, or only its kind."""
    kind = change.what.kind.name
    if isinstance(change, Seen | Gone):
        names = change.row.get("namespace"), change.row.get("name")
        return f"{kind} {'/'.join(filter(None, names))}"
    return kind


def is_mere_word(change: MirrorChange) -> bool:
    """Return whether a change is a sign of life and nothing else."""
    return isinstance(change, Synced) and change.complete is None and not change.went_back


def taken(items: "queue.Queue[T]", *, most: int) -> list[T]:
    """Take what is queued, after waiting a second for the first; for a queue's only consumer."""
    try:
        found = [items.get(timeout=1.0)]
    except queue.Empty:
        return []
    while len(found) < most and not items.empty():
        found.append(items.get())
    return found


def decoded_leniently(decoder: "msgspec.json.Decoder[T]", text: bytes | msgspec.Raw) -> T:
    """Decode what holds everything else; one odd value inside must not spoil the whole."""
    try:
        return decoder.decode(text)
    except (RecursionError, msgspec.DecodeError, UnicodeDecodeError):
        return decoder.decode(observed.readable(bytes(text)))


def is_before(version: str, other: str) -> bool:
    """Return whether one resource version is older than another, where both can be compared."""
    before, after = observed.revision(version), observed.revision(other)
    return before is not None and after is not None and before < after


def back_off_seconds(failures: int) -> float:
    """Return how long to wait after so many failures in a row, with jitter."""
    return supervision.pause_seconds(failures) * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)
