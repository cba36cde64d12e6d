"""What waits holds nothing that others need, and ends with the right to it."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import active_count
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import ApiToken, User
from core.places import HELD_REQUESTS, LOGS
from core.stream import announce
from core.waiting import wait_until
from projects.models import Membership, Project, Role
from serving.models import ModelService, Rollout
from tests import factories
from tests.listening import listening
from tests.log_route import api_server
from tests.web import served

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
# Fewer than there are connections, so that nobody waits for one.
ASKED = 8
STREAM = "/api/v1/stream"
FOREVER = 10**6
UNLIMITED = httpx.Limits(max_connections=None)
Headers = dict[str, str]


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def project() -> Project:
    return factories.make_project("fraud")


@pytest.fixture
def viewer(project: Project) -> User:
    return factories.make_member(project, Role.VIEWER)


@pytest.fixture
def headers(viewer: User) -> Headers:
    return headers_of(viewer)


@pytest.fixture
def logs(project: Project) -> Iterator[str]:
    """The path of a log that goes on for ever, in a cluster that is there."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    with listening([head, *[b"a line\n"] * FOREVER]) as listener:
        service = factories.make_service(factories.make_environment(project))
        factories.be_at(service.cluster, f"http://127.0.0.1:{listener.port}")
        yield path_of_log(service)


def path_of_log(service: ModelService) -> str:
    pod = factories.make_pod(service)
    environment = service.environment
    where = f"projects/{environment.project.name}/environments/{environment.name}"
    return f"/api/v1/{where}/services/{service.name}/logs?follow=true&pod={pod.name}"


def headers_of(user: User) -> Headers:
    client: Any = factories.signed_in(user)
    return {"Authorization": client._credentials["HTTP_AUTHORIZATION"]}


def opened(held: ExitStack, url: str, headers: Headers) -> None:
    """Open an answer that goes on, and hear its beginning."""
    response = held.enter_context(httpx.stream("GET", url, headers=headers, timeout=30))
    assert response.status_code == 200
    chunks = response.iter_raw()
    next(chunks)
    # Whoever forgets the chunks closes the connection.
    held.callback(chunks.close)


def answers(server: str, headers: Headers) -> bool:
    """Return whether others are answered, at once."""
    # Less than a request waits for a connection before it is refused.
    with httpx.Client(base_url=server, headers=headers, timeout=8) as http:
        return all(http.get(path).status_code == 200 for path in ("/readyz", "/api/v1/me"))


def test_streams_hold_no_connection_and_no_thread(server: str, headers: Headers) -> None:
    with ExitStack() as held:
        opened(held, f"{server}{STREAM}", headers)
        before = active_count()
        for _ in range(CONNECTIONS - 1):
            opened(held, f"{server}{STREAM}", headers)
        assert answers(server, headers)
        assert active_count() < before + 5


def test_followed_logs_hold_no_connection_and_no_thread(
    server: str, project: Project, logs: str
) -> None:
    with ExitStack() as held:
        callers = [headers_of(factories.make_member(project, Role.VIEWER)) for _ in range(5)]
        opened(held, f"{server}{logs}", callers[0])
        before = active_count()
        for number in range(CONNECTIONS + 1):
            opened(held, f"{server}{logs}", callers[number % 5])
        assert answers(server, callers[0])
        # One each is of the server that plays the cluster.
        assert active_count() < before + CONNECTIONS + 5


def revoke(viewer: User) -> None:
    ApiToken.objects.filter(user=viewer).update(revoked_at=timezone.now())


