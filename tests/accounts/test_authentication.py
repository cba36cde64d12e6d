"""Who calls: tokens, sessions, CSRF, and which of them counts."""

from ipaddress import IPv4Address
from secrets import randbits, token_hex
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import ApiToken, User
from core.api.origin import client_address
from tests.factories import make_user, signed_in

ME = "/api/v1/me"
LOGIN = "/_allauth/browser/v1/auth/login"
SESSION = "/_allauth/browser/v1/auth/session"
SIGNUP = "/_allauth/browser/v1/auth/signup"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db: None) -> User:
    """Somebody of a name that no other test guesses passwords of; guesses are counted in Redis."""
    return make_user(f"ada-{token_hex(4)}", password=PASSWORD)


@pytest.fixture
def browser(db: None) -> APIClient:
    """A browser that has fetched the page: it holds the CSRF cookie and sends it back."""
    address = str(IPv4Address((10 << 24) + randbits(24)))
    client = APIClient(enforce_csrf_checks=True, REMOTE_ADDR=address)
    client.get(SESSION)
    send_csrf(client)
    return client


def send_csrf(client: APIClient) -> None:
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)


def sign_in(client: APIClient, username: str, password: str) -> Any:
    response = client.post(LOGIN, {"username": username, "password": password})
    send_csrf(client)
    return response


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "TOKEN"])
def test_both_schemes_carry_a_token(person: User, scheme: str) -> None:
    _, secret = tokens.issue(person, name="ci", expires_at=None, by=None)
    response: Any = APIClient().get(ME, HTTP_AUTHORIZATION=f"{scheme} {secret}")
    assert response.json()["username"] == person.username
    assert response.json()["token"]["prefix"] == secret[:12]


def test_an_expired_token_is_refused(person: User) -> None:
    response: Any = signed_in(person, expires_at=timezone.now()).get(ME)
    assert response.status_code == 401
    assert response.json()["reason"] == "Unauthenticated"


def test_a_person_signs_in_and_out_with_a_password(person: User, browser: APIClient) -> None:
    assert sign_in(browser, person.username, PASSWORD).status_code == 200
    response: Any = browser.get(ME)
    assert response.json()["username"] == person.username
    assert response.json()["token"] is None
    assert browser.delete(SESSION).status_code == 401
    assert browser.get(ME).status_code == 401


@pytest.mark.parametrize(("name", "password"), [("{}", "wrong"), ("not-{}", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    person: User, browser: APIClient, name: str, password: str
) -> None:
    response = sign_in(browser, name.format(person.username), password)
    assert response.status_code == 400
    assert code_of(response) == "username_password_mismatch"
    assert browser.get(ME).status_code == 401


def test_signing_in_needs_the_csrf_token(person: User, browser: APIClient) -> None:
    browser.credentials()
    response: Any = browser.post(LOGIN, {"username": person.username, "password": PASSWORD})
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "route", ["auth/password/request", "account/email", "account/phone", "auth/code/request"]
)
def test_what_the_dashboard_does_not_ask_for_is_not_there(
    browser: APIClient, person: User, route: str
) -> None:
    browser.force_login(person)
    for method in (browser.get, browser.post):
        response: Any = method(f"/_allauth/browser/v1/{route}", {"email": "a@b.example"})
        assert response.status_code == 404


def test_nobodys_password_is_logged(browser: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    for said in ("Basic YW5uOmh1bnQy", "Bearer hunter2secret"):
        browser.get(ME, HTTP_AUTHORIZATION=said)
    assert "token refused" in caplog.text
    assert "YW5uOmh1" not in caplog.text
    assert "hunter2" not in caplog.text


def test_nobody_signs_up(browser: APIClient) -> None:
    response: Any = browser.post(SIGNUP, {"username": "eve", "password": PASSWORD})
    assert response.status_code == 404
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_X_CSRFTOKEN": "x" * 32},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "https://testserver.evil.example"},
    ],
    ids=["no token", "another token", "foreign origin", "foreign suffix"],
)
def test_a_session_changes_nothing_without_csrf(
    person: User, browser: APIClient, headers: dict[str, str]
) -> None:
    sign_in(browser, person.username, PASSWORD)
    own = {} if "HTTP_ORIGIN" not in headers else browser._credentials
    browser.credentials(**{**own, **headers})
    response: Any = browser.patch(ME, {"language": "en"})
    assert response.status_code == 403
    assert response.json()["reason"] == "Forbidden"
    person.refresh_from_db()
    assert person.language == ""


