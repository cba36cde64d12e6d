"""What a reader takes for a sign of life, and where it begins after doubt."""

import queue
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clusters import informer
from clusters.client import ClusterClient
from clusters.errors import ClusterConflict, ClusterError
from clusters.informer import Reader
from clusters.mirror import ALL_MIRRORED, Failed, MirrorChange, Seen, Signs, Synced
from core import supervision
from core.waiting import wait_until
from tests.contract.played_api import added, bookmark, page, played, pod, refusal

POD = next(what for what in ALL_MIRRORED if what.kind.name == "Pod")
WHOLE = page(pod("a", 5), pod("b", 7), version=9)


def reader(client: ClusterClient, version: str = "", **signs: Any) -> Reader:
    known = Signs(**{"listed_at": timezone.now(), **signs})
    return Reader(client, POD, queue.Queue(), version, known, timezone.now())


def said(reader: Reader) -> list[MirrorChange]:
    """Return what the reader has put since somebody looked."""
    changes = []
    while not reader.changes.empty():
        changes.append(reader.changes.get())
    return changes


def watch(reader: Reader) -> list[MirrorChange]:
    """Watch once, whatever comes of it."""
    reader.has_synced = False
    try:
        reader.watch_or_expire(threading.Event())
    except ClusterError as error:
        reader.is_doubtful = True
        reader.recover(error, failures=1)
    return said(reader)


def synced(changes: list[MirrorChange]) -> list[Synced]:
    return [change for change in changes if isinstance(change, Synced)]


def is_list(query: dict[str, str]) -> bool:
    return "watch" not in query and query.get("limit") != "1"