def disable(viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(is_active=False)


def remove(viewer: User) -> None:
    Membership.objects.filter(user=viewer).delete()


@pytest.mark.parametrize("take_away", [revoke, disable, remove])
def test_a_followed_log_ends_with_the_right_to_it(
    server: str, viewer: User, headers: Headers, logs: str, take_away: Callable[[User], None]
) -> None:
    with httpx.stream("GET", f"{server}{logs}", headers=headers, timeout=5) as response:
        chunks = response.iter_raw()
        next(chunks)
        take_away(viewer)
        ends_at = time.monotonic() + 15
        for _ in chunks:
            assert time.monotonic() < ends_at, "the log outlived the right to it"


def test_the_logs_of_all_pods_end_with_the_right_to_them(
    server: str, viewer: User, headers: Headers, logs: str
) -> None:
    url = f"{server}{logs.partition('&pod=')[0]}"
    with httpx.stream("GET", url, headers=headers, timeout=15) as response:
        assert LOGS.count == 1
        chunks = response.iter_raw()
        next(chunks)
        remove(viewer)
        ends_at = time.monotonic() + 15
        for _ in chunks:
            assert time.monotonic() < ends_at, "the logs outlived the right to them"
    assert wait_until(lambda: LOGS.count == 0 or None, timeout_seconds=5)


def test_held_answers_hold_no_connection_and_no_thread(
    server: str, headers: Headers, project: Project
) -> None:
    rollout = factories.make_rollout(service_of(project))
    count = 5 * CONNECTIONS
    url = f"{server}/api/v1/rollouts/{rollout.pk}?wait=60s"
    with httpx.Client(headers=headers, timeout=60, limits=UNLIMITED) as http:
        pool = ThreadPoolExecutor(count)
        asked = [pool.submit(http.get, url) for _ in range(count)]
        assert wait_until(lambda: HELD_REQUESTS.count == count or None, timeout_seconds=60)
        assert wait_until(lambda: active_count() < count + 15 or None, timeout_seconds=5)
        assert answers(server, headers)
        finish(rollout)
        told = [future.result(timeout=30).json() for future in asked]
        assert all(rollout.get("finished") for rollout in told), told
    assert HELD_REQUESTS.count == 0


@pytest.mark.parametrize(("take_away", "status"), [(revoke, 401), (remove, 404)])
def test_a_held_answer_ends_with_the_right_to_it(
    server: str,
    viewer: User,
    headers: Headers,
    project: Project,
    take_away: Callable[[User], None],
    status: int,
) -> None:
    rollout = factories.make_rollout(service_of(project))
    url = f"{server}/api/v1/rollouts/{rollout.pk}?wait=60s"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, url, headers=headers, timeout=60)
        assert wait_until(lambda: HELD_REQUESTS.count or None, timeout_seconds=30)
        take_away(viewer)
        assert asked.result(timeout=20).status_code == status


def test_a_held_answer_comes_when_time_is_up(
    server: str, headers: Headers, project: Project
) -> None:
    rollout = factories.make_rollout(service_of(project))
    began = time.monotonic()
    answer = httpx.get(f"{server}/api/v1/rollouts/{rollout.pk}?wait=2s", headers=headers)
    assert answer.json()["finished"] is False
    assert time.monotonic() - began >= 2


@pytest.mark.parametrize("is_keyed", [False, True], ids=["bare", "keyed"])
def test_who_asks_a_silent_registry_holds_no_connection(
    server: str, project: Project, settings: Any, is_keyed: bool
) -> None:
    headers = headers_of(factories.make_member(project, Role.DEPLOYER))
    model = factories.make_model(project)
    with listening(None) as registry, ThreadPoolExecutor(ASKED) as pool:
        host = f"127.0.0.1:{registry.port}"
        settings.IMAGE_REGISTRIES = settings.INSECURE_REGISTRIES = [host]
        url = f"{server}/api/v1/projects/{project.name}/models/{model.name}/versions"
        for number in range(ASKED):
            wish = {"version": str(number), "image": f"{host}/scorer:{number}"}
            keyed = {**headers, "Idempotency-Key": str(number)} if is_keyed else headers
            pool.submit(httpx.post, url, headers=keyed, json=wish, timeout=60)
        assert wait_until(lambda: len(registry.taken) >= ASKED or None, timeout_seconds=30)
        assert held_connections() < ASKED


def test_who_does_not_read_an_answer_holds_no_connection(
    server: str, project: Project, headers: Headers
) -> None:
    service = service_of(project)
    path = path_of_log(service).replace("follow=true&", "")
    address = urlsplit(server)
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with api_server(b"x" * 8 * 1024**2) as (url, asked), ExitStack() as held:
        factories.be_at(service.cluster, url)
        for _ in range(CONNECTIONS + 1):
            reader = socket.create_connection((address.hostname, address.port))
            held.enter_context(reader)
            reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{said}\r\n".encode())
            assert reader.recv(9) == b"HTTP/1.1 "
        assert len(asked) == CONNECTIONS + 1
        assert answers(server, headers)


def held_connections() -> int:
    """Return how many connections of the pool, which is of this process, somebody has."""
    pool: Any = connection
    stats = pool.pool.get_stats()
    return int(stats["pool_size"] - stats["pool_available"])


def service_of(project: Project) -> ModelService:
    return factories.make_service(factories.make_environment(project))


def finish(rollout: Rollout) -> None:
    Rollout.objects.filter(pk=rollout.pk).update(finished_at=timezone.now(), phase="Succeeded")
    announce("rollout", rollout.pk, project="fraud")
