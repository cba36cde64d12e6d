"""Who came in, who did not, and what was refused: written down, with the address, and bounded."""

from datetime import timedelta
from ipaddress import IPv4Address
from secrets import randbits, token_hex
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from audit.access import MOST_FROM_AN_ADDRESS
from audit.models import AuditEvent
from projects.models import Role
from tests.factories import make_member, make_project, make_robot, make_user, signed_in

pytestmark = pytest.mark.django_db
PASSWORD, OTHER = "correct horse battery staple", "incorrect donkey battery clip"
AUTH = "/_allauth/browser/v1"


@pytest.fixture
def person() -> User:
    return make_user(f"ada-{token_hex(4)}", password=PASSWORD)


@pytest.fixture
def browser() -> APIClient:
    address = str(IPv4Address((10 << 24) + randbits(24)))
    return APIClient(REMOTE_ADDR=address, HTTP_USER_AGENT="Firefox")


def sign_in(client: APIClient, username: str, password: str) -> Any:
    return client.post(f"{AUTH}/auth/login", {"username": username, "password": password})


def written(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


def test_a_session_is_written_down_from_its_start_to_its_end(
    person: User, browser: APIClient
) -> None:
    sign_in(browser, person.username, PASSWORD)
    browser.delete(f"{AUTH}/auth/session")
    start, end = AuditEvent.objects.order_by("id")
    assert (start.action, end.action) == ("session.start", "session.end")
    for event in (start, end):
        assert (event.actor, event.actor_kind, event.user) == (person.username, "user", person)
        assert event.address == browser.defaults["REMOTE_ADDR"]
        assert (event.user_agent, event.object_id) == ("Firefox", str(person.pk))


def test_a_wrong_password_is_written_down_and_what_was_typed_is_not(
    person: User, browser: APIClient
) -> None:
    sign_in(browser, person.username, "wrong-canary")
    event = written("session.refuse")
    assert (event.actor, event.actor_kind, event.object_name) == ("", "anonymous", person.username)
    assert event.address == browser.defaults["REMOTE_ADDR"]
    sign_in(browser, "password-canary", "x")
    rows = AuditEvent.objects.filter(action="session.refuse")
    assert rows.count() == 2
    assert "canary" not in str(list(rows.values()))


def test_a_lock_out_is_written_down(person: User, browser: APIClient) -> None:
    for _ in range(6):
        sign_in(browser, person.username, "wrong")
    assert AuditEvent.objects.filter(action="session.refuse").count() == 5
    assert written("session.lock").object_id == str(person.pk)


def test_a_password_that_its_owner_changes_is_written_down(
    person: User, browser: APIClient
) -> None:
    sign_in(browser, person.username, PASSWORD)
    body = {"current_password": PASSWORD, "new_password": OTHER}
    assert browser.post(f"{AUTH}/account/password/change", body).status_code == 200
    event = written("password.update")
    assert (event.actor, event.object_id) == (person.username, str(person.pk))
    assert OTHER not in str(AuditEvent.objects.values())


def test_who_does_not_know_the_password_that_they_would_change_is_written_down(
    person: User, browser: APIClient
) -> None:
    sign_in(browser, person.username, PASSWORD)
    body = {"current_password": "wrong-canary", "new_password": OTHER}
    assert browser.post(f"{AUTH}/account/password/change", body).status_code == 400
    event = written("password.refuse")
    assert (event.actor, event.object_id) == (person.username, str(person.pk))
    assert event.address == browser.defaults["REMOTE_ADDR"]
    assert "canary" not in str(AuditEvent.objects.values())
    weak = {"current_password": PASSWORD, "new_password": "x"}
    assert browser.post(f"{AUTH}/account/password/change", weak).status_code == 400
    assert AuditEvent.objects.filter(action="password.refuse").count() == 1


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"revoked_at": timezone.now()}, "revoked"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired"),
    ],
    ids=["revoked", "expired"],
)
def test_a_token_that_is_used_after_its_end_is_written_down(
    change: dict[str, Any], because: str
) -> None:
    robot = make_robot(make_project("fraud"), Role.DEPLOYER)
    client = signed_in(robot)
    ApiToken.objects.update(**change)
    assert client.get("/api/v1/me").status_code == 401
    event = written("token.refuse")
    assert (event.actor_kind, event.actor, event.after) == ("robot", "ci-bot", {"because": because})
    assert event.token_prefix == ApiToken.objects.get().prefix


def test_a_secret_that_is_no_tokens_is_nobodys() -> None:
    client = APIClient(HTTP_AUTHORIZATION="Bearer slp_made_up_00000000")
    assert client.get("/api/v1/me").status_code == 401
    assert not AuditEvent.objects.exists()


def test_a_refusal_is_written_down_in_the_project_that_it_is_about() -> None:
    project = make_project("fraud")
    viewer = make_member(project, Role.VIEWER)
    response: Any = signed_in(viewer).post("/api/v1/projects/fraud/tokens", {"name": "ci"})
    assert response.status_code == 403
    event = written("request.refuse")
    assert event.object_name == "POST /api/v1/projects/fraud/tokens"
    assert (event.actor, event.actor_kind, event.actor_token) == (viewer.username, "token", "test")
    assert (event.project_id, event.request_id) == (project.pk, response["X-Request-ID"])


def test_a_refusal_of_a_repeatable_request_is_written_down_too() -> None:
    """Its transaction is over by then."""
    viewer = signed_in(make_member(make_project("fraud"), Role.VIEWER))
    viewer.post("/api/v1/projects/fraud/tokens", {"name": "ci"}, HTTP_IDEMPOTENCY_KEY="once")
    assert written("request.refuse").project == "fraud"


def test_a_flood_of_refusals_is_bounded_for_an_address_and_for_all(browser: APIClient) -> None:
    client = signed_in(make_user())
    for _ in range(MOST_FROM_AN_ADDRESS + 5):
        assert client.post("/api/v1/projects", {"name": "x"}).status_code == 403
    assert AuditEvent.objects.filter(action="request.refuse").count() == MOST_FROM_AN_ADDRESS
    client.post("/api/v1/projects", {"name": "x"}, REMOTE_ADDR="192.0.2.1")
    assert AuditEvent.objects.filter(address="192.0.2.1").exists()


def test_one_subscriber_is_one_address(browser: APIClient) -> None:
    client = signed_in(make_user())
    for n in range(MOST_FROM_AN_ADDRESS + 5):
        client.post("/api/v1/projects", {"name": "x"}, REMOTE_ADDR=f"2001:db8::{n:x}:1")
    assert AuditEvent.objects.filter(action="request.refuse").count() == MOST_FROM_AN_ADDRESS
    client.post("/api/v1/projects", {"name": "x"}, REMOTE_ADDR="2001:db8:0:1::1")
    assert AuditEvent.objects.filter(address="2001:db8:0:1::1").exists()


def test_no_user_agent_is_too_long(person: User, browser: APIClient) -> None:
    browser.defaults["HTTP_USER_AGENT"] = "x" * 10_000
    sign_in(browser, person.username, PASSWORD)
    assert written("session.start").user_agent == "x" * 255


@override_settings(TRUSTED_PROXIES=1)
def test_behind_a_proxy_the_address_is_what_the_proxy_saw(person: User, browser: APIClient) -> None:
    browser.defaults["HTTP_X_FORWARDED_FOR"] = "6.6.6.6, 192.0.2.7"
    sign_in(browser, person.username, PASSWORD)
    assert written("session.start").address == "192.0.2.7"
