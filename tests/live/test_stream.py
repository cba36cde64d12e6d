"""The event stream over the wire: what is heard, by whom, for how long."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.test import Client as Browser
from django.utils import timezone
from redis import Redis

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.standing import Credential
from clusters.models import Cluster
from core import places
from core.stream import STREAM, announce, connection
from core.waiting import wait_until
from live import changes, hub
from projects import rights
from projects.models import Membership, Project, Role
from tests.factories import make_cluster, make_member, make_project, make_user, signed_in
from tests.web import served

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/stream"
# Far below the real one, so that tests of what happens at a heartbeat are short.
QUICK_SECONDS = 0.2
Event = dict[str, str]
HEARTBEAT = {"event": "heartbeat", "data": "{}"}


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[Redis]:
    redis = connection()
    redis.delete(STREAM)
    yield redis
    redis.delete(STREAM)


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", QUICK_SECONDS)
    monkeypatch.setattr(rights, "LOOK_SECONDS", QUICK_SECONDS)


@pytest.fixture
def fraud() -> Project:
    return make_project("fraud")


def headers_of(user: User, **others: str) -> dict[str, str]:
    return {"Authorization": signed_in(user)._credentials["HTTP_AUTHORIZATION"], **others}


@contextmanager
def listening(server: str, headers: dict[str, str]) -> Iterator[Iterator[Event]]:
    """Open a stream; yield its events once it is connected."""
    with httpx.stream("GET", f"{server}{PATH}", headers=headers, timeout=5) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        events = parsed(response)
        assert next(events) == {"retry": "2000", "": "connected"}
        yield events


def parsed(response: httpx.Response) -> Iterator[Event]:
    """Yield each event as its fields; a comment's name is empty."""
    fields: Event = {}
    for line in response.iter_lines():
        if not line:
            yield fields
            fields = {}
            continue
        name, _, value = line.partition(":")
        fields[name] = value.strip()


def change(project: str | None, identifier: int = 17) -> dict[str, Any]:
    return {"object": "rollout", "id": str(identifier), "project": project, "version": "1"}


def tell(project: str | None, identifier: int = 17) -> None:
    announce("rollout", identifier, project=project, version=1)


def heard(event: Event) -> Any:
    return orjson.loads(event["data"])


def test_what_was_asked_is_forgotten_once_it_is_heard(server: str, fraud: Project) -> None:
    """Django keeps a request for as long as its answer lasts."""
    headers = headers_of(make_member(fraud, Role.VIEWER))
    of_others = requests_alive()
    known = set(map(id, of_others))
    with listening(server, headers), listening(server, headers):
        ours = [one for one in requests_alive() if id(one) not in known]
        assert len(ours) == 2
        assert sum(len(vars(one)) for one in ours) == 0


def requests_alive() -> list[ASGIRequest]:
    """By their own type: `isinstance` would ask what is lazy for its class, and so wake it."""
    gc.collect()
    return [one for one in gc.get_objects() if issubclass(type(one), ASGIRequest)]


def test_a_change_is_heard_as_what_changed(server: str, fraud: Project) -> None:
    viewer = make_member(fraud, Role.VIEWER)
    with listening(server, headers_of(viewer)) as events:
        tell("fraud")
        event = next(events)
    assert heard(event) == change("fraud")
    newest: Any = connection().xrevrange(STREAM, count=1)
    assert event["id"] == newest[0][0].decode()


def test_nothing_is_missed_between_being_connected_and_the_first_change(
    server: str, fraud: Project
) -> None:
    headers = headers_of(make_member(fraud, Role.VIEWER))
    for number in range(20):
        with listening(server, headers) as events:
            tell("fraud", number)
            assert heard(next(events))["id"] == str(number)


def test_nobody_hears_of_another_tenant(server: str, fraud: Project) -> None:
    make_project("rival")
    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        tell("rival")
        tell(None)
        tell("fraud")
        assert [heard(next(events))["project"] for _ in range(2)] == [None, "fraud"]


def test_a_platform_admin_hears_everything(server: str) -> None:
    with listening(server, headers_of(make_user(is_platform_admin=True))) as events:
        for project in ("fraud", "rival"):
            tell(project)
        assert [heard(next(events))["project"] for _ in range(2)] == ["fraud", "rival"]


