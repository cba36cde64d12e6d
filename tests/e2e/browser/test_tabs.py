"""Many pages of one browser: a host gets six connections, and every page wants to be live."""

import httpx
from playwright.sync_api import Page, expect

from core.waiting import wait_until
from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.visit import Visit

TABS = 7


def is_live(visit: Visit, page: Page) -> None:
    """Expect a page to have its content, and to be live."""
    expect(page.get_by_role("heading", name=visit.words("projects.title"))).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(visit.words("shell.live"))


def streams_of(stack: Demo) -> int:
    """Return how many streams the server has open."""
    said = httpx.get(f"{stack.url}/metrics", trust_env=False).text
    (line,) = (s for s in said.splitlines() if s.startswith('slipway_waiting{kind="stream"}'))
    return int(float(line.split()[1]))


def test_seven_tabs_are_live_on_one_stream(arrive: Arrive, api: Api, stack: Demo) -> None:
    before, visit = streams_of(stack), arrive("admin")
    pages = [visit.page, *(visit.page.context.new_page() for _ in range(TABS - 1))]
    for page in pages:
        page.goto(f"{visit.url}/projects")
        is_live(visit, page)
    assert streams_of(stack) == before + 1
    name = fresh("tabs")
    api.post("projects", {"name": name})
    for page in pages:
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=4_000)
    for page in pages[1:]:
        page.close()
    assert streams_of(stack) == before + 1


def test_back_and_forward_leave_no_stream_behind(arrive: Arrive, stack: Demo) -> None:
    before, visit = streams_of(stack), arrive("admin")
    visit.go("/projects")
    is_live(visit, visit.page)
    for _ in range(TABS):
        visit.go("/api/docs/")
        visit.page.go_back()
        is_live(visit, visit.page)
    wanted = before + 1
    assert wait_until(lambda: streams_of(stack) == wanted or None, timeout_seconds=10)
