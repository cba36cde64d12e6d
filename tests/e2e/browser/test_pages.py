"""Every page, opened cold: what it asks for, whether it jumps, whether everybody can read it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from core.waiting import wait_until
from embedded.demo import Demo
from embedded.home import CHECKOUT
from tests.e2e.api import Api
from tests.e2e.browser.conftest import fresh
from tests.e2e.browser.pages import PAGES, furnish
from tests.e2e.browser.shifts import MOST_SHIFT, SHIFTS
from tests.e2e.browser.visit import PATIENCE_MS, Look, Visit, session_of, visiting

MOST_REQUESTS, MOST_SCRIPT_BYTES = 20, 250_000
PHONE_WIDTHS = (360, 414)
AXE = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# What can differ in the dark.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
GRAVE = {"serious", "critical"}
LOADING = ".ant-skeleton, .ant-spin-spinning"
# What the page waits for without end: its worker, and lines as they are written.
ENDLESS = ("stream.worker", "follow=true")
# Frames are drawn and deferred work is done before a browser idles.
IDLE = """new Promise((done) =>
    requestAnimationFrame(() => requestIdleCallback(() => setTimeout(done))))"""
SCRIPT_BYTES = """performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".js"))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""


class Asked:
    """What a page asks for, and what of it has not come yet."""

    def __init__(self, page: Page) -> None:
        self.addresses: dict[str, None] = {}
        self.awaited: set[Request] = set()
        page.on("request", self.see)
        page.on("requestfinished", self.forget)
        page.on("requestfailed", self.forget)

    def see(self, request: Request) -> None:
        # What changes meanwhile is asked for again, which is no cost of the page.
        self.addresses[request.url] = None
        if not any(part in request.url for part in ENDLESS):
            self.awaited.add(request)

    def forget(self, request: Request) -> None:
        self.awaited.discard(request)


@pytest.fixture(scope="module")
def names(stack: Demo) -> dict[str, str]:
    return furnish(Api(stack), fresh("pages"))


@pytest.fixture(scope="module")
def cookies(stack: Demo) -> list[dict[str, Any]]:
    facts = stack.home.demo()
    return session_of(stack.url, facts["username"], facts["password"])


@pytest.fixture
def visit(browser: Browser, stack: Demo, cookies: list[dict[str, Any]]) -> Iterator[Visit]:
    """A browser that was never here, in its system's theme and the language of longer words."""
    with visiting(browser, stack.url, look=Look(theme="system"), cookies=cookies) as visit:
        yield visit


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_cheap_stays_where_it_is_and_can_be_read(
    visit: Visit, names: dict[str, str], path: str
) -> None:
    page = visit.page
    page.add_init_script(SHIFTS)
    asked = settled(visit, path.format(**names))
    assert len(asked.addresses) <= MOST_REQUESTS, list(asked.addresses)
    assert page.evaluate("window.shifted") <= MOST_SHIFT, page.evaluate("window.moved")
    assert page.locator("h1").count() == 1
    page.evaluate(AXE.read_text())
    assert grave_faults(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    page.evaluate(IDLE)
    assert grave_faults(page, runOnly=OF_COLOURS) == []
    for width in PHONE_WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(IDLE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, widest(page, width)


def test_the_first_page_has_little_javascript(visit: Visit) -> None:
    settled(visit, "/")
    assert 0 < visit.page.evaluate(SCRIPT_BYTES) <= MOST_SCRIPT_BYTES


def settled(visit: Visit, path: str) -> Asked:
    """Open a page and wait until it waits for nothing; return what it asked for."""
    page, asked = visit.page, Asked(visit.page)
    visit.go(path)
    expect(page.locator("h1")).to_be_visible()

    def is_quiet() -> bool:
        was_quiet = not asked.awaited
        page.evaluate(IDLE)
        return was_quiet and not asked.awaited and page.locator(LOADING).count() == 0

    assert wait_until(lambda: is_quiet() or None, timeout_seconds=PATIENCE_MS / 1000), [
        request.url for request in asked.awaited
    ]
    return asked


def grave_faults(page: Page, **options: Any) -> list[Any]:
    """Return what axe finds, as its name and where."""
    found = page.evaluate(
        "options => axe.run(document, options)", {"resultTypes": ["violations"], **options}
    )
    return [
        (fault["id"], node["html"][:200], node["failureSummary"][:200])
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:3]
    ]


def widest(page: Page, width: int) -> Any:
    """Name what stands out to the right."""
    return page.evaluate(
        """width => [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > width + 1)
            .map(one => one.tagName + '.' + one.className).slice(0, 8)""",
        width,
    )