def test_a_browser_listens_with_its_session(server: str, fraud: Project) -> None:
    browser = Browser()
    browser.force_login(make_member(fraud, Role.VIEWER))
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    with listening(server, {"Cookie": cookie}) as events:
        tell("fraud")
        assert heard(next(events)) == change("fraud")


def test_a_stream_resumes_after_the_last_event_and_shows_only_what_may_be_seen(
    server: str, fraud: Project
) -> None:
    headers = headers_of(make_member(fraud, Role.VIEWER))
    with listening(server, headers) as events:
        tell("fraud", 1)
        last = next(events)["id"]
    for number, project in enumerate(["fraud", "rival", "fraud"], start=2):
        tell(project, number)
    with listening(server, {**headers, "Last-Event-ID": last}) as events:
        assert [heard(next(events))["id"] for _ in range(2)] == ["2", "4"]


def test_a_client_that_missed_too_much_is_told_to_fetch_everything(
    server: str, fraud: Project
) -> None:
    headers = headers_of(make_member(fraud, Role.VIEWER))
    tell("fraud")
    with listening(server, {**headers, "Last-Event-ID": "1-0"}) as events:
        assert next(events)["event"] == "resync"
    first: Any = connection().xrange(STREAM, count=1)
    for number in range(changes.BATCH):
        tell("fraud", number)
    with listening(server, {**headers, "Last-Event-ID": first[0][0].decode()}) as events:
        assert next(events)["event"] == "resync"


@pytest.mark.parametrize("last", ["x", "1-x", "9" * 30])
def test_an_odd_last_event_id_is_told_to_fetch_everything(
    server: str, fraud: Project, last: str
) -> None:
    headers = headers_of(make_member(fraud, Role.VIEWER), **{"Last-Event-ID": last})
    tell("fraud")
    with listening(server, headers) as events:
        assert next(events)["event"] == "resync"


@pytest.mark.parametrize(
    "fields", [{"message": "no JSON"}, {"message": "[1]"}, {"message": "{}"}, {"other": "x"}]
)
def test_a_forged_message_stops_nothing_and_says_nothing(
    server: str, fraud: Project, fields: dict[Any, Any]
) -> None:
    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        connection().xadd(STREAM, fields)
        tell("fraud")
        assert next(events) == {"event": "resync", "data": "{}"}
        assert heard(next(events)) == change("fraud")


@pytest.mark.usefixtures("quick")
def test_silence_is_filled_with_heartbeats(server: str, fraud: Project) -> None:
    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        assert [next(events) for _ in range(2)] == [HEARTBEAT] * 2


@pytest.mark.usefixtures("quick")
def test_a_cluster_that_falls_silent_is_told_of_once_and_so_is_its_return(
    server: str, fraud: Project
) -> None:
    cluster = make_cluster()
    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        next(events)
        for mirrored_at in (None, timezone.now()):
            Cluster.objects.update(mirrored_at=mirrored_at)
            told = [event for event, _ in zip(events, range(6), strict=False)]
            said = [heard(event) for event in told if event != HEARTBEAT]
            assert [(one["object"], one["id"]) for one in said] == [("cluster", str(cluster.pk))]


def revoke_token(user: User) -> None:
    ApiToken.objects.filter(user=user).update(revoked_at=timezone.now())


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("take_away", [revoke_token, deactivate])
def test_a_stream_ends_with_the_right_to_it(
    server: str, fraud: Project, take_away: Callable[[User], None]
) -> None:
    viewer = make_member(fraud, Role.VIEWER)
    with listening(server, headers_of(viewer)) as events:
        take_away(viewer)
        assert len(list(events)) <= 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("is_logout", [True, False], ids=["signed out", "deactivated"])
