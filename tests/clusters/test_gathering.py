"""Several logs as one: in order, bounded, and whole where one of them is missing."""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from clusters import following, gathering
from clusters.errors import ClusterBusy, ClusterInvalid, ClusterUnavailable, NodeAway
from clusters.following import LogReader
from clusters.gathering import BEGINNING, Gathering, Log, LogEntry, Source, entry_of
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from tests.log_route import api_server_of

AWAY = 502, b"dial tcp 10.0.0.7:10250: connect: connection refused"
WAITS = 400, b'{"message": "container \\"model\\" in pod \\"c\\" is waiting to start"}'


def of(*pods: str, is_running: bool = True) -> list[Source]:
    return [Source("n", pod, "model", is_running) for pod in pods]


def at(second: int, text: str) -> bytes:
    return f"2026-11-30T08:00:{second:02}.123456789Z {text}\n".encode()


def said(entries: Collection[LogEntry]) -> list[str]:
    """Return lines and notices as a reader sees them."""
    return [str(e.notice) if e.notice else e.line.decode().rstrip("\n") for e in entries]


def reader_of(url: str, monkeypatch: pytest.MonkeyPatch) -> LogReader:
    access = ClusterAccess(server=url, token="t")
    monkeypatch.setattr(following, "decrypt_access", lambda *_, **__: access)
    return LogReader(Cluster(name="x"))


async def read(reader: LogReader, sources: list[Source]) -> list[LogEntry]:
    merged = Gathering(reader, {"tailLines": 10})
    try:
        await merged.open(sources)
        return await merged.whole()
    finally:
        await merged.aclose()


def test_lines_of_several_pods_are_in_the_order_of_time(monkeypatch) -> None:
    logs = {
        "a": at(1, "first") + at(3, "third") + b"a traceback's line\n",
        "b": b"2026-11-30T16:00:02+08:00 second\n" + at(4, "fourth")[:-1],
    }
    with api_server_of(lambda pod: (200, logs[pod])) as (url, asked):
        entries = asyncio.run(read(reader_of(url, monkeypatch), of("a", "b")))
    assert said(entries) == ["first", "second", "third", "a traceback's line", "fourth"]
    assert {query["timestamps"][0] for _, query in asked} == {"true"}


def test_one_that_cannot_be_read_says_so_and_the_others_go_on(monkeypatch) -> None:
    answers = {"a": (200, at(1, "here")), "b": AWAY, "c": WAITS}
    with api_server_of(lambda pod: answers[pod], others=200) as (url, _):
        entries = asyncio.run(read(reader_of(url, monkeypatch), of("a", "b", "c")))
    words = said(entries)
    assert words[0] == "here"
    assert sorted(words[1:]) == [
        "The log of b cannot be read now: its node does not answer.",
        'container "model" in pod "c" is waiting to start',
    ]


@pytest.mark.parametrize(
    ("answer", "others", "error"),
    [
        (AWAY, 200, NodeAway),
        ((500, b'{"message": "Get \\"https://10.0.0.7:10250\\""}'), 200, NodeAway),
        ((503, b""), 401, NodeAway),
        (AWAY, 503, ClusterUnavailable),
        ((429, b""), 200, ClusterBusy),
        (WAITS, 200, ClusterInvalid),
    ],
)
def test_a_node_that_is_away_is_no_cluster_that_is_away(monkeypatch, answer, others, error) -> None:
    with (
        api_server_of(lambda _: answer, others=others) as (url, _),
        pytest.raises(error) as refusal,
    ):
        asyncio.run(read(reader_of(url, monkeypatch), of("a")))
    assert type(refusal.value) is error


def test_a_cluster_that_is_away_is_no_log_of_notices(monkeypatch) -> None:
    with api_server_of(lambda _: AWAY, others=503) as (url, _), pytest.raises(ClusterUnavailable):
        asyncio.run(read(reader_of(url, monkeypatch), of("a", "b")))


