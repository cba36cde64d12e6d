"""The servers of all clusters, on a fleet where nothing happens."""

import pytest
from playwright.sync_api import Request, expect

from embedded.demo import Demo
from tests.e2e.browser.conftest import Arrive
from tests.e2e.browser.shifts import MOST_SHIFT, SHIFTS
from tests.e2e.browser.visit import Visit

# Longer than between two heartbeats, two probes and two looks for clusters that fell silent.
IDLE_MS = 20_000
# How often the page is opened before the fleet is at rest: what has just come up still changes.
MOST_LOOKS = 9
# What the server announces while a test looks on.
LISTEN = """
    window.announced = [];
    const stream = new EventSource("/api/v1/stream");
    stream.onopen = () => { window.listening = true; };
    stream.onmessage = ({ data }) => window.announced.push(data);
"""


@pytest.fixture
def language() -> str:
    """One language: what is asked of the server does not depend on words."""
    return "en"


def opened(visit: Visit) -> Visit:
    """Open the page, and wait until it has everything and is live."""
    visit.go("/fleet")
    expect(visit.page.locator("table .ant-table-row").first).to_be_visible()
    expect(visit.page.get_by_role("status")).to_have_text(visit.words("shell.live"))
    return visit


def test_a_fleet_where_nothing_happens_is_not_asked_for_again(arrive: Arrive, stack: Demo) -> None:
    visit = arrive(stack.home.demo()["username"])
    # Before the page's own stream, so that it hears nothing that we do not.
    visit.page.add_init_script(LISTEN)
    for _ in range(MOST_LOOKS):
        announced, asked = look_on(visit)
        if not announced:
            assert asked == []
            return
    pytest.fail(f"the fleet never came to rest: {announced}")


def look_on(visit: Visit) -> tuple[list[str], list[str]]:
    """Open the page and let it be; return what is announced meanwhile, and what it asks for.

    It is opened anew each time: a page looks again by itself a minute after it last asked.
    """
    opened(visit)
    visit.page.wait_for_function("listening")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/api/" in request.url:
            asked.append(request.url)

    visit.page.on("request", note)
    visit.page.wait_for_timeout(IDLE_MS)
    visit.page.remove_listener("request", note)
    # Elsewhere services may run, and what they use is told twice a minute.
    heard = [told for told in visit.page.evaluate("announced") if '"usage"' not in told]
    return heard, asked


def test_the_page_comes_without_a_jump(arrive: Arrive, stack: Demo) -> None:
    visit = arrive(stack.home.demo()["username"])
    visit.page.add_init_script(SHIFTS)
    opened(visit)
    assert visit.page.evaluate("window.shifted") <= MOST_SHIFT, visit.page.evaluate("window.moved")