def test_a_session_with_csrf_may_change(person: User, browser: APIClient) -> None:
    sign_in(browser, person.username, PASSWORD)
    assert browser.patch(ME, {"language": "zh-hans"}).status_code == 200
    person.refresh_from_db()
    assert person.language == "zh-hans"


def test_a_bad_token_is_not_saved_by_a_good_session(person: User, browser: APIClient) -> None:
    """A header that was meant to say who calls must not fall back to a cookie."""
    sign_in(browser, person.username, PASSWORD)
    browser.credentials(HTTP_AUTHORIZATION="Bearer nothing")
    assert browser.get(ME).status_code == 401


def test_a_token_counts_before_a_session(person: User, browser: APIClient) -> None:
    sign_in(browser, person.username, PASSWORD)
    _, secret = tokens.issue(make_user("bob"), name="ci", expires_at=None, by=None)
    browser.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    response: Any = browser.get(ME)
    assert response.json()["username"] == "bob"


def test_a_session_of_somebody_who_may_not_sign_in_any_more_is_over(
    person: User, browser: APIClient
) -> None:
    sign_in(browser, person.username, PASSWORD)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert browser.get(ME).status_code == 401


def test_a_token_stops_working_the_moment_it_is_revoked(person: User) -> None:
    client = signed_in(person)
    assert client.get(ME).status_code == 200
    ApiToken.objects.update(revoked_at=timezone.now())
    assert client.get(ME).status_code == 401


def test_guessing_a_password_ends_after_five_tries(person: User, browser: APIClient) -> None:
    codes = [sign_in(browser, person.username, "wrong").status_code for _ in range(7)]
    assert codes == [400] * 5 + [429] * 2
    right = sign_in(browser, person.username, PASSWORD)
    assert (right.status_code, right["Retry-After"]) == (429, "300")
    assert right.json()["reason"] == "TooManyRequests"
    assert browser.get(ME).status_code == 401


def test_who_guesses_locks_out_nobody_else(person: User, browser: APIClient) -> None:
    """Nor by another spelling of the name, which counts as the same."""
    for name in (person.username, person.username.upper(), person.username.replace("a", "\u0430")):
        for _ in range(3):
            sign_in(browser, name, "wrong")
    assert sign_in(browser, person.username, PASSWORD).status_code == 429
    browser.defaults["REMOTE_ADDR"] = str(IPv4Address((10 << 24) + randbits(24)))
    assert sign_in(browser, person.username, PASSWORD).status_code == 200


def test_addresses_are_those_that_a_stated_number_of_proxies_saw() -> None:
    def address(forwarded: str, proxies: int) -> str | None:
        request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="10.0.0.9")
        with override_settings(TRUSTED_PROXIES=proxies):
            return client_address(request)

    assert address("192.0.2.1", 0) == "10.0.0.9"
    assert address("6.6.6.6, 192.0.2.1", 1) == "192.0.2.1"
    assert address("6.6.6.6, 192.0.2.1, 10.0.0.8", 2) == "192.0.2.1"
    assert address("", 1) == "10.0.0.9"
    assert address("nonsense", 1) is None
    assert address("2001:DB8::1", 1) == "2001:db8::1"


def test_guessing_from_one_address_is_slowed_down(browser: APIClient) -> None:
    answers = [sign_in(browser, f"ada-{n}", "wrong") for n in range(31)]
    assert (answers[-1].status_code, answers[-1]["Retry-After"]) == (429, "60")


def test_a_forged_address_is_a_new_one_to_nobody(browser: APIClient) -> None:
    codes = set()
    for n in range(11):
        send_csrf(browser)
        body = {"username": f"ada-{token_hex(4)}", "password": "wrong"}
        answer: Any = browser.post(LOGIN, body, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
        codes.add(answer.status_code)
    assert 429 in codes


def test_without_redis_signing_in_is_refused_and_not_unlimited(
    person: User, browser: APIClient
) -> None:
    browser.raise_request_exception = False
    away = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    with override_settings(CACHES=away):
        response: Any = sign_in(browser, person.username, PASSWORD)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"


def code_of(response: Any) -> str:
    """Return why a sign-in was refused."""
    return str(response.json()["errors"][0]["code"])