def listed_then(*lines: Any) -> Any:
    """Play a server that has two pods, and then sends these lines to whoever watches."""

    def answer(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        return 200, [*lines] if "watch" in query else [WHOLE]

    return answer


def silent(version: int) -> Any:
    """Play a server that has come so far, and to which nothing happens."""

    def answer(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        if query.get("limit") == "1":
            return 200, [page(pod("a", 5), version=version, following="more")]
        return 200, [WHOLE] if is_list(query) else []

    return answer


@pytest.fixture
def brief_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(informer, "WATCH_SECONDS", 0)


@pytest.mark.usefixtures("brief_watches")
@pytest.mark.parametrize("version", [6, 7])
def test_silence_is_no_sign_of_life_until_the_server_says_that_it_is_as_far(version):
    with played(silent(version)) as api:
        follower = reader(api.client, "6")
        assert watch(follower) == []
        (sound,) = synced(watch(follower))
    assert (sound.resource_version, sound.complete) == ("6", None), "the place is kept"
    assert sound.signs == follower.signs, "neither event nor bookmark nor list"
    assert [query.get("limit") for query in api.asked] == [None, "1", None]
    assert not any(map(is_list, api.asked))


@pytest.mark.usefixtures("brief_watches")
@pytest.mark.parametrize("word", [added("a", 7), bookmark(7)], ids=["an event", "a bookmark"])
def test_silence_after_a_word_is_no_sign_of_life_either(word):
    """An idle server sends no bookmarks: two watches are then silent for a minute."""
    words = [[word], []]

    def answer(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        return 200, words.pop(0) if "watch" in query else [page(version=8, following="more")]

    with played(answer) as api:
        follower = reader(api.client, "6")
        assert len(synced(watch(follower))) == 1
        (sound,) = synced(watch(follower))
    assert sound.at > follower.signs.listed_at
    assert [query.get("limit") for query in api.asked] == [None, "1", None]


def test_a_word_at_the_end_of_a_watch_is_enough():
    words = [[bookmark(7)], [bookmark(8)]]
    with played(lambda *_: (200, words.pop(0))) as api:
        follower = reader(api.client, "6")
        assert [len(synced(watch(follower))) for _ in range(2)] == [1, 1]
    assert all("watch" in query for query in api.asked)


@pytest.mark.usefixtures("brief_watches")
def test_silence_of_a_server_that_is_behind_us_is_followed_by_a_full_list():
    with played(silent(9)) as api:
        follower = reader(api.client, "90")
        assert watch(follower) == []
        assert synced(watch(follower)) == []
        (all_of_it,) = synced(watch(follower))
    assert (all_of_it.complete, all_of_it.resource_version) == ({"a", "b"}, "9")
    assert all_of_it.went_back


def test_a_watch_that_ends_at_once_without_a_word_is_named():
    with played(silent(6)) as api:
        follower = reader(api.client, "6")
        (failure,) = watch(follower)
        assert isinstance(failure, Failed)
        assert "without sending anything" in str(failure.message)
        assert [type(change) for change in watch(follower)] == [Synced, Failed]


@pytest.mark.parametrize("heard_ago", [None, timedelta(seconds=61)], ids=["never", "long ago"])
def test_after_an_outage_everything_is_listed(heard_ago):
    with played(listed_then()) as api:
        follower = reader(api.client, "6")
        follower.heard_at = timezone.now() - heard_ago if heard_ago else None
        (all_of_it,) = synced(watch(follower))
    assert all_of_it.complete == {"a", "b"}


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        pytest.param(added("a", 7), "event_at", id="an event"),
        pytest.param(bookmark(7), "bookmark_at", id="a bookmark"),
    ],
)
def test_what_is_said_is_a_sign_of_life_and_is_remembered_by_its_kind(line, sign):
    before = timezone.now()
    with played(lambda *_: (200, [line])) as api:
        follower = reader(api.client, "6", event_at=before, bookmark_at=before)
        (sound,) = synced(watch(follower))
    assert sound.resource_version == "7"
    newer = {name for name in Signs.__slots__ if getattr(sound.signs, name) > before}
    assert newer - {"listed_at"} == {sign}


def test_a_place_that_is_lost_right_after_each_list_is_trouble(monkeypatch):
    """As where the queue is full for longer than the server remembers."""
    pauses: list[int] = []
    stop = threading.Event()

    def pause(failures: int) -> float:
        pauses.append(failures)
        if len(pauses) == 3:
            stop.set()
        return 0.0

    monkeypatch.setattr(informer, "back_off_seconds", pause)

    lost = {"type": "ERROR", "object": {"code": 410, "message": "too old"}}
    with played(listed_then(lost)) as api:
        follower = reader(api.client)
        follower.run(stop)
    assert pauses == [2, 3, 4]
    assert any(isinstance(change, Failed) for change in said(follower))


def test_a_reader_whose_changes_nobody_takes_any_more_ends():
    stop = threading.Event()
    with played(listed_then()) as api:
        follower = reader(api.client)
        follower.changes.maxsize = 1
        running = threading.Thread(target=follower.run, args=(stop,))
        running.start()
        wait_until(lambda: follower.changes.full() or None, timeout_seconds=10)
        stop.set()
        running.join(timeout=10)
    assert not running.is_alive()


def test_only_what_is_there_already_needs_not_be_made():
    said = {"kind": "Status", "code": 409, "reason": "AlreadyExists", "message": "there"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "n", "name": "s"}}
    with played(lambda *_: (409, [said])) as api:
        api.client.create(secret)
        said["reason"] = "Conflict"
        with pytest.raises(ClusterConflict):
            api.client.create(secret)


def test_an_object_that_cannot_be_read_is_no_sign_of_life():
    odd = {"type": "ADDED", "object": {"metadata": {"name": 5}}}
    with played(lambda *_: (200, [odd])) as api:
        follower = reader(api.client, "6")
        assert synced(watch(follower)) == []
    assert follower.is_doubtful


