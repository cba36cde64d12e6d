"""`Idempotency-Key`: a POST that is repeated changes nothing more."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.idempotency import KEY_LIFETIME
from accounts.models import IdempotentRequest
from core.errors import Unavailable
from projects.models import Project
from tests.factories import make_user, signed_in

PROJECTS = "/api/v1/projects"
SEARCH = {"name": "search"}


@pytest.fixture
def client(db: None) -> APIClient:
    return signed_in(make_user(is_platform_admin=True))


def post(client: APIClient, body: dict[str, str] = SEARCH, *, key: str = "once") -> Any:
    return client.post(PROJECTS, body, HTTP_IDEMPOTENCY_KEY=key)


def test_a_repeated_request_gets_its_first_answer(client: APIClient) -> None:
    first, second = post(client), post(client)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert {n: first[n] for n in ("Content-Type", "ETag")} == {
        n: second[n] for n in ("Content-Type", "ETag")
    }
    assert Project.objects.count() == 1


def test_a_refusal_is_the_same_refusal_again(client: APIClient) -> None:
    body = {"name": "Not A Label"}
    first, second = post(client, body), post(client, body)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code == 400
    assert second["Content-Type"] == "application/problem+json"


def test_another_body_is_refused(client: APIClient) -> None:
    post(client)
    response = post(client, {"name": "other"})
    assert response.status_code == 422
    assert response.json()["reason"] == "IdempotencyKeyReused"
    assert not Project.objects.filter(name="other").exists()


def test_the_same_body_at_another_path_is_another_request(client: APIClient) -> None:
    post(client)
    response = client.post("/api/v1/projects/search/models", SEARCH, HTTP_IDEMPOTENCY_KEY="once")
    assert response.status_code == 422


def test_keys_of_two_callers_are_apart(client: APIClient) -> None:
    post(client)
    other = signed_in(make_user(is_platform_admin=True))
    response = post(other, {"name": "other"})
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response


def test_a_request_without_a_key_is_not_remembered(client: APIClient) -> None:
    assert client.post(PROJECTS, SEARCH).status_code == 201
    assert client.post(PROJECTS, SEARCH).status_code == 409
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"], ids=["empty", "long", "control"])
def test_a_malformed_key_is_refused(client: APIClient, key: str) -> None:
    assert post(client, key=key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_what_dies_before_its_answer_is_kept_has_changed_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The repeat is carried out at once, and once."""
    client = signed_in(make_user(is_platform_admin=True))
    with monkeypatch.context() as patched:
        patched.setattr("accounts.idempotency.finish", None)
        client.raise_request_exception = False
        assert post(client).status_code == 500
    assert not Project.objects.exists()
    assert post(client).status_code == 201
    assert Project.objects.count() == 1


def test_an_answer_is_kept_for_a_day(client: APIClient) -> None:
    post(client)
    IdempotentRequest.objects.update(created_at=timezone.now() - KEY_LIFETIME)
    response = post(client, {"name": "other"})
    assert response.status_code == 201
    assert IdempotentRequest.objects.count() == 1


def test_an_answer_of_our_own_failure_is_not_kept(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise Unavailable("The cluster is away.")

    with monkeypatch.context() as patched:
        patched.setattr("projects.actions.create_project", away)
        assert post(client).status_code == 503
    assert post(client).status_code == 201


def test_a_crash_is_not_kept_either(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("projects.actions.create_project", None)
        assert post(client).status_code == 500
    assert post(client).status_code == 201


def test_nothing_is_kept_for_callers_that_are_not_known(db: None) -> None:
    assert post(APIClient()).status_code == 401
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_time_one_acts() -> None:
    """The database's constraint decides; the others wait for its answer."""
    user = make_user(is_platform_admin=True)
    clients = [signed_in(user) for _ in range(8)]
    barrier = Barrier(len(clients))

    def race(client: APIClient) -> int:
        barrier.wait()
        try:
            return int(post(client).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as threads:
        codes = sorted(threads.map(race, clients))
    assert set(codes) == {201}, "each sees the answer of the one that acted"
    assert Project.objects.count() == 1
    assert IdempotentRequest.objects.get().status == 201