def test_a_browsers_stream_ends_with_its_session(
    server: str, fraud: Project, is_logout: bool
) -> None:
    viewer, browser = make_member(fraud, Role.VIEWER), Browser()
    browser.force_login(viewer)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    with listening(server, {"Cookie": cookie}) as events:
        if is_logout:
            browser.logout()
        else:
            deactivate(viewer)
        # That somebody signed out is a row of the audit.
        heard = [event for event in events if "audit_event" not in event.get("data", "")]
        assert len(heard) <= 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_stream_ends_when_nobody_can_tell_the_rights_to_it(
    server: str, fraud: Project, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def away(_: object) -> None:
        raise error("the database is away")

    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        monkeypatch.setattr(rights, "PATIENCE_SECONDS", 0.5)
        monkeypatch.setattr(rights, "rights_of", away)
        assert list(events)[-1] == HEARTBEAT


def test_one_look_is_taken_at_the_rights_of_all(
    fraud: Project, django_assert_num_queries: Any
) -> None:
    credentials = []
    for _ in range(5):
        token = tokens.issue(make_member(fraud, Role.VIEWER), name="t", expires_at=None, by=None)[0]
        credentials.append(Credential(token_id=token.pk))
        browser = Browser()
        browser.force_login(make_member(fraud, Role.VIEWER))
        credentials.append(Credential(session_key=browser.cookies["sessionid"].value))
    with django_assert_num_queries(4):
        found = rights.rights_of(credentials)
    assert found == dict.fromkeys(credentials, rights.Rights(frozenset({"fraud"})))


@pytest.mark.usefixtures("quick")
def test_steady_changes_do_not_put_off_the_look_at_rights(server: str, fraud: Project) -> None:
    viewer = make_member(fraud, Role.VIEWER)
    with listening(server, headers_of(viewer)) as events:
        revoke_token(viewer)
        for number in range(1_000):
            tell("fraud", number)
            if next(events, None) is None:
                break
        else:
            pytest.fail("the stream outlived the token")


@pytest.mark.usefixtures("quick")
def test_a_role_that_was_taken_away_silences_its_project(server: str, fraud: Project) -> None:
    viewer = make_member(fraud, Role.VIEWER)
    with listening(server, headers_of(viewer)) as events:
        Membership.objects.filter(user=viewer).delete()
        next(events)
        next(events)
        tell("fraud")
        tell(None)
        told = (event for event in events if "data" in event)
        assert heard(next(told))["project"] is None


def test_one_user_cannot_open_streams_without_end(
    server: str, fraud: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places.STREAMS, "most_per_user", 1)
    headers = headers_of(make_member(fraud, Role.VIEWER))
    other = headers_of(make_member(fraud, Role.VIEWER))
    with listening(server, headers):
        refused = httpx.get(f"{server}{PATH}", headers=headers)
        assert refused.status_code == 429
        assert refused.json()["reason"] == "TooManyRequests"
        assert int(refused.headers["Retry-After"]) > 0
        with listening(server, other):
            pass
    assert wait_until(lambda: is_free(server, headers) or None, timeout_seconds=5)


def is_free(server: str, headers: dict[str, str]) -> bool:
    with httpx.stream("GET", f"{server}{PATH}", headers=headers) as response:
        return response.status_code == 200


@pytest.mark.usefixtures("quick")
def test_without_redis_a_stream_lives_on_heartbeats(
    server: str, fraud: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    with listening(server, headers_of(make_member(fraud, Role.VIEWER))) as events:
        assert next(events) == HEARTBEAT


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_stream_is_opened_by_get(server: str, method: str) -> None:
    response = httpx.request(method, f"{server}{PATH}")
    assert response.status_code in (403, 405)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_proxies_neither_hold_back_nor_keep_a_stream(server: str, fraud: Project) -> None:
    headers = headers_of(make_member(fraud, Role.VIEWER))
    with httpx.stream("GET", f"{server}{PATH}", headers=headers) as response:
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["Cache-Control"] == "no-store"


def test_a_slow_client_is_told_to_fetch_everything_instead_of_holding_memory() -> None:
    async def heard_late() -> list[changes.Event]:
        told, client = hub.Hub(), hub.Client(rights.Rights(None))
        told.clients.add(client)
        for _ in range(3 * hub.LOG_LENGTH):
            await told.publish([changes.Event("1-0", "fraud", b"frame")])
        assert len(told.log) <= 2 * hub.LOG_LENGTH
        return await told.next_for(client)

    assert asyncio.run(heard_late()) == [changes.RESYNC]
