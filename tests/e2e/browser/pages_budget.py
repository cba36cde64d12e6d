"""`make pages`: what a cold page may cost: files, bytes, and jumps of what is read."""

import pytest
from playwright.sync_api import Request, expect

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import PAGES, furnish
from tests.e2e.browser.shifts import MOST_SHIFT, SHIFTS
from tests.e2e.browser.visit import Visit

MOST_REQUESTS, MOST_SCRIPT_BYTES = 20, 250_000
# How long a page may still ask for something when it has said what it has.
SETTLING_MS = 1_000


@pytest.fixture
def language() -> str:
    """One language: what a page costs hardly depends on words."""
    return "en"


@pytest.fixture(scope="module")
def names(stack: Demo) -> dict[str, str]:
    return furnish(Api(stack), fresh("budget"))


@pytest.mark.parametrize("path", PAGES)
def test_a_cold_page_is_few_requests_and_does_not_jump(
    arrive: Arrive, names: dict[str, str], path: str
) -> None:
    visit = arrive("admin")
    visit.page.add_init_script(SHIFTS)
    requests = loaded(visit, path.format(**names))
    assert len(requests) <= MOST_REQUESTS, [request.url for request in requests]
    assert visit.page.evaluate("window.shifted") <= MOST_SHIFT, visit.page.evaluate("window.moved")


def test_the_first_page_has_little_javascript(arrive: Arrive) -> None:
    requests = loaded(arrive("admin"), "/")
    scripts = [request for request in requests if request.resource_type == "script"]
    assert scripts
    size = sum(script.sizes()["responseBodySize"] for script in scripts)
    assert size <= MOST_SCRIPT_BYTES


def loaded(visit: Visit, path: str) -> list[Request]:
    """Open a page and wait until it has everything; return what it asked for."""
    requests: list[Request] = []
    visit.page.on("request", lambda request: requests.append(request))
    visit.go(path)
    expect(visit.page.get_by_role("status").first).to_have_text(visit.words("shell.live"))
    expect(visit.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
    # Not `networkidle`, which a stream keeps away.
    visit.page.wait_for_timeout(SETTLING_MS)
    return requests