def ahead(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
    if is_list(query):
        return 200, [WHOLE]
    return 504, [refusal(504, "Too large resource version: 90", "ResourceVersionTooLarge")]


def refused(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
    if is_list(query):
        return 200, [WHOLE]
    return 400, [refusal(400, "invalid resource version")]


earlier = listed_then(bookmark(8))
gone = listed_then({"type": "ERROR", "object": refusal(410, "too old resource version")})
babble = listed_then(b"<html>", added("c", 91))
half = listed_then({"type": "BOOKMARK", "object": None})


@pytest.mark.parametrize("answer", [ahead, refused, earlier, gone, babble, half])
def test_a_place_that_the_server_does_not_have_is_given_up(answer):
    with played(answer) as api:
        follower = reader(api.client, "90")
        assert synced(watch(follower)) == []
        (all_of_it,) = synced(watch(follower))
    assert (all_of_it.complete, all_of_it.resource_version) == ({"a", "b"}, "9")
    assert all_of_it.went_back, "it was further before"


def test_rows_of_a_list_follow_it_and_events_do_not():
    with played(listed_then(added("c", 10))) as api:
        changes = watch(reader(api.client))
    seen = {c.row["uid"]: c.is_listed for c in changes if isinstance(c, Seen)}
    assert seen == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize("listed_ago", [None, timedelta(hours=2)], ids=["never", "long ago"])
def test_what_was_not_compared_for_long_is_listed_again(listed_ago):
    with played(listed_then()) as api:
        at = timezone.now() - listed_ago if listed_ago else None
        (all_of_it,) = synced(watch(reader(api.client, "6", listed_at=at)))
    assert all_of_it.complete == {"a", "b"}
    assert timezone.now() - all_of_it.signs.listed_at < timedelta(minutes=1)


def paged(**pages: dict[str, Any]) -> Any:
    """Play a server of these pages: `first`, those that follow, and `whole` without a limit."""

    def answer(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        if "watch" in query:
            return 200, [added("c", 10), bookmark(11)]
        said = pages[query.get("continue") or "first" if "limit" in query else "whole"]
        return said.get("code", 200), [said]

    return answer


def test_everything_is_listed_page_by_page_and_then_watched():
    pages = paged(
        first=page(pod("a", 5), {"metadata": {}}, version=9, following="more"),
        more=page(pod("b", 7), version=9),
    )
    with played(pages) as api:
        follower = reader(api.client)
        changes = watch(follower)
        watch(follower)
    all_of_it, event, mark = synced(changes)
    assert (all_of_it.complete, all_of_it.resource_version) == ({"a", "b"}, "9")
    assert [c.is_listed for c in changes if isinstance(c, Seen)] == [True, True, False]
    assert (event.resource_version, mark.resource_version) == ("10", "11")
    assert [q.get("continue") for q in api.asked if "limit" in q] == [None, "more"]
    assert [q["resourceVersion"] for q in api.asked if "resourceVersion" in q] == ["9", "11"]


def test_pages_that_expire_are_had_in_one():
    pages = paged(
        first=page(pod("a", 5), version=9, following="more"),
        more=refusal(410, "The provided continue parameter is too old"),
        whole=page(pod("a", 5), pod("d", 12), version=12),
    )
    with played(pages) as api:
        all_of_it, *_ = synced(watch(reader(api.client)))
    assert (all_of_it.complete, all_of_it.resource_version) == ({"a", "d"}, "12")


def test_a_list_that_does_not_say_how_far_it_is_sweeps_nothing():
    nowhere = {**WHOLE, "metadata": {}}
    with played(paged(first=nowhere, whole=nowhere)) as api:
        assert synced(watch(reader(api.client))) == []
    assert not [query for query in api.asked if "watch" in query]


def test_a_node_is_compared_with_what_the_last_list_says():
    """What was heard before it may be of another history."""
    what = next(what for what in ALL_MIRRORED if what.kind.name == "Node")
    listed = [pod("n", 5)]

    def answer(_: str, query: dict[str, str]) -> tuple[int, list[Any]]:
        if "watch" not in query:
            return 200, [page(*listed, version=9)]
        ready = {"type": "MODIFIED", "object": {**pod("n", 11), "spec": {"unschedulable": True}}}
        return 200, [added("n", 10), ready]

    with played(answer) as api:
        follower = reader(api.client)
        follower.what = what
        for _ in range(2):
            follower.lose_place()
            rows = [change.row for change in watch(follower) if isinstance(change, Seen)]
            assert [row["is_unschedulable"] for row in rows] == [False, True]


def test_what_may_not_be_read_is_said_of_its_kind_and_tried_again(monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    answers = [(403, [refusal(403, "pods is forbidden")])] * 3
    with played(lambda *_: answers.pop(0) if answers else (200, [WHOLE])) as api:
        follower, stop = reader(api.client), threading.Event()
        running = threading.Thread(target=follower.run, args=(stop,))
        running.start()
        found: list[MirrorChange] = []

        def is_heard() -> bool | None:
            found.extend(said(follower))
            return bool(synced(found)) or None

        assert wait_until(is_heard, timeout_seconds=10)
        stop.set()
        running.join()
    failures = [change for change in found if isinstance(change, Failed)]
    assert {(f.reason, str(f.message)) for f in failures[:3]} == {
        ("ClusterForbidden", "The API server answered 403.\npods is forbidden")
    }