def test_a_log_that_is_refused_late_is_refused_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(gathering, "OPENING_SECONDS", 0.05)

    def late(_: str) -> tuple[int, bytes]:
        time.sleep(0.3)
        return AWAY

    with api_server_of(late, others=200) as (url, _), pytest.raises(NodeAway):
        asyncio.run(read(reader_of(url, monkeypatch), of("a")))


async def gathered(reader: LogReader, sources: list[Source], later: list[Source], until: str):
    """Follow logs until something is said; `later` are there when it is looked again."""

    async def look() -> list[Source]:
        return later

    merged, words = Gathering(reader, {"follow": "true"}, look), []
    try:
        await merged.open(sources)
        async with asyncio.timeout(10):
            async for entries in merged.batches():
                words += said(entries)
                if until in words:
                    return words
    finally:
        await merged.aclose()
    return words


def test_a_pod_that_starts_is_joined_and_one_that_runs_again_goes_on(monkeypatch) -> None:
    monkeypatch.setattr(gathering, "LOOK_SECONDS", 0.2)
    logs = {"a": at(1, "one"), "b": at(5, "new")}

    def log_of(pod: str) -> tuple[int, bytes]:
        log, logs["a"] = logs[pod], at(1, "one") + at(2, "again")
        return 200, log

    with api_server_of(log_of) as (url, asked):
        reader = reader_of(url, monkeypatch)
        words = asyncio.run(gathered(reader, of("a"), of("a", "b"), until="new"))
    assert words[:2] == ["one", "The log of a has ended."]
    assert {"again", "b has started: its log is read too."} <= set(words)
    assert words.count("one") == 1
    assert asked[1][1].get("sinceTime", asked[2][1].get("sinceTime")) == ["2026-11-30T08:00:01Z"]


def test_no_more_logs_are_read_at_once_than_allowed(monkeypatch) -> None:
    monkeypatch.setattr(gathering, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(gathering, "MOST_LOGS", 0)

    async def look() -> list[Source]:
        return of("a", "b")

    async def follow(reader: LogReader) -> Collection[str]:
        merged = Gathering(reader, {"follow": "true"}, look)
        await merged.open([])
        await asyncio.sleep(0.3)
        await merged.aclose()
        return merged.logs

    with api_server_of(lambda _: (200, b"")) as (url, asked):
        assert not asyncio.run(follow(reader_of(url, monkeypatch)))
    assert asked == []


def test_who_does_not_read_makes_the_logs_wait(monkeypatch) -> None:
    monkeypatch.setattr(gathering, "MOST_PENDING_BYTES", 100)

    async def follow(reader: LogReader) -> int:
        merged = Gathering(reader, {"follow": "true"})
        await merged.open(of("a", "b"))
        await asyncio.sleep(0.3)
        pending = merged.pending_bytes
        await merged.aclose()
        return pending

    with api_server_of(lambda _: (200, at(1, "x" * 60) * 1_000)) as (url, _):
        assert asyncio.run(follow(reader_of(url, monkeypatch))) < 400


@pytest.mark.parametrize(
    ("line", "time", "text"),
    [
        (b"2026-11-30T08:00:01.123456789Z  x \n", "2026-11-30T08:00:01.123456+00:00", b" x \n"),
        (b"2026-11-30T16:00:01+08:00 x", "2026-11-30T08:00:01+00:00", b"x"),
        (b"its words", None, b"its words"),
        (b"2026-11-30 x", None, b"2026-11-30 x"),
        (b"\xff\xfe x\n", None, b"\xff\xfe x\n"),
    ],
)
def test_a_line_is_parted_from_its_time(line: bytes, time: str | None, text: bytes) -> None:
    entry = entry_of(Log(of("a")[0]), line)
    assert entry.line == text
    assert entry.at == (datetime.fromisoformat(time).astimezone(UTC) if time else None)
    assert entry.order == (entry.at or BEGINNING)
