"""What surrounds every page: the session, the live channel, the look, the keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import add_service, furnish
from tests.e2e.browser.visit import Visit

PROJECT = fresh("shell")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"
# More than stands in front of anything that is looked for.
MOST_KEYS = 60


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A project with a service that runs, and a deployer."""
    api = Api(stack)
    furnish(api, PROJECT, dana="deployer")
    return api


def sign_in(visit: Visit, username: str, password: str) -> None:
    visit.fill(accounts__username=username, accounts__password=password)
    visit.button("accounts.signIn").click()


def test_pages_ask_by_themselves_where_the_stream_is_blocked(arrive: Arrive, api: Api) -> None:
    visit = arrive("dana")
    visit.expect_complaint("net::ERR_FAILED")
    # A browser without workers that pages share: their requests cannot be blocked from here.
    visit.page.add_init_script("delete window.SharedWorker")
    visit.page.route("**/api/v1/stream", lambda route: route.abort())
    visit.go(f"/projects/{PROJECT}/services")
    expect(visit.page.get_by_role("status")).to_contain_text(visit.words("shell.polling"))
    name = f"polled-{visit.words.language}"
    add_service(api, ENVIRONMENT, name)
    expect(visit.link(name)).to_be_visible()


def test_changes_appear_by_themselves(arrive: Arrive, api: Api) -> None:
    visit = arrive("dana")
    visit.go(f"/projects/{PROJECT}/services")
    expect(visit.page.get_by_role("status")).to_have_text(visit.words("shell.live"))
    name = f"live-{visit.words.language}"
    add_service(api, ENVIRONMENT, name)
    # Sooner than polling would have found it.
    expect(visit.link(name)).to_be_visible(timeout=4_000)


def test_language_and_theme_are_remembered(arrive: Arrive, api: Api) -> None:
    visit = arrive("dana")
    visit.go("/projects")
    other = {"en": "中文", "zh": "English"}[visit.words.language]
    visit.button("shell.language").click()
    visit.page.get_by_role("menuitem", name=other).click()
    visit.words = type(visit.words)({"en": "zh", "zh": "en"}[visit.words.language])
    visit.button("shell.theme").click()
    visit.page.get_by_role("menuitem", name=visit.words("shell.dark")).click()
    for _ in range(2):
        expect(visit.heading(visit.words("projects.title"))).to_be_visible()
        expect(visit.page.locator("html")).to_have_css("color-scheme", "dark")
        visit.page.reload()


def test_an_ended_session_leads_to_the_door_and_back(
    arrive: Arrive, api: Api, passwords: dict[str, str]
) -> None:
    visit = arrive("dana")
    visit.expect_complaint("401 (Unauthorized)")
    visit.go(f"/projects/{PROJECT}/services?health=Stopped")
    # Nothing is asked any more that would find the session ended before somebody clicks.
    expect(visit.page.get_by_role("status")).to_have_text(visit.words("shell.live"))
    expect(visit.page.locator(".ant-table")).to_be_visible()
    visit.page.context.clear_cookies()
    visit.link(visit.words("projects.tabs.models")).click()
    expect(visit.button("accounts.signIn")).to_be_visible()
    sign_in(visit, "dana", passwords["dana"])
    expect(visit.page).to_have_url(re.compile(f"/projects/{PROJECT}/models$"))
    expect(visit.heading(PROJECT)).to_be_visible()


def test_a_wrong_password_is_refused_in_words(arrive: Arrive, api: Api) -> None:
    visit = arrive()
    for status in ("400 (Bad Request)", "401 (Unauthorized)"):
        visit.expect_complaint(status)
    visit.go("/rollouts")
    sign_in(visit, "dana", "guessed")
    expect(visit.page.get_by_role("alert")).to_contain_text(visit.words("reasons.SignInRefused"))


def test_the_keyboard_is_enough(arrive: Arrive, api: Api, passwords: dict[str, str]) -> None:
    visit = arrive()
    visit.expect_complaint("401 (Unauthorized)")
    page = visit.page
    visit.go("/projects")
    expect(visit.field(visit.words("accounts.username"))).to_be_focused()
    page.keyboard.type("dana")
    page.keyboard.press("Tab")
    page.keyboard.type(passwords["dana"])
    page.keyboard.press("Enter")

    expect(visit.heading(visit.words("projects.title"))).to_be_visible()
    follow(page, PROJECT)
    expect(visit.heading(PROJECT)).to_be_visible()
    follow(page, visit.words("projects.tabs.services"))
    # The page before names the service, too, until the list takes its place.
    expect(page).to_have_url(re.compile("/services$"))
    follow(page, "scorer")
    expect(visit.heading("scorer")).to_be_visible()
    follow(page, visit.words("serving.verbs.scale"))
    expect(visit.dialog).to_be_visible()
    expect(visit.field(visit.words("ui.replicas"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(visit.dialog).to_be_hidden()


def follow(page: Page, name: str) -> None:
    """Go from one thing to the next until the one with this name, and take it."""
    expect(page.get_by_text(name, exact=True).first).to_be_visible()
    for _ in range(MOST_KEYS):
        if focused(page).endswith(name):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_KEYS} keys did not lead to {name}, but to {focused(page)}")


def focused(page: Page) -> str:
    """Return the text of what has the focus."""
    text: str = page.evaluate("document.activeElement.innerText")
    return text.strip()
