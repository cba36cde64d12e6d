"""`make screenshots`: every page and dialog, in both languages and themes and at three widths."""

import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from embedded.demo import Demo
from embedded.home import CHECKOUT
from embedded.story import tell_story
from tests.e2e.api import Api
from tests.e2e.browser.visit import Look, Visit, session_of, visiting
from tests.screenshots.shots import PROJECT, SERVICES, SHOTS, Shot

FOLDER = CHECKOUT / ".slipway" / "screenshots"
README = CHECKOUT / "docs"
MOST_BYTES = 200_000
SIZES = ((390, 844), (1280, 800), (1920, 1080))
LOOKS = [
    Look(language, theme, *size)
    for language, theme, size in product(("zh", "en"), ("light", "dark"), SIZES)
]


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """The story, told, and a folder without old pictures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    facts = stack.home.demo()
    kubectl = [facts["kubectl"], f"--kubeconfig={facts['kubeconfig']}"]
    tell_story(facts["url"], facts["token"], kubectl)
    return Api(stack)


@pytest.fixture(scope="module")
def cookies(stack: Demo, api: Api) -> list[dict[str, Any]]:
    facts = stack.home.demo()
    return session_of(stack.url, facts["username"], facts["password"])


@pytest.fixture(scope="module")
def rollouts(api: Api) -> Iterator[dict[str, str]]:
    """Rollouts by what became of them; one is paused."""
    path = f"{SERVICES}/device-risk/rollouts"
    wish = {"version": "1", "reason": "Compare with the model before."}
    paused = api.post(path, wish, expect=202)["id"]
    api.post(f"rollouts/{paused}/pause", expect=200)
    newest = {
        phase.lower(): api.get("rollouts", phase=phase, kind="deploy", limit=1)["results"][0]["id"]
        for phase in ("Succeeded", "Failed")
    }
    yield {**newest, "paused": paused}
    api.post(f"rollouts/{paused}/abort", expect=200)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, names(look))))
def test_screenshots(
    browser: Browser,
    stack: Demo,
    cookies: list[dict[str, Any]],
    rollouts: dict[str, str],
    look: Look,
) -> None:
    folder = FOLDER.joinpath(*names(look))
    with visiting(browser, stack.url, look=look, cookies=cookies) as visit:
        # The nodes are simulated: no container has a log. One address leads nowhere on purpose.
        for expected in ("/logs?", "nothing-here"):
            visit.expect_complaint(expected)
        for shot in SHOTS:
            show(visit, shot, rollouts)
            # A dialog covers only what is in sight.
            take(visit.page, folder / f"{shot.name}.png", full_page=not shot.presses)
    with visiting(browser, stack.url, look=look) as visit:
        visit.expect_complaint("401 (Unauthorized)")
        visit.go("/login")
        expect(visit.button("accounts.signIn")).to_be_visible()
        take(visit.page, folder / "sign-in.png")


def test_pictures_of_the_readme(
    browser: Browser, stack: Demo, cookies: list[dict[str, Any]], api: Api
) -> None:
    look = Look(height=960)
    with visiting(browser, stack.url, look=look, cookies=cookies) as visit:
        show(visit, Shot("project", PROJECT), {})
        take(visit.page, README / "project.png", full_page=False)
        rollout = api.post(f"{SERVICES}/scorer/restart", expect=202)
        visit.go(f"/rollouts/{rollout['id']}")
        settle(visit.page)
        take(visit.page, README / "rollout.png", full_page=False)
        api.wait(rollout)
    for picture in README.glob("*.png"):
        assert picture.stat().st_size <= MOST_BYTES, picture


def names(look: Look) -> tuple[str, str, str]:
    """Return the folders of a look."""
    return look.language, look.theme, str(look.width)


def show(visit: Visit, shot: Shot, rollouts: dict[str, str]) -> None:
    """Open a page, and the dialog on it; wait until nothing is loading."""
    visit.go(shot.path.format(**rollouts))
    settle(visit.page)
    expect(visit.page.locator("#content").get_by_text(visit.words("ui.loading"))).to_have_count(0)
    if shot.presses:
        visit.button(shot.presses).first.click()
        settle(visit.page)
        # Waits until it has stopped moving, and hovers over nothing.
        visit.dialog.get_by_role("button").last.hover(trial=True)


# Resolves when nothing on the page has changed for as long as a page is made in steps.
AT_REST = """() => new Promise((rest) => {
    const done = () => { watch.disconnect(); rest(true); };
    let timer = setTimeout(done, 300);
    const watch = new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(done, 300);
    });
    watch.observe(document.body, { subtree: true, childList: true });
})"""


def settle(page: Page) -> None:
    """Wait until nothing on the page says that it loads, and nothing is made any more."""
    expect(page.locator("#content").locator("h1, .ant-result, .ant-alert").first).to_be_visible()
    page.evaluate(AT_REST)
    expect(page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
    expect(page.locator(".slipway-chart:not(:has(canvas))")).to_have_count(0)
    page.evaluate(AT_REST)


def take(page: Page, file: Path, *, full_page: bool = True) -> None:
    """Take a picture, with all movement at its end and without the blinking of the cursor."""
    page.screenshot(path=file, full_page=full_page, animations="disabled", caret="hide")
